import type { Remedy } from '../plan/remedy.ts';
import type { Step } from '../plan/steps.ts';
import type { SyncPlan } from '../plan/sync-plan.ts';
import type { DatasetName, ShortName } from '../zfs/dataset-name.ts';
import type { Snapshot } from '../zfs/snapshot.ts';
import type { Problem } from './problem.ts';

/** All that the engine tells while it works. Closed: who listens can switch over it and be sure. */
export type EngineEvent =
  | { readonly kind: 'planned'; readonly plan: SyncPlan }
  | { readonly kind: 'snapshot-taken'; readonly name: ShortName; readonly datasets: readonly DatasetName[] }
  | { readonly kind: 'parent-created'; readonly target: DatasetName }
  | {
      readonly kind: 'step-started';
      readonly source: DatasetName;
      readonly target: DatasetName;
      readonly step: Step;
    }
  /** Only for large steps. Bytes of this step so far. */
  | {
      readonly kind: 'step-progress';
      readonly source: DatasetName;
      readonly bytes: number;
      readonly of: number | undefined;
    }
  | {
      readonly kind: 'step-ended';
      readonly source: DatasetName;
      readonly target: DatasetName;
      readonly step: Step;
      readonly ms: number;
    }
  | {
      readonly kind: 'dataset-failed';
      readonly source: DatasetName;
      readonly target: DatasetName;
      readonly problem: Problem;
    }
  | {
      readonly kind: 'dataset-skipped';
      readonly source: DatasetName;
      readonly target: DatasetName;
      readonly reason: string;
    }
  /** Each of these was found on the target with the GUID of the source. */
  | { readonly kind: 'verified'; readonly target: DatasetName; readonly snapshots: readonly Snapshot[] }
  | { readonly kind: 'rotated'; readonly dataset: DatasetName; readonly names: readonly ShortName[] }
  /** Destroyed with all that is below it, since its source was gone for long enough; `used` in bytes. */
  | {
      readonly kind: 'pruned';
      readonly target: DatasetName;
      readonly datasets: number;
      readonly snapshots: number;
      readonly used: number;
    }
  /** What an interrupted receive left behind is gone. */
  | { readonly kind: 'let-go'; readonly target: DatasetName; readonly reason: string }
  | { readonly kind: 'renamed'; readonly from: DatasetName; readonly to: DatasetName }
  /** A target that had diverged can go on, by what was asked for. */
  | { readonly kind: 'healed'; readonly target: DatasetName; readonly remedy: Remedy }
  /** Another run has the lock, and this one waits for it. */
  | { readonly kind: 'waiting'; readonly target: string; readonly holder: string }
  /** It did not work, and is tried again after that many milliseconds. */
  | {
      readonly kind: 'retrying';
      readonly problem: Problem;
      readonly ms: number;
      /** Attempts in a row that brought nothing, and how many are allowed. */
      readonly failures: number;
      readonly of: number;
    }
  /** Worth knowing, and nothing that is wrong. */
  | { readonly kind: 'note'; readonly message: string }
  | { readonly kind: 'warning'; readonly message: string };

/** What the engine works with; all that touches the world is handed in. */
export type Report = (event: EngineEvent) => void;
