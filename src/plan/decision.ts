import type { DatasetName } from '../zfs/dataset-name.ts';
import type { Snapshot } from '../zfs/snapshot.ts';
import type { StreamFlags } from '../zfs/stream-flags.ts';
import type { Base } from './base.ts';
import type { Conflict } from './conflict.ts';
import type { Remedy } from './remedy.ts';
import type { Step } from './steps.ts';

/** What a first copy is, of whoever gets hold of the target's disks. */
export type Secrecy =
  /** As on the source, where it is not encrypted either. */
  | 'plain'
  /** Encrypted as on the source; the target has no key. */
  | 'raw'
  /** Encrypted anew, with the key of what is above it on the target. */
  | 'by its parent'
  /** Encrypted anew, with a key of the target's for this copy. */
  | 'its own key'
  /** Encrypted on the source and not on the target. */
  | 'exposed';

/** What one dataset needs. */
export type Decision =
  | {
      readonly kind: 'send';
      /** `undefined` for the first send. */
      readonly base: Base | undefined;
      readonly steps: readonly Step[];
      readonly flags: StreamFlags;
      /** Set by the first receive, and by no later one. */
      readonly properties: Readonly<Record<string, string>>;
      /** Of a first send. */
      readonly secrecy?: Secrecy;
    }
  /** `base`: what both sides have, if anything. */
  | { readonly kind: 'up-to-date'; readonly reason: string; readonly base?: Base }
  /** Not copied itself, and nothing that is wrong. */
  | { readonly kind: 'left'; readonly reason: string }
  | { readonly kind: 'refused'; readonly conflict: Conflict }
  /** Goes on in the same run, once something else has arrived: what it is to be below, or what has its history. */
  | {
      readonly kind: 'waits';
      readonly for: 'place' | 'history';
      readonly reason: string;
      readonly until: DatasetName;
      /** What it will need then, as far as it can be told now. */
      readonly later?: DatasetPlan;
    }
  /** `parent`: it is that one which stands in the way. */
  | {
      readonly kind: 'blocked';
      readonly reason: string;
      readonly next: string;
      readonly parent?: DatasetName;
    };

export type DatasetPlan = {
  readonly source: DatasetName;
  readonly target: DatasetName;
  readonly decision: Decision;
  /** Why the rest of an interrupted receive on the target is let go before anything else. */
  readonly letGo?: string;
  /** The target is the root of an empty pool or a placeholder, and what arrives first takes its place. */
  readonly replaces?: true;
  /** What is done to the target before all else, in this order; the decision is what comes after. */
  readonly remedies?: readonly Remedy[];
  /** The source of what it is a clone of, where that is sent in the same run: all of that comes first. */
  readonly after?: DatasetName;
};

/** What will arrive, oldest first. */
export function arriving(plan: DatasetPlan): readonly Snapshot[] {
  return plan.decision.kind === 'send' ? plan.decision.steps.flatMap((step) => step.snapshots) : [];
}
