import { findLeftOut } from '../plan/left-out.ts';
import { isOwnSnapshot } from '../plan/own-snapshot.ts';
import { onHost } from '../plan/place.ts';
import type { Side } from '../plan/side.ts';
import { findVanished, type Vanished } from '../plan/vanished.ts';
import { syncPoolArgs } from '../zfs/change-args.ts';
import type { Dataset } from '../zfs/dataset.ts';
import { type DatasetName, isWithin, poolOf } from '../zfs/dataset-name.ts';
import { holdTag, listHoldsArgs, parseHolds, releaseArgs } from '../zfs/hold-args.ts';
import { portions } from '../zfs/portions.ts';
import { destroyTreeArgs, type KeptSnapshot, listKeptArgs, parseKept } from '../zfs/vanished-args.ts';
import { both } from './both.ts';
import { listSide } from './list-side.ts';
import type { Prepared } from './prepare-sync.ts';
import { commandError, firstFailure } from './problem.ts';
import type { World } from './world.ts';

/** A dataset that was destroyed because its source was gone for long enough; `used` in bytes. */
export type Pruned = {
  readonly name: DatasetName;
  readonly datasets: number;
  readonly snapshots: number;
  readonly used: number;
};

/**
 * Destroys what the plan lets go of by `--prune-vanished`, once all else went well. Both sides are listed anew and judged again right before: a run
 * can take hours, and what was gone may be back. What somebody holds or has cloned stays whole, with all beside it, and that is a warning: `zfs destroy -r` alone
 * would have destroyed what comes before it.
 * @returns what is gone
 * @throws ZferryError where it cannot be looked at
 */
export async function pruneVanished(
  world: World,
  { plan, source: { place: from }, options }: Prepared,
  allWell: boolean,
): Promise<readonly Pruned[]> {
  const due = plan.vanished.filter(({ fate }) => fate.kind === 'destroyed');
  if (due.length === 0) return [];
  const names = due.map(({ name }) => name);
  if (!allWell) {
    const message = `${names.join(', ')} stays for now, although its source is gone for long enough: not all of this run went well`;
    world.report({ kind: 'note', message });
    return [];
  }
  const { hosts, signal } = world;
  const listTarget = async () => {
    // What is not written out yet is not counted.
    const commands = [{ argv: syncPoolArgs(poolOf(plan.target.dataset)), optional: true as const }];
    await hosts.run({ host: plan.target.host, commands }, { signal });
    return await listSide(hosts, plan.target, 'target', { depth: 'tree', signal });
  };
  const [source, target] = await both(
    listSide(hosts, from, 'source', { depth: 'tree', signal }),
    listTarget(),
  );
  const leftOut = findLeftOut(source.datasets, from.dataset, options.exclude);
  const { vanished } = findVanished(source, target, leftOut, { ...options, now: world.now() });
  const now = new Map(vanished.map((one) => [one.name, one]));
  const still = due.filter(({ name }) => now.get(name)?.fate.kind === 'destroyed');
  const stays = due.filter((one) => !still.includes(one));
  for (const { name } of stays) tellStays(world, plan.target.host, name, whyNot(now.get(name)));
  return await destroyAll(
    world,
    target,
    plan.id,
    still.flatMap(({ name }) => now.get(name) ?? []),
  );
}

function whyNot(now: Vanished | undefined): string {
  return now?.fate.kind === 'stays' ? now.fate.reason : 'while this run went on, something has changed';
}

async function destroyAll(
  world: World,
  { place: { host }, datasets }: Side,
  id: string,
  wanted: readonly Vanished[],
): Promise<Pruned[]> {
  const tag = holdTag(id);
  if (wanted.length === 0) return [];
  const run = async (lines: readonly (readonly string[])[], optional?: true) => {
    const commands = lines.map((argv) => (optional ? { argv, optional } : { argv }));
    return (await world.hosts.run({ host, commands }, { signal: world.signal })).results;
  };
  const listed = await run(wanted.map(({ name }) => listKeptArgs(name)));
  const failed = firstFailure(listed);
  if (failed) throw commandError(host, failed, 'Looking for what keeps snapshots from being destroyed');
  const kept = new Map(wanted.map(({ name }, i) => [name, parseKept(listed[i]?.stdout ?? '')]));
  const held = [...kept.values()].flat().filter((one) => one.held);
  const asking = held.length === 0 ? [] : portions(held.map(({ name }) => name)).map(listHoldsArgs);
  const answers = asking.length === 0 ? [] : await run(asking, true);
  const tags = parseHolds(answers.map(({ stdout }) => stdout).join(''));

  const free = wanted.flatMap((one) => {
    const snapshots = kept.get(one.name) ?? [];
    const obstacles = [
      ...snapshots.flatMap((each) => obstaclesOf(each, one.name, tags.get(each.name), tag)),
      ...datasets
        .filter(({ name }) => isWithin(name, one.name))
        .flatMap((each) => strangeNewest(each, id, tags)),
    ];
    if (obstacles.length > 0) tellStays(world, host, one.name, obstacles.slice(0, 5).join(', '));
    return obstacles.length > 0 ? [] : [{ ...one, held: snapshots.filter((each) => each.held) }];
  });
  const work = free.flatMap((one) => [
    ...(one.held.length === 0 ? [] : portions(one.held.map((each) => each.name))).map((part) => ({
      one: undefined,
      argv: releaseArgs(tag, part),
    })),
    { one, argv: destroyTreeArgs(one.name) },
  ]);
  if (work.length === 0) return [];
  const results = await run(
    work.map(({ argv }) => argv),
    true,
  );
  return work.flatMap(({ one }, i) => {
    const result = results[i];
    if (one?.fate.kind !== 'destroyed' || result === undefined) return [];
    const { name } = one;
    const { datasets, snapshots, used } = one.fate;
    if (result.status === 0) {
      world.report({ kind: 'pruned', target: name, datasets, snapshots, used });
      return [{ name, datasets, snapshots, used }];
    }
    const { message, meaning } = commandError(host, result, `Destroying ${name}, whose source is gone,`);
    const said = meaning === undefined ? '' : ` (${meaning})`;
    world.report({ kind: 'warning', message: `${message}${said}; what is left of it stays` });
    return [];
  });
}

function tellStays(world: World, host: string, name: DatasetName, reason: string): void {
  const message = `${name}, whose source is gone for long enough, stays ${onHost(host)} with all that is below it: ${reason}`;
  world.report({ kind: 'warning', message });
}

/** The newest snapshot of a copy that came from its source bears our hold or our name; another one was made on the target. */
function strangeNewest(
  { name, snapshots }: Dataset,
  id: string,
  tags: ReadonlyMap<string, readonly string[]>,
): string[] {
  const newest = snapshots.at(-1);
  if (newest === undefined || isOwnSnapshot(newest.name, id)) return [];
  const full = `${name}@${newest.name}`;
  return tags.get(full)?.includes(holdTag(id)) === true
    ? []
    : [`nothing says that ${full} came from its source`];
}

/** What keeps a snapshot from being destroyed: the holds of others, and clones outside of what is to go. */
function obstaclesOf(
  { name, held, clones }: KeptSnapshot,
  root: DatasetName,
  tags: readonly string[] = [],
  ours: string,
): string[] {
  const foreign = tags.filter((tag) => tag !== ours);
  const outside = clones.filter((clone) => !isWithin(clone as DatasetName, root));
  return [
    ...foreign.map((tag) => `${name} is held by "${tag}"`),
    ...(held && tags.length === 0 ? [`${name} is held, and by whom cannot be asked`] : []),
    ...outside.map((clone) => `${name} has the clone ${clone}`),
  ];
}
