import { type Dataset, localOwn, ownProperties, valueOwn } from '../zfs/dataset.ts';
import type { DatasetName } from '../zfs/dataset-name.ts';
import { missingFeatures } from '../zfs/stream-flags.ts';
import { type Base, findBase } from './base.ts';
import { cannotBeSent, lacks } from './blockers.ts';
import {
  type Conflict,
  describeConflict,
  findConflict,
  findRunning,
  findTakenName,
  isPlaceholder,
  quotedName,
} from './conflict.ts';
import { type Facts, flagsFor, hasOwnKey, isRaw, together, wantedOf } from './dataset-facts.ts';
import type { DatasetPlan, Decision } from './decision.ts';
import { secrecyOf } from './encryption.ts';
import { firstProperties } from './first-properties.ts';
import { isPartial, judgeLeftover, type Leftover } from './leftover.ts';
import { onHost } from './place.ts';
import { chooseRemedy, healed, type Remedy } from './remedy.ts';
import { cloneSteps, firstSteps, type ResumeStream, resumeSteps, type Step, stepsFrom } from './steps.ts';

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
    valueOwn(target, ownProperties.id) === policy.id &&
    target.snapshots.length === 0 &&
    !target.inconsistent
  );
}

/** Such a one goes out of the way, with what we have left on it, and not with what somebody else has. */
function decideEmptied(facts: Facts, target: Dataset): Decision {
  const wanted = wantedOf(facts);
  const leftover = judgeLeftover({ ...leftoverFacts(facts, target), wanted, next: wanted[0] });
  if (leftover.kind === 'foreign') return refusedForeign(facts, target, leftover.message);
  const message = `the history of ${target.name} is that of ${target.origin} now, as on the source`;
  const conflict = describeConflict(
    'promoted-away',
    message,
    'run this again',
    facts.source,
    target,
    undefined,
  );
  return { kind: 'refused', conflict };
}

type Decided = Pick<DatasetPlan, 'decision' | 'letGo'>;

function decide(facts: Facts): Decided {
  const { source, target, receiver } = facts;
  if (target === undefined) return { decision: decideFirst(facts, undefined) };
  if (isPlaceholder(target) && wantedOf(facts).length === 0) {
    return { decision: { kind: 'up-to-date', reason: nothingChosen(facts) } };
  }
  const running = findRunning(source, target, receiver);
  if (running === undefined && isEmptied(facts, target)) return { decision: decideEmptied(facts, target) };
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
    sourceHost: facts.sourceHost,
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
      next: `load it ${onHost(facts.targetHost)}: zfs load-key ${quotedName(target.key?.root ?? target.name)}`,
    };
  }
  return { kind: 'send', base, steps, flags, properties: {} };
}

function leftoverFacts(facts: Facts, target: Dataset) {
  const { id, cleanBefore } = facts.policy;
  const origin = facts.clone?.from ?? facts.origin;
  return {
    source: facts.source,
    root: facts.root,
    origin,
    target,
    raw: flagsFor(facts).raw,
    id,
    cleanBefore,
  };
}

function refusedForeign({ source, targetHost }: Facts, target: Dataset, message: string): Decision {
  const next = `finish it with what began it; if nothing will, throw away what has arrived, ${onHost(targetHost)}: zfs receive -A ${quotedName(target.name)}`;
  return {
    kind: 'refused',
    conflict: describeConflict('foreign-receive', message, next, source, target, findBase(source, target)),
  };
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
