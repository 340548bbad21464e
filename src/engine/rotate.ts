import type { CommandResult } from '../host/hosts.ts';
import { quoteArgv } from '../host/quote.ts';
import type { Base } from '../plan/base.ts';
import { arriving, type DatasetPlan } from '../plan/decision.ts';
import { onHost } from '../plan/place.ts';
import type { SyncPlan } from '../plan/sync-plan.ts';
import { destroySnapshotsArgs } from '../zfs/change-args.ts';
import type { DatasetName, ShortName } from '../zfs/dataset-name.ts';
import type { ZferryError } from '../zfs/failure.ts';
import { listHoldsArgs, parseHolds, releaseArgs } from '../zfs/hold-args.ts';
import { listNamedPointsArgs } from '../zfs/list-args.ts';
import { parsePoints } from '../zfs/points-output.ts';
import { portions } from '../zfs/portions.ts';
import { pointName } from '../zfs/snapshot.ts';
import { commandError } from './problem.ts';
import type { World } from './world.ts';

type Names = ReadonlyMap<DatasetName, readonly ShortName[]>;

/**
 * Destroys the own snapshots that the plan lets go of, on the datasets that are well replicated. One command first looks for their bases on the
 * target: somebody may have rolled it back since, to one of those that are to go. Then one command on a side, and a second where something would
 * not go: `zfs destroy` takes all or none, so there each is tried alone.
 * What stays (held, cloned, not permitted) is a warning: the data is safe where it should be. One more command asks who
 * holds what is held.
 * @param replicated source datasets
 * @returns what is gone of the source
 */
export async function rotate(
  world: World,
  { source, target, datasets, rotate, rotateCopies }: SyncPlan,
  replicated: ReadonlySet<DatasetName>,
): Promise<Names> {
  const loses = ({ source, target }: DatasetPlan): boolean => rotate.has(source) || rotateCopies.has(target);
  const candidates = datasets.filter((one) => replicated.has(one.source) && loses(one));
  const there = await withTheirBase(world, target.host, candidates);
  const good = candidates.filter((one) => there.has(one.target));
  const sources = new Map(good.map((one) => [one.source, baseOnSource(one)]));
  const copies = new Map(good.map((one) => [one.target, baseOnTarget(one)]));
  const gone = await rotateSide(world, source.host, rotate, sources);
  // What stays on the source may be what a clone goes from: then its copy will, too.
  const names = good.map((one): [DatasetName, readonly ShortName[]] => {
    const wentToo = new Set(gone.get(one.source));
    const stays = new Set(rotate.get(one.source)?.filter((name) => !wentToo.has(name)));
    return [one.target, (rotateCopies.get(one.target) ?? []).filter((name) => !stays.has(name))];
  });
  await rotateSide(world, target.host, new Map(names.filter(([, some]) => some.length > 0)), copies);
  return gone;
}

/** @returns the targets that still have what the next increment goes onto */
async function withTheirBase(
  world: World,
  host: string,
  datasets: readonly DatasetPlan[],
): Promise<ReadonlySet<DatasetName>> {
  const all = datasets.map(({ target }) => target);
  const bases = new Map(datasets.map((one) => [one.target, baseOnTarget(one)]));
  const names = [...bases.values()].filter((name) => name !== undefined);
  if (names.length === 0) return new Set(all);
  const commands = portions(names).map((part) => ({
    argv: listNamedPointsArgs(part),
    optional: true as const,
  }));
  const { results } = await world.hosts.run({ host, commands }, { signal: world.signal });
  if (results.every(({ status }) => status === 0)) return new Set(all);
  const points = parsePoints(results.map(({ stdout }) => stdout).join(''));
  const isThere = (target: DatasetName): boolean => {
    const base = bases.get(target);
    return (
      base === undefined || points.get(target)?.some((point) => pointName(target, point) === base) === true
    );
  };
  for (const target of all.filter((one) => !isThere(one))) {
    const message = `no own snapshot of ${target} is rotated away: what the next increment would go onto is gone ${onHost(host)}`;
    world.report({ kind: 'note', message });
  }
  return new Set(all.filter(isThere));
}

/** @param bases what has to be there still, by dataset; a dataset that is not among them keeps all */
async function rotateSide(
  world: World,
  host: string,
  names: Names,
  bases: ReadonlyMap<DatasetName, string | undefined>,
): Promise<Names> {
  const wanted = [...names].filter(([dataset]) => bases.has(dataset));
  const staying = wanted.flatMap(([dataset]) => bases.get(dataset) ?? []);
  const first = await destroyAll(world, host, wanted, staying);
  if (first === undefined) {
    const message = `no own snapshot is rotated away: what the next increment would go from is gone ${onHost(host)}`;
    world.report({ kind: 'note', message });
    return new Map();
  }
  const alone = first.flatMap(({ dataset, names, result }) =>
    result.status === 0 || names.length < 2 ? [] : names.map((name) => [dataset, [name]] as const),
  );
  const second = (await destroyAll(world, host, alone, staying)) ?? [];

  const gone = new Map<DatasetName, readonly ShortName[]>();
  const stays: Staying[] = [];
  for (const { dataset, names, result } of [
    ...first.filter((one) => one.names.length < 2 || one.result.status === 0),
    ...second,
  ]) {
    if (result.status === 0) {
      gone.set(dataset, [...(gone.get(dataset) ?? []), ...names]);
    } else {
      const error = commandError(host, result, `Rotating own snapshots of ${dataset}`);
      stays.push({ dataset, snapshots: names.map((name) => `${dataset}@${name}`), error });
    }
  }
  for (const [dataset, names] of gone) world.report({ kind: 'rotated', dataset, names });
  await tellStaying(world, host, stays);
  return gone;
}

type Staying = {
  readonly dataset: DatasetName;
  /** Full names. */
  readonly snapshots: readonly string[];
  readonly error: ZferryError;
};

/** A warning for each, which names the tags of those that are held. */
async function tellStaying(world: World, host: string, stays: readonly Staying[]): Promise<void> {
  const held = stays.flatMap(({ error, snapshots }) => (error.code === 'held' ? snapshots : []));
  const tags = await tagsOf(world, host, held);
  for (const { dataset, snapshots, error } of stays) {
    const holders = snapshots.flatMap((name) => (tags.get(name) ?? []).map((tag) => ({ name, tag })));
    const message =
      holders.length === 0
        ? error.message
        : `Rotating own snapshots of ${dataset} failed ${onHost(host)}: ${holders.map(heldText).join(', ')}`;
    world.report({ kind: 'warning', message: `${message}; it stays` });
  }
}

function heldText({ name, tag }: { readonly name: string; readonly tag: string }): string {
  return `${name} is held by "${tag}" (to let go of it: ${quoteArgv(releaseArgs(tag, [name]))})`;
}

/** Who holds these snapshots; nobody where that cannot be asked. */
async function tagsOf(
  world: World,
  host: string,
  snapshots: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  if (snapshots.length === 0) return new Map();
  const commands = portions(snapshots).map((part) => ({
    argv: listHoldsArgs(part),
    optional: true as const,
  }));
  const { results } = await world.hosts.run({ host, commands }, { signal: world.signal });
  return parseHolds(results.map(({ stdout }) => stdout).join(''));
}

type Destroyed = {
  readonly dataset: DatasetName;
  readonly names: readonly ShortName[];
  readonly result: CommandResult;
};

/**
 * Looks first, in the same command, whether what has to stay is there: somebody may have rolled the source back since it was listed, and then an old one is all
 * that is left. @returns `undefined` where it is not, and nothing was destroyed
 */
async function destroyAll(
  world: World,
  host: string,
  wanted: readonly (readonly [DatasetName, readonly ShortName[]])[],
  bases: readonly string[],
): Promise<Destroyed[] | undefined> {
  if (wanted.length === 0) return [];
  const looking = portions(bases).map((part) => ({ argv: listNamedPointsArgs(part) }));
  const destroying = wanted.map(([dataset, names]) => ({
    argv: destroySnapshotsArgs(dataset, names),
    optional: true as const,
  }));
  const commands = [...(bases.length > 0 ? looking : []), ...destroying];
  const { results } = await world.hosts.run({ host, commands }, { signal: world.signal });
  const done = results.slice(commands.length - destroying.length);
  if (done.some(({ status }) => status === undefined)) return undefined;
  return wanted.flatMap(([dataset, names], i) => {
    const result = done[i];
    return result ? [{ dataset, names, result }] : [];
  });
}

/** What the next increment of a dataset goes from, by its full name on the source. */
function baseOnSource(plan: DatasetPlan): string | undefined {
  const point = arriving(plan).at(-1) ?? baseOf(plan)?.source;
  return point && pointName(plan.source, point);
}

/** The same on the target. */
function baseOnTarget(plan: DatasetPlan): string | undefined {
  const point = arriving(plan).at(-1) ?? baseOf(plan)?.target;
  return point && pointName(plan.target, point);
}

function baseOf({ decision }: DatasetPlan): Base | undefined {
  return decision.kind === 'up-to-date' ? decision.base : undefined;
}
