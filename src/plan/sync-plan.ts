import { type Dataset, ownProperties } from '../zfs/dataset.ts';
import {
  byTreeOrder,
  type DatasetName,
  isWithin,
  parentOf,
  rebase,
  type ShortName,
} from '../zfs/dataset-name.ts';
import { pendingGuid } from '../zfs/guid.ts';
import type { Pool } from '../zfs/pool.ts';
import { type ReceiveProcess, receiveInto } from '../zfs/receive-processes.ts';
import type { Snapshot } from '../zfs/snapshot.ts';
import type { ZfsVersion } from '../zfs/version.ts';
import { arriving, type DatasetPlan, type Initial, planDataset } from './dataset-plan.ts';
import { freeSnapshotName, isChosen, isExcluded, type SnapshotChoice } from './own-snapshot.ts';
import type { Place } from './place.ts';
import { rotateOwn } from './rotate.ts';
import { applyTreeRules, isStopped, withoutEmptyHands } from './tree-rules.ts';

/** What one listing of one side found. */
export type Side = {
  readonly place: Place;
  readonly version: ZfsVersion | undefined;
  readonly pool: Pool;
  /** The place's dataset and, for a tree, all below it, parents first; empty if it is not there. */
  readonly datasets: readonly Dataset[];
  /** Those that exist of the datasets above the place, from the pool down. */
  readonly ancestors: readonly Dataset[];
  /** Receives that run on that host; looked for only where something says that one may. */
  readonly receives: readonly ReceiveProcess[];
};

export type SyncOptions = {
  readonly id: string;
  readonly exclude: readonly string[];
  readonly choice: SnapshotChoice;
  readonly initial: Initial;
  /** Whether to take an own snapshot first: `auto` does, except on a replica. */
  readonly snapshot: 'auto' | 'yes' | 'no';
  /** Own snapshots to keep on the source; `undefined` keeps all. */
  readonly keep: number | undefined;
  /** The last run to this target left nothing behind, so far as this one can know. */
  readonly cleanBefore: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
};

export type OwnSnapshot =
  | { readonly kind: 'take'; readonly name: ShortName; readonly datasets: readonly DatasetName[] }
  /** Taken: the plan was made again with what it is on each dataset. */
  | { readonly kind: 'taken'; readonly name: ShortName; readonly datasets: readonly DatasetName[] }
  | { readonly kind: 'none'; readonly reason: string };

/** All that one run is going to do, with a reason for each thing. A value: printed, compared, carried out. */
export type SyncPlan = {
  readonly source: Place;
  readonly target: Place;
  readonly id: string;
  readonly snapshot: OwnSnapshot;
  /** Parents that are missing on the target, from the top: made empty and never mounted. */
  readonly parents: readonly DatasetName[];
  /** Parents before children. */
  readonly datasets: readonly DatasetPlan[];
  readonly excluded: readonly DatasetName[];
  /** Own snapshots that `keep` lets go of once all has arrived. */
  readonly rotate: ReadonlyMap<DatasetName, readonly ShortName[]>;
};

/** The snapshot that a run has taken, by dataset. */
export type Taken = { readonly name: ShortName; readonly snapshots: ReadonlyMap<DatasetName, Snapshot> };

/** The listing as it is with the snapshot that was taken after it. */
export function withTaken(side: Side, taken: Taken): Side {
  const datasets = side.datasets.map((dataset) => {
    const newest = taken.snapshots.get(dataset.name);
    return newest ? { ...dataset, snapshots: [...dataset.snapshots, newest] } : dataset;
  });
  return { ...side, datasets };
}

/**
 * What a run has to do. Before the own snapshot is taken it stands in the plan as one that is pending; afterwards
 * the plan is made again from the same listings, `withTaken`.
 * @param received source datasets, read-only, whose history came from elsewhere
 */
export function planSync(
  source: Side,
  target: Side,
  options: SyncOptions,
  received: ReadonlySet<DatasetName>,
  taken?: Taken,
): SyncPlan {
  const root = source.place.dataset;
  const excluded = source.datasets.filter(({ name }) => isExcluded(name, root, options.exclude));
  const selected = source.datasets.filter((dataset) => !excluded.includes(dataset));
  const existing = new Map(target.datasets.map((dataset) => [dataset.name, dataset]));
  const parentEncrypted = target.ancestors.at(-1)?.encrypted ?? false;

  const there = new Map([...target.ancestors, ...target.datasets].map((dataset) => [dataset.name, dataset]));
  const planAll = (datasets: readonly Dataset[]): readonly DatasetPlan[] => {
    const plans = datasets.map((dataset) => {
      const targetName = rebase(dataset.name, root, target.place.dataset);
      return planDataset({
        source: dataset,
        target: existing.get(targetName),
        targetName,
        sourcePool: source.pool,
        targetPool: target.pool,
        targetVersion: target.version,
        receiver: receiveInto(target.receives, targetName),
        targetParentEncrypted: existing.get(target.place.dataset)?.encrypted ?? parentEncrypted,
        top: dataset.name === root,
        policy: options,
      });
    });
    return applyTreeRules(plans, there);
  };

  const snapshot = taken
    ? { kind: 'taken' as const, name: taken.name, datasets: [...taken.snapshots.keys()] }
    : chooseSnapshot(selected, planAll(selected), options, received);
  const withSnapshot = selected.map((dataset) => withPending(dataset, snapshot));
  const datasets = withoutEmptyHands(planAll(withSnapshot), there);

  return {
    source: source.place,
    target: target.place,
    id: options.id,
    snapshot,
    parents: missingParents(target, datasets),
    datasets,
    excluded: excluded.map(({ name }) => name),
    rotate: rotations(withSnapshot, datasets, existing, options),
  };
}

/** Why no snapshot is taken on a dataset that is itself a replica; `undefined` for any other. */
export function replicaReason(dataset: Dataset, received: ReadonlySet<DatasetName>): string | undefined {
  const id = dataset.own.get(ownProperties.id);
  if (id !== undefined && id.source !== 'received')
    return `${dataset.name} is itself a replica (${id.value})`;
  if (received.has(dataset.name))
    return `${dataset.name} is itself a replica: read-only, with a received history`;
  return undefined;
}

function chooseSnapshot(
  selected: readonly Dataset[],
  plans: readonly DatasetPlan[],
  options: SyncOptions,
  received: ReadonlySet<DatasetName>,
): OwnSnapshot {
  if (options.snapshot === 'no') return { kind: 'none', reason: 'not asked for (--no-snapshot)' };
  const name = freeSnapshotName(options.id, options.now, selected);
  if (!isChosen(options.choice, name, options.id)) {
    return { kind: 'none', reason: 'own snapshots are not among those chosen by --snapshots' };
  }
  const stopped = new Set(plans.filter(isStopped).map((plan) => plan.source));
  const free = selected.filter((dataset) => !stopped.has(dataset.name));
  if (free.length === 0) return { kind: 'none', reason: 'nothing can be sent' };
  const own = free.filter((dataset) => replicaReason(dataset, received) === undefined);
  const first = free[0];
  if (own.length === 0 && first) return { kind: 'none', reason: replicaReason(first, received) ?? '' };
  return { kind: 'take', name, datasets: own.map((dataset) => dataset.name) };
}

function withPending(dataset: Dataset, snapshot: OwnSnapshot): Dataset {
  if (snapshot.kind !== 'take' || !snapshot.datasets.includes(dataset.name)) return dataset;
  const pending = {
    kind: 'snapshot' as const,
    name: snapshot.name,
    guid: pendingGuid,
    createtxg: Number.MAX_SAFE_INTEGER,
  };
  return { ...dataset, snapshots: [...dataset.snapshots, pending] };
}

/**
 * Everything above a first send that is not there and does not come with it: the parents of the target, and parents
 * inside the tree of which nothing is sent.
 */
function missingParents(target: Side, datasets: readonly DatasetPlan[]): DatasetName[] {
  const there = new Set([...target.ancestors, ...target.datasets].map((dataset) => dataset.name));
  const sent = new Set(datasets.filter((plan) => plan.decision.kind === 'send').map((plan) => plan.target));
  const missing = new Set<DatasetName>();
  for (const plan of datasets) {
    if (plan.decision.kind !== 'send') continue;
    for (let parent = parentOf(plan.target); parent !== undefined; parent = parentOf(parent)) {
      if (!there.has(parent) && !sent.has(parent)) missing.add(parent);
    }
  }
  return [...missing].sort(byTreeOrder);
}

function rotations(
  sources: readonly Dataset[],
  plans: readonly DatasetPlan[],
  targets: ReadonlyMap<DatasetName, Dataset>,
  { id, keep }: SyncOptions,
): Map<DatasetName, readonly ShortName[]> {
  const rotate = new Map<DatasetName, readonly ShortName[]>();
  if (keep === undefined) return rotate;
  for (const [index, plan] of plans.entries()) {
    const source = sources[index];
    if (source === undefined || isStopped(plan)) continue;
    const replicated = [...(targets.get(plan.target)?.snapshots ?? []), ...arriving(plan)];
    const names = rotateOwn(source.snapshots, new Set(replicated.map(({ guid }) => guid)), id, keep);
    if (names.length > 0) rotate.set(source.name, names);
  }
  return rotate;
}

/**
 * What is wrong with replicating one place onto another of the same pool; `undefined` if nothing is.
 * Two names can be one place when a host is known by two names, so pools are told apart by their GUIDs.
 */
export function overlapFault(
  source: DatasetName,
  target: DatasetName,
  samePool: boolean,
): string | undefined {
  if (!samePool) return undefined;
  if (source === target) return 'source and target are the same dataset';
  if (isWithin(source, target)) return `the source ${source} lies inside the target ${target}`;
  if (isWithin(target, source)) return `the target ${target} lies inside the source ${source}`;
  return undefined;
}
