import type { Dataset } from '../zfs/dataset.ts';
import { localOwn, ownProperties } from '../zfs/dataset.ts';
import { type DatasetName, datasetNameFault, parentOf, type ShortName } from '../zfs/dataset-name.ts';
import { holdTag } from '../zfs/hold-args.ts';
import type { Snapshot } from '../zfs/snapshot.ts';
import type { Base } from './base.ts';
import type { Conflict } from './conflict.ts';
import { utcText } from './utc.ts';

/** What to do with a target that cannot go on as it is. */
export type OnDivergence = 'stop' | 'set-aside' | 'rollback';

/** What is done to a target before anything is sent to it, so that it can go on. */
export type Remedy =
  /** Renamed, with all that only it has; what both sides have comes back in its place as a clone, and nothing of it is sent again. */
  | {
      readonly kind: 'set-aside';
      readonly copy: DatasetName;
      /** `undefined` where nothing is in common: a full copy takes its place. */
      readonly base: Base | undefined;
      /** `20261120T030405Z`, as in the copy's name. */
      readonly since: string;
      /** Nothing is in it that would be missed: a placeholder, or a clone without anything of its own. */
      readonly empty: boolean;
      readonly conflict: Conflict;
    }
  | {
      readonly kind: 'rollback';
      readonly base: Base;
      /** What is destroyed; asked for by name. */
      readonly loses: readonly Snapshot[];
      /** Bytes written since its newest snapshot, which go, too. */
      readonly written: number;
      readonly conflict: Conflict;
    }
  /** A snapshot whose name the source's is to have. */
  | {
      readonly kind: 'rename-snapshot';
      readonly from: ShortName;
      readonly to: ShortName;
      readonly conflict: Conflict;
    };

/** A remedy, or why the one that was asked for is none here; `undefined` where none was asked for. */
export type Remedied = { readonly remedy: Remedy } | { readonly why: string } | undefined;

export type RemedyFacts = {
  readonly source: Dataset;
  readonly target: Dataset;
  readonly onDivergence: OnDivergence;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The replica's. */
  readonly id: string;
  /** The target is a placeholder: moving it out of the way is nobody's loss. */
  readonly placeholder: boolean;
};

/** Conflicts that are the target's own state, and not a mistake of whoever gave the command. */
const curable: ReadonlySet<Conflict['kind']> = new Set([
  'key-mismatch',
  'mode-changed',
  'name-taken',
  'no-common-snapshot',
  'not-from-raw',
  'promoted-away',
  'target-has-no-snapshots',
  'target-newer',
  'target-written',
]);

export function chooseRemedy(conflict: Conflict, facts: RemedyFacts): Remedied {
  // Nothing is in these that would be missed.
  const isEmpty = facts.placeholder && conflict.kind === 'target-has-no-snapshots';
  const isEmptied = conflict.kind === 'promoted-away' && facts.target.written === 0;
  if (isEmpty || isEmptied) return chooseAside(conflict, facts);
  if (facts.onDivergence === 'stop' || !curable.has(conflict.kind)) return undefined;
  return facts.onDivergence === 'rollback' ? chooseRollback(conflict, facts) : chooseAside(conflict, facts);
}

function chooseAside(conflict: Conflict, { source, target, now, placeholder }: RemedyFacts): Remedied {
  const stamp = utcText(now);
  const { clash } = conflict;
  if (clash !== undefined) {
    const to = `${clash.name}_diverged_${stamp}`;
    if (Buffer.byteLength(`${target.name}@${to}`) > 255) return { why: `the name @${to} would be too long` };
    return { remedy: { kind: 'rename-snapshot', from: clash.name, to: to as ShortName, conflict } };
  }
  if (parentOf(target.name) === undefined) return { why: 'the root of a pool cannot be renamed' };
  const copy = asideName(target.name, now);
  const fault = datasetNameFault(copy);
  if (fault !== undefined) return { why: `it cannot be renamed to ${copy}: ${fault}` };
  const long = target.snapshots.find(({ name }) => Buffer.byteLength(`${copy}@${name}`) > 255);
  if (long) return { why: `it cannot be renamed to ${copy}: with @${long.name} that name would be too long` };
  // With nothing in common, whether it is a copy at all, or was made to hold some, is known only from what it remembers.
  const remembers =
    localOwn(target, ownProperties.source) === source.guid ||
    localOwn(target, ownProperties.placeholder) !== undefined;
  if (conflict.base === undefined && !remembers && !placeholder && conflict.kind !== 'promoted-away') {
    return {
      why: `nothing says that ${target.name} is a copy of ${source.name}; to have it replaced, "zferry reset" sets it aside`,
    };
  }
  const base = isOtherWay(conflict) ? undefined : conflict.base;
  const empty = placeholder || (conflict.kind === 'promoted-away' && target.written === 0);
  return { remedy: { kind: 'set-aside', copy, base, since: stamp, empty, conflict } };
}

/** `<name>_diverged_<UTC>`. */
export function asideName(name: DatasetName, now: number): DatasetName {
  return `${name}_diverged_${utcText(now)}` as DatasetName;
}

function chooseRollback(conflict: Conflict, { target, id }: RemedyFacts): Remedied {
  const { base, details } = conflict;
  if (isOtherWay(conflict)) return { why: 'what was received one way cannot go on the other way' };
  if (base === undefined) return { why: 'nothing is in common that it could be rolled back to' };
  if (conflict.clash !== undefined) {
    return { why: `@${conflict.clash.name} is older than what both sides have in common, and would stay` };
  }
  for (const { name } of conflict.targetOnly) {
    const { holds = [], clones = [] } = details.get(name) ?? {};
    const foreign = holds.find((tag) => tag !== holdTag(id));
    if (foreign !== undefined) return { why: `@${name} is held by "${foreign}"` };
    if (clones.length > 0) return { why: `@${name} has a clone: ${clones.join(', ')}` };
  }
  const mark = target.bookmarks.find(({ createtxg }) => createtxg > base.target.createtxg);
  if (mark) return { why: `its bookmark #${mark.name} is newer than that, and would go, too` };
  if (conflict.kind === 'not-from-raw') return { why: 'what would be lost has not been shown by a dry run' };
  const { targetOnly: loses, written } = conflict;
  return { remedy: { kind: 'rollback', base, loses, written, conflict } };
}

/** Nothing of what was received one way can be gone on from the other way. */
function isOtherWay({ kind }: Conflict): boolean {
  return kind === 'mode-changed' || kind === 'key-mismatch';
}

/** A target as it will be once that has been done; `undefined` where it is gone from its place. */
export function healed(target: Dataset, remedy: Remedy): Dataset | undefined {
  switch (remedy.kind) {
    case 'rename-snapshot':
      return {
        ...target,
        snapshots: target.snapshots.map((one) =>
          one.name === remedy.from ? { ...one, name: remedy.to } : one,
        ),
      };
    case 'rollback':
    case 'set-aside': {
      const { base } = remedy;
      if (base === undefined) return undefined;
      const isOld = ({ createtxg }: Pick<Snapshot, 'createtxg'>): boolean =>
        createtxg <= base.target.createtxg;
      return {
        ...target,
        written: 0,
        resumeToken: undefined,
        inconsistent: false,
        snapshots: target.snapshots.filter(isOld),
        bookmarks: target.bookmarks.filter(isOld),
      };
    }
  }
}
