import { type Dataset, localOwn, ownProperties } from '../zfs/dataset.ts';
import type { DatasetName } from '../zfs/dataset-name.ts';
import type { Guid } from '../zfs/guid.ts';
import type { Pool } from '../zfs/pool.ts';
import type { ReceiveProcess } from '../zfs/receive-processes.ts';
import type { Snapshot } from '../zfs/snapshot.ts';
import { chooseStreamFlags, missingFeatures, type StreamFlags } from '../zfs/stream-flags.ts';
import { versionText, type ZfsVersion } from '../zfs/version.ts';
import { type Base, findBase } from './base.ts';
import type { CloneStart } from './clones.ts';
import {
  type Conflict,
  describeConflict,
  findConflict,
  findRunning,
  findTakenName,
  isPlaceholder,
  quotedName,
} from './conflict.ts';
import { type EncryptRequest, encryptProperties } from './encrypt.ts';
import { type Secrecy, secrecyOf } from './encryption.ts';
import { isPartial, judgeLeftover, type Leftover } from './leftover.ts';
import { isChosen, type SnapshotChoice } from './own-snapshot.ts';
import { onHost } from './place.ts';
import { chooseRemedy, healed, type OnDivergence, type Remedy } from './remedy.ts';
import {
  cloneSteps,
  firstSteps,
  type ResumeStream,
  resumeSteps,
  type Step,
  stepsFrom,
  takesMany,
} from './steps.ts';

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

type Facts = {
  readonly source: Dataset;
  /** The snapshot that the source is a clone of. */
  readonly origin: Snapshot | undefined;
  /** The snapshot that the target is a clone of. */
  readonly targetOrigin: Snapshot | undefined;
  /** From what a first copy begins on the target. */
  readonly clone: CloneStart | undefined;
  readonly target: Dataset | undefined;
  readonly targetName: DatasetName;
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

/** What one dataset needs, from its two listings. `top`: it inherits from nothing above that it is part of this replica. */
export function planDataset(facts: Facts): DatasetPlan {
  const remedies: Remedy[] = [];
  let now = { ...facts, replaces: facts.replaces || turnsReal(facts) };
  for (;;) {
    const names = { source: facts.source.name, target: facts.targetName };
    const decided = decide(now);
    const extra = {
      ...(now.replaces ? { replaces: true as const } : {}),
      ...(remedies.length > 0 ? { remedies } : {}),
      ...(now.clone?.after === undefined ? {} : { after: now.clone.after }),
    };
    if (decided.decision.kind !== 'refused' || now.target === undefined) {
      const [first] = remedies;
      // Nothing is done to a target that could not go on afterwards.
      if (first !== undefined && !goesOn(decided.decision))
        return { ...names, decision: helpless(first, decided.decision) };
      return { ...names, ...decided, ...extra };
    }
    const conflict = { ...decided.decision.conflict, details: facts.details, traces: facts.traces };
    const { onDivergence, now: at } = facts.policy;
    const placeholder = isPlaceholder(now.target);
    const remedied = chooseRemedy(conflict, {
      ...now,
      id: facts.policy.id,
      target: now.target,
      onDivergence,
      now: at,
      placeholder,
    });
    if (remedied === undefined || 'why' in remedied) {
      const next = remedied
        ? `--on-divergence ${onDivergence} cannot help: ${remedied.why}; ${conflict.next}`
        : conflict.next;
      const found: Decision = { kind: 'refused', conflict: { ...conflict, next } };
      const [first] = remedies;
      return { ...names, ...(first ? {} : decided), decision: first ? helpless(first, found) : found };
    }
    remedies.push(remedied.remedy);
    now = { ...now, target: healed(now.target, remedied.remedy), replaces: false };
  }
}

/** Whether something can be sent to a target once it has been put right. */
function goesOn(decision: Decision): boolean {
  return decision.kind === 'send' || (decision.kind === 'up-to-date' && decision.base !== undefined);
}

/** Why what was found is not put right: what comes after it could not be done. */
function helpless({ conflict }: Remedy, { ...then }: Decision): Decision {
  const why =
    then.kind === 'refused'
      ? then.conflict.message
      : 'reason' in then
        ? then.reason
        : 'nothing could be sent afterwards';
  const next =
    then.kind === 'blocked'
      ? then.next
      : then.kind === 'refused'
        ? then.conflict.next
        : 'see that there is something to send';
  return {
    kind: 'refused',
    conflict: { ...conflict, next: `nothing is done about it yet, since ${why}: ${next}` },
  };
}

/** A placeholder in whose place the copy can be received: ZFS does that with nothing that is encrypted on either side. */
function turnsReal({ source, target, policy }: Facts): boolean {
  return (
    target !== undefined &&
    isPlaceholder(target) &&
    !policy.occupied.has(target.name) &&
    source.type === 'filesystem' &&
    !isRaw({ source, policy }) &&
    policy.encrypt === undefined &&
    !target.encrypted
  );
}

/** What is left of a target whose history was promoted to its clone: nothing of its own. */
function isEmptied({ source, origin, targetOrigin, policy }: Facts, target: Dataset): boolean {
  return (
    origin !== undefined &&
    targetOrigin?.guid === origin.guid &&
    localOwn(target, ownProperties.source) === source.guid &&
    target.own.get(ownProperties.id)?.value === policy.id &&
    target.snapshots.length === 0 &&
    !target.inconsistent
  );
}

function emptied({ source }: Facts, target: Dataset): Conflict {
  const message = `the history of ${target.name} is that of ${target.origin} now, as on the source`;
  return describeConflict('promoted-away', message, 'run this again', source, target, undefined);
}

type Decided = Pick<DatasetPlan, 'decision' | 'letGo'>;

function decide(facts: Facts): Decided {
  const { source, target, receiver } = facts;
  if (target === undefined) return { decision: decideFirst(facts, undefined) };
  if (isPlaceholder(target) && wantedOf(facts).length === 0) {
    return { decision: { kind: 'up-to-date', reason: nothingChosen(facts) } };
  }
  const running = findRunning(source, target, receiver);
  if (running === undefined && isEmptied(facts, target))
    return { decision: { kind: 'refused', conflict: emptied(facts, target) } };
  if (running) return { decision: { kind: 'refused', conflict: running } };
  return isPartial(target) || facts.replaces ? decideAnew(facts, target) : decideNext(facts, target);
}

/** A target that is not there yet, or only the beginning of it, with which `resume` can go on. */
function decideFirst(facts: Facts, resume: ResumeStream | undefined): Decision {
  const { source, policy } = facts;
  const wanted = wantedOf(facts);
  const flags = flagsFor(facts);
  const lacking = missingFeatures(facts.sourcePool, facts.targetPool, flags);
  if (wanted.length === 0) return { kind: 'up-to-date', reason: nothingChosen(facts) };
  const secret = cannotBeSent(facts);
  if (secret) return secret;
  if (policy.initial === 'fail') return { kind: 'refused', conflict: noFirstSend(source, facts.targetName) };
  if (lacking.length > 0) return lacks(facts, lacking);
  const ownKey = hasOwnKey(facts);
  if (policy.encrypt && !flags.raw && !ownKey && !facts.targetParentEncrypted) {
    return {
      kind: 'blocked',
      reason: `${facts.targetName} is to be encrypted (--encrypt), and what is above it on the target is not`,
      next: 'a copy is encrypted from its first dataset on: choose another target for an encrypted copy of the whole, or leave --encrypt out',
    };
  }
  const secrecy = secrecyOf(
    source,
    flags.raw,
    ownKey ? 'its own key' : facts.targetParentEncrypted && 'by its parent',
  );
  if (resume) {
    const steps = resumeSteps(resume, wanted, source.snapshots, together(facts));
    // The root of a pool gets them with the last part of a receive: those of one that was cut off are lost.
    const properties = facts.replaces ? firstProperties(facts, flags) : {};
    return { kind: 'send', base: undefined, steps, flags, properties, secrecy };
  }
  const { clone } = facts;
  const steps = clone
    ? cloneSteps(clone.from, clone.origin, wanted, source.snapshots, policy.initial, together(facts))
    : firstSteps(wanted, source.snapshots, policy.initial, together(facts));
  return { kind: 'send', base: undefined, steps, flags, properties: firstProperties(facts, flags), secrecy };
}

/** The target is only the beginning of a copy, or is to be replaced. */
function decideAnew(facts: Facts, target: Dataset): Decided {
  const wanted = wantedOf(facts);
  const next = facts.policy.initial === 'newest' ? undefined : wanted[0];
  const leftover = judgeLeftover({ ...leftoverFacts(facts, target), wanted, next });
  switch (leftover.kind) {
    case 'foreign':
      return { decision: refusedForeign(facts, target, leftover.message) };
    case 'resume':
      return { decision: decideFirst(facts, { ...leftover, kind: 'resume' }) };
    case 'let-go':
      return lettingGo(leftover, decideFirst({ ...facts, target: undefined }, undefined));
    case 'none':
      return { decision: decideFirst(facts, undefined) };
  }
}

function decideNext(facts: Facts, target: Dataset): Decided {
  const { source } = facts;
  const wanted = wantedOf(facts);
  const base = findBase(source, target, isRaw(facts) ? facts.policy.impure : undefined);
  const planned =
    base === undefined
      ? []
      : stepsFrom(base.source, wanted, source.snapshots, whyFrom(base), together(facts));
  const next = planned[0]?.snapshots[0];
  const leftover = judgeLeftover({ ...leftoverFacts(facts, target), wanted, next });
  if (leftover.kind === 'foreign') {
    return { decision: refusedForeign(facts, target, leftover.message) };
  }
  const refused = (conflict: Conflict): Decided => lettingGo(leftover, { kind: 'refused', conflict });

  const conflict = findConflict(source, target, base, {
    host: facts.targetHost,
    raw: isRaw(facts),
    impure: facts.policy.impure,
  });
  if (conflict) return refused(conflict);
  // No conflict means that there is a base.
  if (base === undefined) throw new Error(`no base for ${target.name}, and no conflict`);
  const steps =
    leftover.kind === 'resume' ? resumeSteps(leftover, wanted, source.snapshots, together(facts)) : planned;
  const taken = findTakenName(
    source,
    target,
    base,
    steps.flatMap((step) => step.snapshots),
    facts.targetHost,
  );
  if (taken) return refused(taken);
  return lettingGo(leftover, decideIncrement(facts, target, base, steps));
}

/** Where nothing can be sent, what may be of use once that is solved stays. */
function lettingGo(leftover: Leftover, decision: Decision): Decided {
  const stopped = decision.kind === 'refused' || decision.kind === 'blocked';
  return leftover.kind === 'let-go' && (leftover.lost || !stopped)
    ? { decision, letGo: leftover.reason }
    : { decision };
}

function decideIncrement(facts: Facts, target: Dataset, base: Base, steps: readonly Step[]): Decision {
  if (steps.length === 0) {
    const reason =
      wantedOf(facts).length === 0 ? nothingChosen(facts) : `the target has all up to @${base.target.name}`;
    return { kind: 'up-to-date', reason, base };
  }
  const secret = cannotBeSent(facts);
  if (secret) return secret;
  const flags = flagsFor(facts);
  const lacking = missingFeatures(facts.sourcePool, facts.targetPool, flags);
  if (lacking.length > 0) return lacks(facts, lacking);
  if (target.encrypted && !flags.raw && !target.keyLoaded) {
    return {
      kind: 'blocked',
      reason: `${target.name} is encrypted with a key that is not loaded there`,
      next: `load it on the target: zfs load-key "$(zfs get -Ho value encryptionroot ${quotedName(target.name)})"`,
    };
  }
  return { kind: 'send', base, steps, flags, properties: {} };
}

/** What the source's encryption, and what was asked for about it, stand in the way of. */
function cannotBeSent({ source, target, policy, sourceHost }: Facts): Decision | undefined {
  if (policy.raw === 'yes' && !source.encrypted) {
    return {
      kind: 'blocked',
      reason: `${source.name} is not encrypted, and only what is may be sent (--raw yes)`,
      next: 'leave it out with --exclude, or leave --raw out',
    };
  }
  if (policy.encrypt && target && !target.encrypted && !isPlaceholder(target)) {
    return {
      kind: 'blocked',
      reason: `${target.name} is there already, and is not encrypted`,
      next: 'it cannot be encrypted afterwards: leave --encrypt out, or choose another target for an encrypted copy',
    };
  }
  if (policy.raw !== 'no' || !source.encrypted || source.keyLoaded) return undefined;
  return {
    kind: 'blocked',
    reason: `${source.name} is to be sent in plain, and its key is not loaded ${onHost(sourceHost)}`,
    next: `load it there: zfs load-key ${quotedName(source.key?.root ?? source.name)}; or leave --raw out: it is then sent raw, without its key`,
  };
}

/** What is to be sent, oldest first; of what begins as a clone, only what is newer than its origin. */
function wantedOf({ source, policy, clone }: Facts): readonly Snapshot[] {
  return source.snapshots
    .filter((snapshot) => isChosen(policy.choice, snapshot.name, policy.id))
    .filter(({ createtxg }) => clone === undefined || createtxg > clone.from.createtxg);
}

/** Whether many snapshots may go in one stream. */
function together({ targetVersion, policy }: Facts): boolean {
  return takesMany(targetVersion) && !policy.mayNotHold;
}

function flagsFor(facts: Facts): StreamFlags {
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
function hasOwnKey({ top, policy }: Facts): boolean {
  return top && policy.encrypt !== undefined;
}

function isRaw({ source, policy }: Pick<Facts, 'source' | 'policy'>): boolean {
  return source.encrypted && policy.raw !== 'no';
}

function leftoverFacts(facts: Facts, target: Dataset) {
  const { id, cleanBefore } = facts.policy;
  const origin = facts.clone?.from ?? facts.origin;
  return { source: facts.source, origin, target, raw: flagsFor(facts).raw, id, cleanBefore };
}

function refusedForeign({ source, targetHost }: Facts, target: Dataset, message: string): Decision {
  const next = `finish it with what began it; if nothing will, throw away what has arrived, ${onHost(targetHost)}: zfs receive -A ${quotedName(target.name)}`;
  return {
    kind: 'refused',
    conflict: describeConflict('foreign-receive', message, next, source, target, findBase(source, target)),
  };
}

/** What the first receive sets: the rest is inherited from the replica's top dataset. */
function firstProperties(facts: Facts, flags: StreamFlags): Record<string, string> {
  const { source, policy, top, targetVersion } = facts;
  // What has no `zfs version` (illumos) has no volmode either, and looks for no partitions in a volume.
  const volume = targetVersion === undefined ? {} : { volmode: 'none' };
  return {
    ...(top ? topProperties(policy.id) : {}),
    ...(source.type === 'filesystem' ? { canmount: 'noauto' } : volume),
    [ownProperties.source]: source.guid,
    [ownProperties.mode]: flags.raw ? 'raw' : 'plain',
    [ownProperties.largeBlocks]: flags.raw || flags.largeBlocks ? 'on' : 'off',
    ...(facts.rebuilding === undefined ? {} : { [ownProperties.rebuilding]: facts.rebuilding }),
    ...(top && policy.encrypt && !flags.raw ? encryptProperties(policy.encrypt) : {}),
    ...(facts.clone ? { origin: facts.clone.origin } : {}),
    ...(facts.target && isPlaceholder(facts.target) ? { [ownProperties.placeholder]: 'off' } : {}),
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

function nothingChosen({ source, clone }: Facts): string {
  if (source.snapshots.length === 0) return 'the source has no snapshots';
  return clone === undefined
    ? `none of the source's ${source.snapshots.length} snapshots is chosen`
    : `no snapshot is chosen that is newer than @${clone.from.name}, at which it begins as a clone of ${clone.origin}`;
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

function lacks({ targetPool: pool, targetVersion }: Facts, features: readonly string[]): Decision {
  const unknown = features.filter((name) => !pool.features.has(name));
  if (unknown.length > 0) {
    return {
      kind: 'blocked',
      reason: `OpenZFS ${versionText(targetVersion)} of the target does not know ${unknown.join(', ')}, which the stream needs`,
      next: 'update OpenZFS on the target, or copy it to a host with a newer one',
    };
  }
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
