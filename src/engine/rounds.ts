import { exitCodes } from '../zfs/failure.ts';
import { inBackground } from './background.ts';
import { refuseSamePlace } from './check-request.ts';
import type { Report } from './events.ts';
import { keptLocks } from './kept-locks.ts';
import { standingAfter } from './next-round.ts';
import type { Prepared } from './prepare-sync.ts';
import { replicaLocks } from './replica-locks.ts';
import { newRunState, type RunState } from './run-state.ts';
import { spentSnapshots } from './spent-snapshots.ts';
import { howLeft, type Run } from './sync.ts';
import type { SyncRequest } from './sync-request.ts';
import { exitCodeOf, type SyncResult } from './sync-result.ts';
import { type RoundOutcome, tryRound, wentOn } from './try-round.ts';
import { readyWay } from './way.ts';
import type { KnownListings, World } from './world.ts';

/** One of many runs of the same command, one after the other. Times in milliseconds since 1970. */
export type Round = {
  /** From 1. */
  readonly number: number;
  readonly startedAt: number;
  readonly endedAt: number;
  /** It only carried: its snapshot goes again. */
  readonly carried: boolean;
  /** The copy is what the source was at `asOf`, which was known at `provenAt`; `undefined` where not all arrived, or no own snapshot was taken. */
  readonly asOf: number | undefined;
  readonly provenAt: number | undefined;
  readonly outcome: RoundOutcome;
};

export type Rounds = {
  /** Milliseconds from the beginning of one to that of the next, where none takes longer. */
  readonly everyMs: number;
  /** Asks for the end: the round that goes on is the last, but for one that tidies up where something was left to it. */
  readonly stop: AbortSignal;
  readonly onRound: (round: Round) => void;
};

/**
 * So often a round tidies up (milliseconds): it protects the new base and lets go of what is of no use any more, each of which takes a transaction
 * group or many. Those in between only **carry**: one transaction group on the source, for the snapshot, and those of the receive on the
 * target. Their snapshots go again on both sides, every few rounds.
 */
const tidyEvery = 60_000;

/**
 * After so many rounds that only carried, their snapshots go, beside the next one. Each side takes a transaction group for that, which keeps all else
 * waiting the longer the more of them go. Five fit into the pause between two rounds in the lab; ten did not.
 */
const clearEvery = 5;

/** The longest pause after rounds that failed (milliseconds). */
const longestPause = 60_000;

/**
 * Replicates again and again, with its connections and its lock kept. A round that fails is tried again with growing pauses, but for the first:
 * what is wrong there is more often misspelt than gone for a moment, and ends it.
 * @param ready settles before anything is changed
 * @throws ZferryError cancelled
 */
export async function syncRounds(
  world: World,
  request: SyncRequest,
  { everyMs, stop, onRound }: Rounds,
  ready: Promise<unknown> = Promise.resolve(),
): Promise<void> {
  refuseSamePlace(request);
  const limiter = await readyWay(world, request);
  const locks = replicaLocks(world, request);
  const locksAfter = keptLocks(locks);
  const quiet = { ...world, report: onceEach(world.report) };
  let changesAll = false;
  let standing: Prepared | undefined;
  const spent = spentSnapshots();
  let uncleared = 0;
  let untidy = false;
  let tidiedAt = Number.NEGATIVE_INFINITY;
  let failures = 0;
  let [clean, wasWell] = [false, false];
  const held = new Set<string>();
  let current: Ran | undefined;
  let changed: Ran | undefined;
  let tidied: RunState | undefined;
  const tidying = inBackground();
  try {
    for (let number = 1; ; number++) {
      const startedAt = world.now();
      // A clock that was set back is no reason to wait for it.
      const isDue = Math.abs(startedAt - tidiedAt) >= tidyEvery;
      const carries = !stop.aborted && failures === 0 && !isDue;
      if (!carries) await tidying.settled();
      clean = wasWell && current !== undefined && howLeft(current.state, current.result, clean) === 'clean';
      const clears = carries && standing !== undefined && uncleared >= clearEvery && tidying.isOver();
      const isKnown = tidied?.heldTargets !== undefined && !tidied.leftAnchors;
      const state = newRunState(limiter, {
        carries,
        carried: carries ? (clears ? spent.toClear() : new Set()) : spent.all(),
        held,
        heldTargets: isKnown && !carries ? tidied?.heldTargets : undefined,
        // Nobody waits for the last one but us.
        tidyLater: stop.aborted ? undefined : tidying.begin,
      });
      const onNew = (): void => {
        // Another run may have left holds, as any that began with this lock could find.
        Object.assign(state, { lockIsNew: true, searched: false, heldTargets: undefined });
        tidied = undefined;
      };
      const run: Run = { state, locks: locksAfter(clean && (carries || !untidy), onNew), ready, stop };
      current = { state };
      untidy ||= carries;
      const known = changesAll ? world.known && unkept(world.known) : world.known;
      // After the first, the next round is the next try.
      const asked = number === 1 ? request : { ...request, retries: 0 };
      const outcome = await tryRound({ ...quiet, known }, asked, run, {
        standing: carries ? standing : undefined,
        before: tidying.done,
      });
      current.result = outcome.kind === 'result' ? outcome.result : undefined;
      if (state.begun) changed = current;
      const isWell = wentOn(outcome);
      onRound({
        number,
        carried: carries,
        startedAt,
        endedAt: world.now(),
        ...timesOf(state, outcome),
        outcome,
      });
      if (number === 1 && !isWell) return;
      changesAll = outcome.kind === 'result' && takesMost(outcome.result);
      standing = outcome.kind === 'result' ? standingAfter(state, outcome.result) : undefined;

      failures = isWell ? 0 : failures + 1;
      wasWell = isWell;
      if (clears) uncleared = 0;
      spent.add(state, carries);
      if (carries) uncleared++;
      else if (isWell) {
        [tidied, tidiedAt, untidy, uncleared] = [state, startedAt, false, 0];
        spent.listed(state.prepared);
      }
      // What it held it did not know all about.
      if (state.tidies && tidied !== state) tidied = undefined;
      if (!stop.aborted) await world.sleep(pauseAfter(failures, everyMs, world.now() - startedAt), stop);
      if (stop.aborted && (!untidy || failures > 0)) return;
    }
  } finally {
    const isTidy = await tidying.settled();
    const last = current?.state.begun ? current : changed;
    const released = locks.release((cleanBefore) => {
      if (last === undefined) return 'undo';
      return untidy || !isTidy ? 'leave' : howLeft(last.state, last.result, cleanBefore);
    });
    if (world.signal?.aborted !== true) await released;
  }
}

/** A round, as far as it has come. */
type Ran = { readonly state: RunState; result?: SyncResult | undefined };

function timesOf({ takenAt, provenAt }: RunState, outcome: RoundOutcome): Pick<Round, 'asOf' | 'provenAt'> {
  const isWhole = outcome.kind === 'result' && exitCodeOf(outcome.result) === exitCodes.done;
  return isWhole && takenAt !== undefined
    ? { asOf: takenAt, provenAt }
    : { asOf: undefined, provenAt: undefined };
}

/** Whether it took a snapshot of so many datasets that little is left that stays as it was seen. */
function takesMost({ plan: { snapshot, datasets } }: SyncResult): boolean {
  return snapshot.kind !== 'none' && snapshot.datasets.length * 2 > datasets.length;
}

/** Listings are neither asked for what has changed nor kept; what is not true any more is still let go. */
function unkept({ write }: KnownListings): KnownListings {
  return {
    read: () => 'not told',
    write: (key, listing) => {
      if (listing === undefined) write(key, listing);
    },
  };
}

/** @param took milliseconds that the round took */
function pauseAfter(failures: number, everyMs: number, took: number): number {
  const pause = failures === 0 ? everyMs : Math.max(everyMs, Math.min(1000 * 2 ** failures, longestPause));
  // Of a clock that was set meanwhile nothing can be said.
  return Math.min(Math.max(pause - took, 0), pause);
}

/** So many sayings are remembered. */
const mostSayings = 1000;

/** What was said in one round is not said again in the next. */
function onceEach(report: Report): Report {
  const said = new Set<string>();
  return (event) => {
    if (event.kind === 'note' || event.kind === 'warning') {
      if (said.has(event.message)) return;
      if (said.size >= mostSayings) said.clear();
      said.add(event.message);
    }
    report(event);
  };
}
