import { type Dataset, localOwn, ownProperties } from '../zfs/dataset.ts';
import type { DatasetName } from '../zfs/dataset-name.ts';
import type { Pool } from '../zfs/pool.ts';
import type { Snapshot } from '../zfs/snapshot.ts';
import { chooseStreamFlags, missingFeatures, type StreamFlags } from '../zfs/stream-flags.ts';
import { type Base, findBase } from './base.ts';
import { type Conflict, describeConflict, findConflict, findTakenName } from './conflict.ts';
import { isChosen, type SnapshotChoice } from './own-snapshot.ts';
import { firstSteps, type Step, stepsFrom } from './steps.ts';

export type Initial = 'all' | 'newest' | 'fail';

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
    }
  | { readonly kind: 'up-to-date'; readonly reason: string }
  | { readonly kind: 'refused'; readonly conflict: Conflict }
  | { readonly kind: 'blocked'; readonly reason: string; readonly next: string };

export type DatasetPlan = {
  readonly source: DatasetName;
  readonly target: DatasetName;
  readonly decision: Decision;
};

export type Policy = {
  readonly id: string;
  readonly choice: SnapshotChoice;
  readonly initial: Initial;
};

/** What one dataset needs, from its two listings. `top` is true for the dataset that the replica begins with. */
export function planDataset(facts: {
  readonly source: Dataset;
  readonly target: Dataset | undefined;
  readonly targetName: DatasetName;
  readonly sourcePool: Pool;
  readonly targetPool: Pool;
  readonly targetParentEncrypted: boolean;
  readonly top: boolean;
  readonly policy: Policy;
}): DatasetPlan {
  return { source: facts.source.name, target: facts.targetName, decision: decide(facts) };
}

function decide(facts: Parameters<typeof planDataset>[0]): Decision {
  const { source, target, policy } = facts;
  const wanted = source.snapshots.filter((snapshot) => isChosen(policy.choice, snapshot.name, policy.id));
  const flags = chooseStreamFlags({
    source: facts.sourcePool,
    target: facts.targetPool,
    sourceEncrypted: source.encrypted,
    targetEncrypted: target?.encrypted ?? facts.targetParentEncrypted,
    largeBlocksBefore: target && remembersLargeBlocks(target),
  });
  const lacking = missingFeatures(facts.sourcePool, facts.targetPool, flags);

  if (target === undefined) {
    if (wanted.length === 0) return { kind: 'up-to-date', reason: nothingChosen(source) };
    if (policy.initial === 'fail')
      return { kind: 'refused', conflict: noFirstSend(source, facts.targetName) };
    if (lacking.length > 0) return lacks(facts.targetPool, lacking);
    const steps = firstSteps(wanted, source.snapshots, policy.initial);
    return { kind: 'send', base: undefined, steps, flags, properties: firstProperties(facts, flags) };
  }

  const base = findBase(source, target);
  const conflict = findConflict(source, target, base);
  if (conflict) return { kind: 'refused', conflict };
  // No conflict means that there is a base.
  if (base === undefined) throw new Error(`no base for ${target.name}, and no conflict`);
  const steps = stepsFrom(base.source, wanted, source.snapshots, whyFrom(base));
  const sending = steps.flatMap((step) => step.snapshots);
  const taken = findTakenName(source, target, base, sending);
  if (taken) return { kind: 'refused', conflict: taken };
  if (steps.length === 0) {
    return { kind: 'up-to-date', reason: `the target has all up to @${base.target.name}` };
  }
  if (lacking.length > 0) return lacks(facts.targetPool, lacking);
  if (target.encrypted && !flags.raw && !target.keyLoaded) {
    return {
      kind: 'blocked',
      reason: `${target.name} is encrypted with a key of its own, which is not loaded there`,
      next: `load it on the target: zfs load-key ${target.name}`,
    };
  }
  return { kind: 'send', base, steps, flags, properties: {} };
}

/** What the first receive sets: the rest is inherited from the replica's top dataset. */
function firstProperties(
  facts: Parameters<typeof planDataset>[0],
  flags: StreamFlags,
): Record<string, string> {
  const { source, policy, top } = facts;
  return {
    ...(top ? topProperties(policy.id) : {}),
    ...(source.type === 'filesystem' ? { canmount: 'noauto' } : { volmode: 'none' }),
    [ownProperties.source]: source.guid,
    [ownProperties.mode]: flags.raw ? 'raw' : 'plain',
    [ownProperties.largeBlocks]: flags.raw || flags.largeBlocks ? 'on' : 'off',
  };
}

/** What a replica's top dataset has, and those below inherit. */
export function topProperties(id: string): Record<string, string> {
  return { readonly: 'on', 'com.sun:auto-snapshot': 'false', [ownProperties.id]: id };
}

function remembersLargeBlocks(target: Dataset): boolean | undefined {
  const value = localOwn(target, ownProperties.largeBlocks);
  return value === undefined ? undefined : value === 'on';
}

function whyFrom(base: Base): string {
  const { source, target } = base;
  if (source.kind === 'bookmark') {
    return `@${target.name} is the newest on the target; the source has only its bookmark #${source.name} left`;
  }
  const renamed = source.name === target.name ? '' : ` (@${target.name} on the target, the same by its GUID)`;
  return `@${source.name} is the newest that both sides have${renamed}`;
}

function nothingChosen(source: Dataset): string {
  return source.snapshots.length === 0
    ? 'the source has no snapshots'
    : `none of the source's ${source.snapshots.length} snapshots is chosen`;
}

function noFirstSend(source: Dataset, target: DatasetName): Conflict {
  const message = `${target} is not there yet, and a first full copy is not allowed (--initial fail)`;
  return describeConflict(
    'initial-not-allowed',
    message,
    'if the name of the target is right, run it once with --initial all or --initial newest',
    source,
    undefined,
    undefined,
  );
}

function lacks(pool: Pool, features: readonly string[]): Decision {
  return {
    kind: 'blocked',
    reason: `the pool ${pool.name} has not enabled ${features.join(', ')}, which the stream needs`,
    next: `enable it on the target: ${features.map((name) => `zpool set feature@${name}=enabled ${pool.name}`).join('; ')}`,
  };
}

/** What will arrive, oldest first. */
export function arriving(plan: DatasetPlan): readonly Snapshot[] {
  return plan.decision.kind === 'send' ? plan.decision.steps.flatMap((step) => step.snapshots) : [];
}
