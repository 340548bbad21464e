import type { Dataset } from '../zfs/dataset.ts';
import { localOwn, ownProperties } from '../zfs/dataset.ts';
import { type DatasetName, isWithin, type ShortName } from '../zfs/dataset-name.ts';
import { isUnreadable, type ResumeToken, readResumeToken } from '../zfs/resume-token.ts';
import type { Point, Snapshot } from '../zfs/snapshot.ts';
import { formatBytes } from './format.ts';
import { isOwnSnapshot } from './own-snapshot.ts';

/**
 * What an interrupted receive left on a target, judged by its token alone. A token is made by the receiver and names what it
 * likes, so it is used only where it asks for exactly the step that would be planned without it.
 */
export type Leftover =
  | { readonly kind: 'none' }
  /** It fits: go on with it. */
  | {
      readonly kind: 'resume';
      readonly token: ResumeToken;
      readonly to: Snapshot;
      readonly from: Point | undefined;
    }
  /** It is from this replica and of no use any more. `lost`: no step from this source can ever finish it. */
  | { readonly kind: 'let-go'; readonly reason: string; readonly lost: boolean }
  /** Somebody else's, who could still use it. */
  | { readonly kind: 'foreign'; readonly message: string };

export type LeftoverFacts = {
  readonly source: Dataset;
  /** The top of the source's tree. */
  readonly root: DatasetName;
  /** What the source is a clone of. */
  readonly origin: Snapshot | undefined;
  readonly target: Dataset;
  /** Chosen snapshots of the source, oldest first. */
  readonly wanted: readonly Snapshot[];
  /** The step that would come next if there were no token brings this; `undefined` where nothing is to come. */
  readonly next: Snapshot | undefined;
  readonly raw: boolean;
  readonly id: string;
  /** The last run left nothing behind: what is there now, something else began. */
  readonly cleanBefore: boolean;
};

/** A first receive that was cut off: the dataset is there, unfinished, with nothing in it to go back to. */
export function isPartial(target: Dataset): boolean {
  return target.inconsistent && target.resumeToken !== undefined && target.snapshots.length === 0;
}

export function judgeLeftover(facts: LeftoverFacts): Leftover {
  const { source, target } = facts;
  if (target.resumeToken === undefined) return { kind: 'none' };
  const token = readResumeToken(target.resumeToken);
  const marked = localOwn(target, ownProperties.source) === source.guid;
  // A first copy is marked by the very receive that was cut off.
  const ours = marked && (isPartial(target) || !facts.cleanBefore);
  if (isUnreadable(token)) {
    const what = `its token cannot be read (${token.unreadable})`;
    return ours ? { kind: 'let-go', reason: what, lost: true } : foreign(target, what);
  }
  const to = source.snapshots.find(({ guid }) => guid === token.to);
  if (to === undefined) {
    if (!ours || !cameFrom(facts, token)) {
      return foreign(target, `it is for ${token.toName} (${token.to}), which ${source.name} has not`);
    }
    const reason = `the snapshot that it was for, ${token.toName}, is gone from the source`;
    return { kind: 'let-go', reason, lost: true };
  }
  // A first receive makes the dataset and marks it as ours before it reads any data, but not in one transaction group.
  if (!ours && isPartial(target) && token.bytes === 0) {
    return { kind: 'let-go', reason: 'nothing of it had arrived', lost: true };
  }
  const misfit = misfitOf(facts, token, to);
  if (misfit === undefined && (ours || !isPartial(target))) {
    return { kind: 'resume', token, to, from: pointOf(facts, token.from) };
  }
  if (!ours) {
    return foreign(
      target,
      misfit?.reason ?? `${arrivedText(token)} of ${token.toName}, sent by something else, have arrived`,
    );
  }
  return { kind: 'let-go', reason: '', lost: false, ...misfit };
}

/** Why a token does not ask for what would be sent without it; `undefined` where it does. */
function misfitOf(
  facts: LeftoverFacts,
  token: ResumeToken,
  to: Snapshot,
): { readonly reason: string; readonly lost: boolean } | undefined {
  const { target, wanted, next, raw, origin } = facts;
  if (token.from !== undefined && pointOf(facts, token.from) === undefined) {
    const base = target.snapshots.find(({ guid }) => guid === token.from);
    const name = base ? `@${base.name}` : `the snapshot ${token.from}`;
    return { reason: `its base, ${name}, is gone from the source`, lost: true };
  }
  if (token.raw !== raw) {
    return { reason: `it was sent ${modeText(token.raw)}, and would now come ${modeText(raw)}`, lost: false };
  }
  // What begins as a clone goes onto its origin.
  const onto = target.snapshots.at(-1)?.guid ?? (target.origin === undefined ? undefined : origin?.guid);
  if (token.from !== onto) {
    return { reason: `the newest snapshot of ${target.name} is no longer the one it goes onto`, lost: false };
  }
  if (!wanted.includes(to)) {
    return { reason: `@${to.name} is no longer among the snapshots to send`, lost: false };
  }
  if (next !== undefined && next !== to) {
    return { reason: `@${next.name} is to come before @${to.name}`, lost: false };
  }
  return undefined;
}

/** Bytes that had arrived, as a person reads them. */
export function arrivedText(token: ResumeToken): string {
  return formatBytes(token.bytes);
}

function foreign(target: Dataset, what: string): Leftover {
  return {
    kind: 'foreign',
    message: `${target.name} holds the rest of an interrupted receive that is not zferry's: ${what}`,
  };
}

/** Whether a token for a snapshot that is gone was made for this source: by its name then, which can be another one of the same tree, or by ours. */
function cameFrom({ root, id }: LeftoverFacts, { toName }: ResumeToken): boolean {
  const [dataset = '', snapshot = ''] = toName.split('@');
  return isWithin(dataset as DatasetName, root) || isOwnSnapshot(snapshot as ShortName, id);
}

function pointOf({ source, origin }: LeftoverFacts, guid: Point['guid'] | undefined): Point | undefined {
  const is = (point: Point): boolean => point.guid === guid;
  return (
    source.snapshots.find(is) ?? source.bookmarks.find(is) ?? (origin && is(origin) ? origin : undefined)
  );
}

function modeText(raw: boolean): string {
  return raw ? 'raw' : 'in plain';
}
