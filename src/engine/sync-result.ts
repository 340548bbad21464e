import type { Conflict } from '../plan/conflict.ts';
import type { Remedy } from '../plan/remedy.ts';
import type { SyncPlan } from '../plan/sync-plan.ts';
import { losesWrites } from '../plan/unsnapshotted.ts';
import type { DatasetName, ShortName } from '../zfs/dataset-name.ts';
import { type ExitCode, exitCodes } from '../zfs/failure.ts';
import type { Snapshot } from '../zfs/snapshot.ts';
import type { Problem } from './problem.ts';
import type { Pruned } from './prune-vanished.ts';

export type Outcome =
  /** All that was planned arrived and was found on the target by its GUID. */
  | {
      readonly kind: 'sent';
      readonly snapshots: readonly Snapshot[];
      readonly bytes: number;
      readonly ms: number;
    }
  | { readonly kind: 'nothing'; readonly reason: string }
  | { readonly kind: 'refused'; readonly conflict: Conflict }
  /** `planned`: bytes that were to come, where something was tried. */
  | {
      readonly kind: 'failed';
      readonly problem: Problem;
      readonly snapshots: readonly Snapshot[];
      readonly planned?: number;
    }
  | { readonly kind: 'skipped'; readonly reason: string };

export type DatasetResult = {
  readonly source: DatasetName;
  readonly target: DatasetName;
  readonly outcome: Outcome;
};

/** A target that had diverged and can go on. */
export type Healed = { readonly target: DatasetName; readonly remedy: Remedy };

export type SyncResult = {
  readonly plan: SyncPlan;
  readonly datasets: readonly DatasetResult[];
  readonly rotated: ReadonlyMap<DatasetName, readonly ShortName[]>;
  /** What was done to targets that had diverged, in the whole run. */
  readonly healed: readonly Healed[];
  /** What was destroyed because its source was gone for long enough. */
  readonly pruned: readonly Pruned[];
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number;
};

/** The one exit code of a run over many datasets. */
export function exitCodeOf(result: SyncResult): ExitCode {
  // What is left out on purpose is neither good nor bad.
  const left = new Set(
    result.plan.datasets.filter((one) => one.decision.kind === 'left').map((one) => one.source),
  );
  const kinds = result.datasets.filter(({ source }) => !left.has(source)).map(({ outcome }) => outcome.kind);
  const good = kinds.filter((kind) => kind === 'sent' || kind === 'nothing').length;
  if (good === kinds.length) return losesWrites(result.plan) ? exitCodes.partly : exitCodes.done;
  if (good > 0) return exitCodes.partly;
  // What was skipped has its reason in another one.
  if (kinds.includes('failed') || !kinds.includes('refused')) return exitCodes.failed;
  return refusedExitCode(
    result.datasets.flatMap(({ outcome }) => (outcome.kind === 'refused' ? [outcome.conflict] : [])),
  );
}

/** Where every dataset is refused. */
export function refusedExitCode(conflicts: readonly Conflict[]): ExitCode {
  return conflicts.every(({ kind }) => kind === 'being-received') ? exitCodes.busy : exitCodes.refused;
}

/** Bytes that were sent, as far as their size was known beforehand. */
export function bytesSent(result: SyncResult): number {
  return result.datasets.reduce((sum, { outcome }) => sum + (outcome.kind === 'sent' ? outcome.bytes : 0), 0);
}
