import type { Stream } from '../zfs/send-args.ts';
import type { Point, Snapshot } from '../zfs/snapshot.ts';
import { isBetween, type ZfsVersion } from '../zfs/version.ts';
import { formatBytes } from './format.ts';

/** One `zfs send` into one `zfs receive`. */
export type Step = {
  readonly stream: Stream;
  /** What will have arrived after it, oldest first. */
  readonly snapshots: readonly Snapshot[];
  readonly reason: string;
  /** Estimated size in bytes, once somebody asked. */
  readonly bytes?: number;
};

/**
 * The steps from a base to the newest wanted snapshot. `history` is all that the source has, oldest first.
 *
 * `-I` takes all snapshots between its ends along, so it serves only where all of them are wanted:
 * of `d1 h1 d2 d3 d4` with the dailies wanted, `-i d1 d2`, then `-I d2 d4`. It cannot start from a bookmark: from
 * `#b` the first step is `-i #b first`, the next goes on from there.
 * @param together whether the target can be given many snapshots in one stream; see `takesMany`
 */
export function stepsFrom(
  base: Point,
  wanted: readonly Snapshot[],
  history: readonly Snapshot[],
  why: string,
  together = true,
): Step[] {
  const later = after(history, base);
  const chosen = new Set(after(wanted, base));
  const steps: Step[] = [];
  let from = base;
  let reason = why;
  let index = 0;
  while (index < later.length) {
    const run = wantedRun(later, index, chosen);
    const to = run.at(-1);
    if (to === undefined || run.length < 2 || from.kind === 'bookmark' || !together) {
      // One snapshot, or the first of many after something that is not wanted (or after a bookmark).
      const next = later.findIndex((snapshot, i) => i >= index && chosen.has(snapshot));
      const one = later[next];
      if (one === undefined) break;
      steps.push({ stream: { kind: 'increment', from, to: one }, snapshots: [one], reason });
      from = one;
      index = next + 1;
    } else {
      steps.push({ stream: { kind: 'increments', from, to }, snapshots: run, reason });
      from = to;
      index += run.length;
    }
    reason = `goes on from @${from.name}`;
  }
  return steps;
}

/** The newer ones of a history. */
function after(history: readonly Snapshot[], base: Point): readonly Snapshot[] {
  return history.slice(history.findLastIndex(({ createtxg }) => createtxg <= base.createtxg) + 1);
}

/**
 * Whether a receive of many snapshots in one stream can be trusted: from OpenZFS 2.0 until 2.2 it could leave one out without a word
 * (openzfs/zfs#12661).
 */
export function takesMany(version: ZfsVersion | undefined): boolean {
  return version === undefined || !isBetween(version, [2, 0, 0], [2, 2, 0]);
}

/** The steps that fill a target that is not there yet. */
export function firstSteps(
  wanted: readonly Snapshot[],
  history: readonly Snapshot[],
  initial: 'all' | 'newest',
  together = true,
): Step[] {
  const first = initial === 'newest' ? wanted.at(-1) : wanted[0];
  if (first === undefined) return [];
  const reason =
    initial === 'newest'
      ? 'the target is not there yet; only the newest snapshot was asked for'
      : `the target is not there yet: ${wanted.length === 1 ? 'a full copy' : 'the oldest snapshot first'}`;
  return [
    { stream: { kind: 'full', to: first }, snapshots: [first], reason },
    ...stepsFrom(first, wanted, history, `goes on from @${first.name}`, together),
  ];
}

/** The same where the target begins as a clone of what it has already: nothing is sent that both share. */
export function cloneSteps(
  from: Snapshot,
  origin: string,
  wanted: readonly Snapshot[],
  history: readonly Snapshot[],
  initial: 'all' | 'newest',
  together = true,
): Step[] {
  const first = initial === 'newest' ? wanted.at(-1) : wanted[0];
  if (first === undefined) return [];
  const reason = `the target is not there yet: begins as a clone of ${origin}, and shares what that has`;
  return [
    { stream: { kind: 'increment', from, to: first }, snapshots: [first], reason },
    ...stepsFrom(first, wanted, history, `goes on from @${first.name}`, together),
  ];
}

export type ResumeStream = Extract<Stream, { readonly kind: 'resume' }>;

/** The rest of a step that was cut off, and what comes after it. */
export function resumeSteps(
  stream: ResumeStream,
  wanted: readonly Snapshot[],
  history: readonly Snapshot[],
  together = true,
): Step[] {
  const { to, token } = stream;
  const reason = `goes on where it was cut off, ${formatBytes(token.bytes)} of it had arrived`;
  return [
    { stream, snapshots: [to], reason },
    ...stepsFrom(to, wanted, history, `goes on from @${to.name}`, together),
  ];
}

/** Snapshots from `index` on that are wanted without a gap. */
function wantedRun(later: readonly Snapshot[], index: number, chosen: ReadonlySet<Snapshot>): Snapshot[] {
  const run: Snapshot[] = [];
  for (const snapshot of later.slice(index)) {
    if (!chosen.has(snapshot)) break;
    run.push(snapshot);
  }
  return run;
}
