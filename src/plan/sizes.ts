import type { Dataset } from '../zfs/dataset.ts';
import { ancestorsOf, type DatasetName } from '../zfs/dataset-name.ts';
import { pendingGuid } from '../zfs/guid.ts';
import type { Stream } from '../zfs/send-args.ts';
import { type Point, pointName, type Snapshot } from '../zfs/snapshot.ts';
import type { Step } from './steps.ts';
import type { SyncPlan } from './sync-plan.ts';

/** Bytes that a snapshot wrote and refers to, by its full name. */
export type SnapshotSizes = ReadonlyMap<string, { readonly written: number; readonly referenced: number }>;

/** Full names of the snapshots whose sizes the plan's estimates need; those still pending have none. */
export function snapshotsToMeasure(plan: SyncPlan, sources: readonly Dataset[]): string[] {
  const histories = new Map(sources.map((dataset) => [dataset.name, dataset.snapshots]));
  return plan.datasets.flatMap(({ source, decision }) =>
    decision.kind === 'send'
      ? decision.steps.flatMap((step) =>
          spanOf(step, histories.get(source) ?? []).map((s) => pointName(source, s)),
        )
      : [],
  );
}

/**
 * The plan with an estimate for each step: what its snapshots wrote, or for a full stream what the first refers to.
 * On disk, so it is what a compressed stream has; an increment over snapshots that were left out can only be smaller.
 */
export function withSizes(plan: SyncPlan, sources: readonly Dataset[], sizes: SnapshotSizes): SyncPlan {
  const byName = new Map(sources.map((dataset) => [dataset.name, dataset]));
  const datasets = plan.datasets.map((one) => {
    const dataset = byName.get(one.source);
    if (one.decision.kind !== 'send' || dataset === undefined) return one;
    const steps = one.decision.steps.map((step) => ({ ...step, bytes: bytesOf(step, dataset, sizes) }));
    return { ...one, decision: { ...one.decision, steps } };
  });
  return { ...plan, datasets };
}

/** Bytes of the whole plan, as far as they are known. */
export function plannedBytes(plan: SyncPlan): number {
  return plan.datasets.reduce((sum, one) => sum + datasetBytes(one.decision), 0);
}

export function datasetBytes(decision: SyncPlan['datasets'][number]['decision']): number {
  return decision.kind === 'send' ? decision.steps.reduce((sum, step) => sum + (step.bytes ?? 0), 0) : 0;
}

/** The snapshots of the source's history that a step covers: after its base, up to what it brings. */
function spanOf({ stream }: Step, history: readonly Snapshot[]): Snapshot[] {
  const { from, to } = baseAndEnd(stream);
  if (from === undefined) return history.filter((snapshot) => snapshot.guid === to.guid);
  return history.filter(({ createtxg }) => createtxg > from.createtxg && createtxg <= to.createtxg);
}

function baseAndEnd(stream: Stream): { readonly from: Point | undefined; readonly to: Snapshot } {
  return stream.kind === 'full' ? { from: undefined, to: stream.to } : stream;
}

function bytesOf(step: Step, dataset: Dataset, sizes: SnapshotSizes): number {
  const whole = bytesOfWhole(step, dataset, sizes);
  return step.stream.kind === 'resume' ? Math.max(whole - step.stream.token.bytes, 0) : whole;
}

function bytesOfWhole(step: Step, dataset: Dataset, sizes: SnapshotSizes): number {
  const { stream } = step;
  const pending = stream.to.guid === pendingGuid;
  const sizeOf = (snapshot: Snapshot) => sizes.get(pointName(dataset.name, snapshot));
  if (baseAndEnd(stream).from === undefined) {
    return pending ? dataset.referenced : (sizeOf(stream.to)?.referenced ?? dataset.referenced);
  }
  const before = spanOf(step, dataset.snapshots).reduce(
    (sum, snapshot) => sum + (sizeOf(snapshot)?.written ?? 0),
    0,
  );
  return before + (pending ? dataset.written : 0);
}

/** Bytes that have arrived of each snapshot that was cut off, by its target and GUID. */
export function cutOff(plan: SyncPlan): ReadonlyMap<string, number> {
  const steps = plan.datasets.flatMap(({ target, decision }) =>
    decision.kind === 'send' ? decision.steps.map(({ stream }) => ({ target, stream })) : [],
  );
  return new Map(
    steps.flatMap(({ target, stream }) =>
      stream.kind === 'resume' ? [[`${target} ${stream.to.guid}`, stream.token.bytes] as const] : [],
    ),
  );
}

/** What does not fit, as a sentence with the next thing to try; `undefined` where all does. */
export type Shortage = { readonly dataset: DatasetName; readonly needed: number; readonly available: number };

/**
 * The first dataset of the target that has not enough room for what comes to it and below it.
 * `available` counts the pool's free space and the quotas above a dataset alike.
 */
export function findShortage(plan: SyncPlan, room: ReadonlyMap<DatasetName, number>): Shortage | undefined {
  const needs = new Map<DatasetName, number>();
  for (const { target, decision } of plan.datasets) {
    const bytes = datasetBytes(decision);
    for (const name of bytes > 0 ? [...ancestorsOf(target), target] : []) {
      needs.set(name, (needs.get(name) ?? 0) + bytes);
    }
  }
  for (const [dataset, available] of room) {
    const needed = needs.get(dataset) ?? 0;
    if (needed > available) return { dataset, needed, available };
  }
  return undefined;
}
