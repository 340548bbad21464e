import type { Dataset } from '../zfs/dataset.ts';
import { byTreeOrder, type DatasetName, isWithin, type ShortName } from '../zfs/dataset-name.ts';
import { type Guid, pendingGuid } from '../zfs/guid.ts';
import type { KnownFault } from '../zfs/known-faults.ts';
import type { Snapshot } from '../zfs/snapshot.ts';
import { costOfClones } from './clones.ts';
import type { Policy } from './dataset-facts.ts';
import { arriving, type DatasetPlan } from './decision.ts';
import { encryptProperties } from './encrypt.ts';
import { clearPlaceholderWarnings, encryptionWarnings } from './encryption.ts';
import { followPromotes } from './follow-promotes.ts';
import { type Followed, followRenames, type Rename } from './follow-renames.ts';
import { type Given, withGiven } from './given-properties.ts';
import { findLeftOut, type LeftOut, leftOutWarnings } from './left-out.ts';
import { freeSnapshotName, isChosen } from './own-snapshot.ts';
import type { Place } from './place.ts';
import { planDatasets } from './plan-datasets.ts';
import { judgePoolRoot } from './pool-root.ts';
import { rotateOwn, spentOf } from './rotate.ts';
import { goesDirect } from './route.ts';
import type { Side } from './side.ts';
import type { Trace } from './traces.ts';
import {
  belowLocked,
  faultsOf,
  heirs,
  missingParents,
  oneByOne,
  volumesOf,
  waitedFor,
} from './tree-findings.ts';
import { isStopped, whatIsLeft, withoutEmptyHands } from './tree-rules.ts';
import { unprotectedWarnings } from './unprotected.ts';
import {
  findUnsnapshotted,
  replicaReason,
  type Unsnapshotted,
  unsnapshottedNotes,
  unsnapshottedWarnings,
} from './unsnapshotted.ts';
import { findVanished, type Vanished, type VanishedFindings } from './vanished.ts';
import { type Way, wayBetween, wayNotes } from './way.ts';

/** How a whole tree is replicated; of each dataset, its policy. */
export type SyncOptions = Policy & {
  readonly exclude: readonly string[];
  /** Whether to take an own snapshot first: `auto` does, except on a replica. */
  readonly snapshot: 'auto' | 'yes' | 'no';
  /** Whether volumes on the target have all their room reserved, or take it as they fill. */
  readonly volumes: 'sparse' | 'thick';
  /** From the source's host to the target's by its own ssh, where both are remote. */
  readonly direct: boolean;
  readonly way: Way;
  /** Own snapshots to keep on the source; `undefined` keeps all. */
  readonly keep: number | undefined;
  /** GUIDs of own snapshots that only carried a round from one side to the other: they go on both. */
  readonly carried: ReadonlySet<Guid>;
  /** For how long a source has to be gone before its copy is destroyed (milliseconds); `undefined`: for ever. */
  readonly pruneVanished: number | undefined;
  /** What first receives give to the copy; found out for a plan that was made without. */
  readonly given: Given;
  /** Targets that are below a copy that was set aside until what is above them has arrived. */
  readonly displaced: ReadonlyMap<DatasetName, DatasetName>;
  /** What had the names that are to come, and was set aside: told to what takes their place. */
  readonly rebuilding: ReadonlyMap<DatasetName, DatasetName>;
  /** What others did to targets that have diverged, where somebody has looked. */
  readonly traces: ReadonlyMap<DatasetName, readonly Trace[]>;
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
  /** Copies that get the name that their source has now, before all else. */
  readonly renames: readonly Rename[];
  /** Clones on the target that are promoted, as they were on the source, after that. */
  readonly promotes: readonly DatasetName[];
  /** Parents that are missing on the target, from the top: made empty and never mounted. */
  readonly parents: readonly DatasetName[];
  /** Those of them that others wait for, and so come before all else. */
  readonly makes: readonly DatasetName[];
  /** Those that cannot be encrypted: nobody has the key of what is above them. Nothing is in them. */
  readonly plain: ReadonlySet<DatasetName>;
  /** What had names that are to come, and was set aside: whatever gets such a name remembers it. */
  readonly rebuilding: ReadonlyMap<DatasetName, DatasetName>;
  /** Those of them that what is below them inherits from that it is a replica. */
  readonly begins: ReadonlySet<DatasetName>;
  /** What makes such a one, and all that comes below it in plain, encrypted there. */
  readonly encrypts: Readonly<Record<string, string>>;
  /** Parents before children. */
  readonly datasets: readonly DatasetPlan[];
  readonly excluded: readonly LeftOut[];
  /** Datasets of the replica whose source is gone, and what becomes of them. Of a tree only its top. */
  readonly vanished: readonly Vanished[];
  /** Datasets that were noted as gone, and whose source is there again. */
  readonly returned: readonly DatasetName[];
  /** Volumes on the target that are to have all their room reserved. */
  readonly reserve: readonly DatasetName[];
  /** The data does not come through this machine, although neither end is here. */
  readonly direct: boolean;
  /** What each stream goes through. */
  readonly way: Way;
  /** Source datasets that go on and get no snapshot, although this run looks for what to take one of. */
  readonly unsnapshotted: readonly Unsnapshotted[];
  /** What is worth knowing of how it is done, a sentence each. */
  readonly notes: readonly string[];
  /** What has to be heard, a sentence each. */
  readonly warnings: readonly string[];
  /** Faults of the releases on both sides that this run can meet. */
  readonly faults: readonly KnownFault[];
  /** Own snapshots of the source that `keep` lets go of once all has arrived, and those that only carried a round. */
  readonly rotate: ReadonlyMap<DatasetName, readonly ShortName[]>;
  /** Those that only carried a round, on the target. */
  readonly rotateCopies: ReadonlyMap<DatasetName, readonly ShortName[]>;
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
  listed: Side,
  options: SyncOptions,
  received: ReadonlySet<DatasetName>,
  taken?: Taken,
): SyncPlan {
  const root = source.place.dataset;
  const excluded = findLeftOut(source.datasets, root, options.exclude);
  const out = new Set(excluded.map((one) => one.name));
  const selected = source.datasets.filter((dataset) => !out.has(dataset.name));
  const { target: renamed, renames, waiting } = followRenames(selected, source, listed, options);
  const { target, promotes, clashes } = followPromotes(selected, source, renamed);
  const existing = new Map(target.datasets.map((dataset) => [dataset.name, dataset]));

  const mayHave = new Set(
    snapshotable(selected, options, received).filter(({ name }) => !taken?.snapshots.has(name)),
  );
  const name = taken?.name ?? freeSnapshotName(options.id, options.now, [...selected, ...target.datasets]);
  const rootOne = selected.find((dataset) => dataset.name === root);
  const names = [
    ...(rootOne?.snapshots ?? []).map((one) => one.name),
    ...(rootOne && mayHave.has(rootOne) ? [name] : []),
  ];
  const rootComes = names.some((one) => isChosen(options.choice, one, options.id));
  const top = judgePoolRoot(source, target, rootComes, options.encrypt !== undefined);
  const there = new Map([...target.ancestors, ...target.datasets].map((dataset) => [dataset.name, dataset]));
  const inherits = heirs(target, selected, root, top, options.id);
  const context = { source, target, top, waiting, clashes, options };
  const planAll = (datasets: readonly Dataset[]) => planDatasets(context, datasets);

  // As if the own snapshot were on all that it could be on: so it is seen on which it would be of no use, and why.
  const pending = new Map([...mayHave].map((one) => [one, withPending(one, name)]));
  const all = selected.map((one) => pending.get(one) ?? one);
  const asIf = planAll(all);
  const snapshot = taken
    ? { kind: 'taken' as const, name, datasets: [...taken.snapshots.keys()] }
    : chooseSnapshot(selected, asIf, name, options, received);
  const comes = new Set(snapshot.kind === 'take' ? snapshot.datasets : []);
  const withSnapshot = selected.map((one) => (comes.has(one.name) ? (pending.get(one) ?? one) : one));
  // Mostly it is on all that it could be on.
  const isSame = withSnapshot.every((one, i) => one === all[i]);
  const planned = (isSame ? asIf : planAll(withSnapshot)).map((plan, i) => {
    const other = asIf[i];
    return other && isStopped(other) && !isStopped(plan) ? other : plan;
  });
  const left = whatIsLeft(there, planned);
  const datasets = withoutEmptyHands(planned, left);
  const first = waitedFor(datasets, left);
  const parents = [...new Set([...first, ...missingParents(target, datasets)])].sort(byTreeOrder);
  const inClear = belowLocked(parents, there, datasets);
  const ends = { source: source.place, target: target.place };
  const looksForOwn = options.snapshot !== 'no' && isChosen(options.choice, name, options.id);
  const unsnapshotted = looksForOwn
    ? findUnsnapshotted(withoutIdle(selected, datasets), source.place, received)
    : [];

  return {
    source: source.place,
    target: target.place,
    id: options.id,
    snapshot,
    renames,
    promotes,
    parents,
    makes: first,
    rebuilding: options.rebuilding,
    plain: inClear,
    encrypts: options.encrypt ? encryptProperties(options.encrypt) : {},
    begins: new Set(parents.filter((parent) => !inherits(parent))),
    datasets: withGiven(datasets, options.given),
    excluded,
    ...notYet(withoutMoving(findVanished(source, target, excluded, options), waiting), datasets),
    reserve: options.volumes === 'thick' ? volumesOf(selected, datasets) : [],
    direct: goesDirect({ ...ends, direct: options.direct }),
    way: wayBetween(ends, options.way),
    unsnapshotted,
    notes: [
      ...(snapshot.kind === 'none' ? [] : unsnapshottedNotes(unsnapshotted)),
      ...costOfClones(selected, datasets),
      ...oneByOne(datasets, source, target, options.mayNotHold),
      ...wayNotes(ends, options.way, datasets),
    ],
    warnings: [
      ...unsnapshottedWarnings(unsnapshotted, source.place.host),
      ...leftOutWarnings(source.datasets, excluded),
      ...clearPlaceholderWarnings(inClear, target.place.host),
      ...encryptionWarnings(selected, datasets.map(inTheEnd), target),
      ...unprotectedWarnings(datasets, source, target),
      ...options.given.warnings,
    ],
    faults: faultsOf(selected, datasets, source, target),
    ...rotations(withSnapshot, datasets, existing, options),
  };
}

/** What waits, as it goes on. */
function inTheEnd(plan: DatasetPlan): DatasetPlan {
  return plan.decision.kind === 'waits' ? (plan.decision.later ?? plan) : plan;
}

/** Datasets that this run may take a snapshot of. */
function snapshotable(
  selected: readonly Dataset[],
  options: SyncOptions,
  received: ReadonlySet<DatasetName>,
): readonly Dataset[] {
  if (options.snapshot === 'no') return [];
  return selected.filter((dataset) => replicaReason(dataset, received) === undefined);
}

/** What gets another name later in the run is not gone. */
function withoutMoving(
  { vanished, returned }: VanishedFindings,
  waiting: Followed['waiting'],
): VanishedFindings {
  const moving = new Set([...waiting.values()].map(({ copy }) => copy));
  return { returned, vanished: vanished.filter(({ name }) => !moving.has(name)) };
}

/** What would be destroyed stays where not all else can go well. */
function notYet({ vanished, returned }: VanishedFindings, plans: readonly DatasetPlan[]): VanishedFindings {
  if (!plans.some(isStopped)) return { vanished, returned };
  const reason = 'not all of the rest can go on';
  return {
    returned,
    vanished: vanished.map((one) =>
      one.fate.kind === 'destroyed' ? { ...one, fate: { kind: 'stays', reason } } : one,
    ),
  };
}

function chooseSnapshot(
  selected: readonly Dataset[],
  plans: readonly DatasetPlan[],
  name: ShortName,
  options: SyncOptions,
  received: ReadonlySet<DatasetName>,
): OwnSnapshot {
  if (options.snapshot === 'no') return { kind: 'none', reason: 'not asked for (--no-snapshot)' };
  if (!isChosen(options.choice, name, options.id)) {
    return { kind: 'none', reason: 'own snapshots are not among those chosen by --snapshots' };
  }
  const free = withoutIdle(selected, plans);
  if (free.length === 0) return { kind: 'none', reason: 'nothing can be sent' };
  const own = snapshotable(free, options, received);
  const first = free[0];
  if (own.length === 0 && first) return { kind: 'none', reason: replicaReason(first, received) ?? '' };
  return { kind: 'take', name, datasets: own.map((dataset) => dataset.name) };
}

/** Datasets for which something can be done. */
function withoutIdle(selected: readonly Dataset[], plans: readonly DatasetPlan[]): readonly Dataset[] {
  const idle = new Set(
    plans.filter((plan) => isStopped(plan) || plan.decision.kind === 'left').map((plan) => plan.source),
  );
  return selected.filter((dataset) => !idle.has(dataset.name));
}

function withPending(dataset: Dataset, name: ShortName): Dataset {
  const pending = {
    kind: 'snapshot' as const,
    name,
    guid: pendingGuid,
    createtxg: Number.MAX_SAFE_INTEGER,
  };
  return { ...dataset, snapshots: [...dataset.snapshots, pending] };
}

function rotations(
  sources: readonly Dataset[],
  plans: readonly DatasetPlan[],
  targets: ReadonlyMap<DatasetName, Dataset>,
  { id, keep, carried }: SyncOptions,
): Pick<SyncPlan, 'rotate' | 'rotateCopies'> {
  const rotate = new Map<DatasetName, readonly ShortName[]>();
  const rotateCopies = new Map<DatasetName, readonly ShortName[]>();
  if (keep === undefined && carried.size === 0) return { rotate, rotateCopies };
  for (const [index, plan] of plans.entries()) {
    const source = sources[index];
    if (source === undefined || isStopped(plan) || plan.decision.kind === 'left') continue;
    const replicated = [...(targets.get(plan.target)?.snapshots ?? []), ...arriving(plan)];
    const there = guidsOf(replicated);
    const names = new Set(spentOf(source.snapshots, carried, there, id));
    const older = keep === undefined ? [] : rotateOwn(source.snapshots, there, id, keep, carried);
    for (const name of older) names.add(name);
    if (names.size > 0) rotate.set(source.name, [...names]);
    const copies = spentOf(replicated, carried, guidsOf(source.snapshots), id);
    if (copies.length > 0) rotateCopies.set(plan.target, copies);
  }
  return { rotate, rotateCopies };
}

function guidsOf(snapshots: readonly Snapshot[]): Set<Guid> {
  return new Set(snapshots.map(({ guid }) => guid));
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
