import type { Command } from '../host/hosts.ts';
import { type Found, type Holding, judgeHoldings } from '../plan/holdings.ts';
import { destroyBookmarkArgs, inheritArgs } from '../zfs/change-args.ts';
import { ownMarks, ownProperties } from '../zfs/dataset.ts';
import type { DatasetName, ShortName } from '../zfs/dataset-name.ts';
import { listHoldsArgs, parseHolds, releaseArgs } from '../zfs/hold-args.ts';
import { listBookmarksArgs, listHeldArgs, listPoolsArgs, usedArgs } from '../zfs/holdings-args.ts';
import { getMarksArgs } from '../zfs/list-args.ts';
import { parseMarks } from '../zfs/list-output.ts';
import { portions } from '../zfs/portions.ts';
import { commandError, firstFailure, type Problem, problemOf } from './problem.ts';
import type { World } from './world.ts';

/** A host, or a part of it. */
export type Area = { readonly host: string; readonly dataset: DatasetName | undefined };

/** All that is ours in these places. @throws ZferryError where one cannot be listed */
export async function listHoldings(world: World, areas: readonly Area[]): Promise<Holding[]> {
  const found = await Promise.all(areas.map(async (area) => await findIn(world, area)));
  return judgeHoldings(found);
}

async function findIn(world: World, { host, dataset }: Area): Promise<Found> {
  const ask = async (doing: string, lines: readonly (readonly string[])[]): Promise<string[]> => {
    if (lines.length === 0) return [];
    const commands = lines.map((argv) => ({ argv }));
    const { results } = await world.hosts.run({ host, commands }, { signal: world.signal });
    const failed = firstFailure(results);
    if (failed) throw commandError(host, failed, doing);
    return results.map(({ stdout }) => stdout);
  };
  const pools = dataset === undefined ? await ask('Listing the pools', [listPoolsArgs()]) : [dataset];
  const roots = pools.flatMap((text) => rowsOf(text).map(([name = '']) => name as DatasetName));
  const texts = await ask(
    'Listing what is held',
    roots.flatMap((root) => [getMarksArgs(root, ownMarks), listBookmarksArgs(root), listHeldArgs(root)]),
  );
  const part = (index: number): string => texts.filter((_, i) => i % 3 === index).join('');
  const marks = parseMarks(part(0));
  const snapshots = rowsOf(part(2)).filter(([, , , userrefs]) => Number(userrefs) > 0);
  const names = snapshots.map(([name = '']) => name);
  const tags = names.length === 0 ? [] : await ask('Listing holds', portions(names).map(listHoldsArgs));
  const byName = parseHolds(tags.join(''));
  const copies = marks.filter(({ property }) => property === ownProperties.aside).map(({ name }) => name);
  const sizes = copies.length === 0 ? [] : await ask('Listing sizes', [usedArgs(copies)]);
  return {
    host,
    marks,
    bookmarks: rowsOf(part(1)).map(pointOf),
    holds: snapshots.flatMap((row) =>
      (byName.get(row[0] ?? '') ?? []).map((tag) => ({ ...pointOf(row), tag })),
    ),
    used: new Map(rowsOf(sizes.join('')).map(([name = '', used]) => [name as DatasetName, Number(used)])),
  };
}

function pointOf([name = '', createtxg, creation]: readonly string[]) {
  const dataset = name.slice(0, name.search(/[@#]/)) as DatasetName;
  return { dataset, name, createtxg: Number(createtxg), creation: Number(creation) };
}

function rowsOf(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
}

/** Lets go of them, a command a host. @returns what would not go, and why */
export async function letGoOf(
  world: World,
  holdings: readonly Holding[],
): Promise<{ readonly holding: Holding; readonly problem: Problem }[]> {
  const failures: { readonly holding: Holding; readonly problem: Problem }[] = [];
  for (const [host, mine] of Map.groupBy(holdings, (one) => one.host)) {
    const work = mine.flatMap((holding) => releaseLines(holding).map((argv) => ({ holding, argv })));
    if (work.length === 0) continue;
    const commands: Command[] = work.map(({ argv }) => ({ argv, optional: true as const }));
    const { results } = await world.hosts.run({ host, commands }, { signal: world.signal });
    for (const [index, result] of results.entries()) {
      const holding = work[index]?.holding;
      if (holding === undefined || result.status === 0) continue;
      const error = commandError(host, result, `Letting go of ${holding.name}`);
      failures.push({ holding, problem: problemOf(error) });
    }
  }
  return failures;
}

function releaseLines(holding: Holding): string[][] {
  switch (holding.kind) {
    case 'hold':
      return [releaseArgs(holding.tag, [holding.name])];
    case 'bookmark':
      return [
        destroyBookmarkArgs(holding.dataset, holding.name.slice(holding.name.indexOf('#') + 1) as ShortName),
      ];
    case 'properties':
      return holding.properties.map((property) => inheritArgs(property, holding.dataset));
    case 'copy':
      return [];
  }
}
