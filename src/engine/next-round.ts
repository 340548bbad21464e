import { freeSnapshotName } from '../plan/own-snapshot.ts';
import { withSizes } from '../plan/sizes.ts';
import { planSync, type Taken, withTaken } from '../plan/sync-plan.ts';
import { snapshotArgs } from '../zfs/change-args.ts';
import type { Dataset } from '../zfs/dataset.ts';
import { type DatasetName, poolOf } from '../zfs/dataset-name.ts';
import type { Guid } from '../zfs/guid.ts';
import { type Depth, listGuidsArgs, listSizedHistoriesArgs } from '../zfs/list-args.ts';
import { parseGuids } from '../zfs/list-output.ts';
import { byAge, parseSizedSnapshots } from '../zfs/points-output.ts';
import { portions } from '../zfs/portions.ts';
import { pointName, type Snapshot } from '../zfs/snapshot.ts';
import { onlyCarries, type Prepared } from './prepare-sync.ts';
import { commandError, firstFailure } from './problem.ts';
import type { RunState } from './run-state.ts';
import type { SyncResult } from './sync-result.ts';
import type { World } from './world.ts';

/**
 * How both sides stand after a round in which all went well, so far as it knows by itself.
 * @returns `undefined` where more was done than to carry what is new of all datasets
 */
export function standingAfter({ prepared, taken }: RunState, result: SyncResult): Prepared | undefined {
  const { plan } = result;
  if (prepared === undefined || taken === undefined || !onlyCarries(plan)) return undefined;
  const isWhole = plan.datasets.every(({ source }) => taken.snapshots.has(source));
  if (!isWhole || !result.datasets.every(({ outcome }) => outcome.kind === 'sent')) return undefined;
  const there = new Set(
    prepared.source.datasets.flatMap(({ snapshots }) => snapshots.map(({ guid }) => guid)),
  );
  const isListed = [...taken.snapshots.values()].every(({ guid }) => there.has(guid));
  const arrived = new Map(
    result.datasets.map(({ target, outcome }) => [target, outcome.kind === 'sent' ? outcome.snapshots : []]),
  );
  const target = {
    ...prepared.target,
    datasets: prepared.target.datasets.map((one) => withArrived(one, arrived)),
  };
  return {
    ...prepared,
    plan,
    source: isListed ? prepared.source : withTaken(prepared.source, taken),
    target,
  };
}

function withArrived(dataset: Dataset, arrived: ReadonlyMap<DatasetName, readonly Snapshot[]>): Dataset {
  const newest = dataset.snapshots.at(-1)?.createtxg ?? 0;
  // When it arrived there is not known, but that it is newer than what was there.
  const more = (arrived.get(dataset.name) ?? []).map((one, i) => ({ ...one, createtxg: newest + 1 + i }));
  return { ...dataset, snapshots: [...dataset.snapshots, ...more] };
}

/**
 * Takes the next own snapshot and lists the source, by one command, and plans from that and from how the target stood. What else has
 * changed since is seen by ZFS, which takes no increment onto other data than it goes from, or by the next round that tidies up.
 * @returns `undefined` where the source has other datasets than it had, or more than one command takes
 * @throws ZferryError from the table of errors
 */
export async function prepareNext(
  world: World,
  { plan: before, source, target, options, received }: Prepared,
  depth: Depth,
  { carried, asked }: Pick<RunState, 'carried' | 'asked'>,
): Promise<{ readonly prepared: Prepared; readonly taken: Taken } | undefined> {
  const { host, dataset } = source.place;
  const datasets = before.datasets.map((one) => one.source);
  const name = freeSnapshotName(options.id, world.now(), [...source.datasets, ...target.datasets]);
  const taking = snapshotArgs(datasets, name);
  if (taking.length > new Set(datasets.map(poolOf)).size) return undefined;
  const listing = depth === 'tree' ? [listGuidsArgs(dataset)] : [];
  const commands = [...taking, ...portions(datasets).map(listSizedHistoriesArgs), ...listing].map((argv) => ({
    argv,
  }));
  asked.add(name);
  const { results } = await world.hosts.run({ host, commands }, { signal: world.signal });
  const failed = firstFailure(results);
  if (failed) throw commandError(host, failed, `Taking the snapshot @${name}`);
  world.report({ kind: 'snapshot-taken', name, datasets });
  const [histories, there] = [
    results.slice(taking.length, commands.length - listing.length),
    results.slice(commands.length - listing.length),
  ];
  if (there.some(({ stdout }) => !areSame(parseGuids(stdout), source.datasets))) return undefined;

  const rows = histories.flatMap(({ stdout }) => parseSizedSnapshots(stdout));
  const byDataset = Map.groupBy(rows, ({ dataset }) => dataset);
  const snapshotsOf = (dataset: DatasetName): Snapshot[] =>
    (byDataset.get(dataset) ?? []).map(({ snapshot }) => snapshot).sort(byAge);
  const now = {
    ...source,
    datasets: source.datasets.map((one) =>
      byDataset.has(one.name) ? { ...one, snapshots: snapshotsOf(one.name) } : one,
    ),
  };
  const taken: Taken = {
    name,
    snapshots: new Map(
      rows
        .filter(({ snapshot }) => snapshot.name === name)
        .map(({ dataset, snapshot }) => [dataset, snapshot]),
    ),
  };
  const wanted = { ...options, now: world.now(), keep: undefined, carried };
  const sizes = new Map(rows.map(({ dataset, snapshot, ...size }) => [pointName(dataset, snapshot), size]));
  const plan = withSizes(planSync(now, target, wanted, received, taken), now.datasets, sizes);
  return { taken, prepared: { plan, source: now, target, options: wanted, received, sizes, toFinish: [] } };
}

function areSame(now: ReadonlyMap<DatasetName, Guid>, before: readonly Dataset[]): boolean {
  return now.size === before.length && before.every(({ name, guid }) => now.get(name) === guid);
}
