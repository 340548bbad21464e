import { type Dataset, localOwn, ownProperties } from '../zfs/dataset.ts';
import type { DatasetName } from '../zfs/dataset-name.ts';
import type { Guid } from '../zfs/guid.ts';
import type { Pool } from '../zfs/pool.ts';
import type { ReceiveProcess } from '../zfs/receive-processes.ts';
import type { Snapshot } from '../zfs/snapshot.ts';
import { chooseStreamFlags, type StreamFlags } from '../zfs/stream-flags.ts';
import type { ZfsVersion } from '../zfs/version.ts';
import type { CloneStart } from './clones.ts';
import type { Conflict } from './conflict.ts';
import type { EncryptRequest } from './encrypt.ts';
import { isChosen, type SnapshotChoice } from './own-snapshot.ts';
import type { OnDivergence } from './remedy.ts';
import { takesMany } from './steps.ts';

export type Initial = 'all' | 'newest' | 'fail';

export type Policy = {
  readonly id: string;
  readonly choice: SnapshotChoice;
  readonly initial: Initial;
  /** The last run left nothing behind. */
  readonly cleanBefore: boolean;
  readonly onDivergence: OnDivergence;
  /** `no`: an encrypted source is sent in plain. `yes`: nothing that is not encrypted may be sent. */
  readonly raw: 'auto' | 'yes' | 'no';
  /** A copy that is not sent raw is encrypted where it arrives. */
  readonly encrypt: EncryptRequest | undefined;
  /** Snapshots on both sides that did not arrive raw. */
  readonly impure: ReadonlySet<Guid>;
  /** Placeholders on the target in which something is, or may be. */
  readonly occupied: ReadonlySet<DatasetName>;
  /** The user may not hold on the source, which `zfs send -I` does. */
  readonly mayNotHold: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
};

/** All that the plan of one dataset is made from. */
export type Facts = {
  readonly source: Dataset;
  /** The snapshot that the source is a clone of. */
  readonly origin: Snapshot | undefined;
  /** The snapshot that the target is a clone of. */
  readonly targetOrigin: Snapshot | undefined;
  /** From what a first copy begins on the target. */
  readonly clone: CloneStart | undefined;
  readonly target: Dataset | undefined;
  readonly targetName: DatasetName;
  /** The top of the source's tree. */
  readonly root: DatasetName;
  readonly sourceHost: string;
  readonly targetHost: string;
  readonly sourcePool: Pool;
  readonly targetPool: Pool;
  readonly sourceVersion: ZfsVersion | undefined;
  readonly targetVersion: ZfsVersion | undefined;
  readonly targetParentEncrypted: boolean;
  /** A receive into the target that runs right now. */
  readonly receiver: ReceiveProcess | undefined;
  readonly top: boolean;
  /** The target is an empty pool's root, to be replaced. */
  readonly replaces: boolean;
  /** What is known of the target's snapshots, where somebody has asked. */
  readonly details: Conflict['details'];
  readonly traces: Conflict['traces'];
  /** What had the target's name, and was set aside to make place for a full copy. */
  readonly rebuilding: DatasetName | undefined;
  readonly policy: Policy;
};

/** What is to be sent, oldest first; of what begins as a clone, only what is newer than its origin. */
export function wantedOf({ source, policy, clone }: Facts): readonly Snapshot[] {
  if (policy.choice.kind === 'all' && clone === undefined) return source.snapshots;
  return source.snapshots
    .filter((snapshot) => isChosen(policy.choice, snapshot.name, policy.id))
    .filter(({ createtxg }) => clone === undefined || createtxg > clone.from.createtxg);
}

/** Whether many snapshots may go in one stream. */
export function together({ targetVersion, policy }: Facts): boolean {
  return takesMany(targetVersion) && !policy.mayNotHold;
}

export function flagsFor(facts: Facts): StreamFlags {
  const { target, sourcePool, sourceVersion, targetPool, targetParentEncrypted } = facts;
  return chooseStreamFlags({
    source: sourcePool,
    sourceVersion,
    target: targetPool,
    raw: isRaw(facts),
    targetEncrypted: target?.encrypted ?? (targetParentEncrypted || hasOwnKey(facts)),
    largeBlocksBefore: target && remembersLargeBlocks(target),
  });
}

/** Whether it becomes an encryption root on the target. */
export function hasOwnKey({ top, policy }: Facts): boolean {
  return top && policy.encrypt !== undefined;
}

export function isRaw({ source, policy }: Pick<Facts, 'source' | 'policy'>): boolean {
  return source.encrypted && policy.raw !== 'no';
}

function remembersLargeBlocks(target: Dataset): boolean | undefined {
  const value = localOwn(target, ownProperties.largeBlocks);
  return value === undefined ? undefined : value === 'on';
}
