import { isLess, type Outstanding } from '../plan/sizes.ts';
import { ZferryError } from '../zfs/failure.ts';
import { holdTag } from '../zfs/hold-args.ts';
import { carryOut } from './attempt.ts';
import { findHeld } from './holds.ts';
import { findLimiter } from './limiter.ts';
import { lockReplica, type ReplicaLock } from './lock.ts';
import { mergeResults } from './merge-results.ts';
import { prepareSync, type SyncRequest } from './prepare-sync.ts';
import { problemOf } from './problem.ts';
import { backoff, mayPass } from './retry.ts';
import { newRunState, type RunState } from './run-state.ts';
import type { SyncResult } from './sync-result.ts';
import type { World } from './world.ts';

/**
 * Replicates now: takes the lock, and tries until all is done, something needs a person, or trying again got nowhere too often.
 * Every attempt plans anew from fresh listings.
 * @param ready settles before anything is changed
 * @throws ZferryError where nothing can go on: no connection from the start, no room, locked, cancelled
 */
export async function sync(
  world: World,
  request: SyncRequest,
  ready: Promise<unknown> = Promise.resolve(),
): Promise<SyncResult> {
  const state = newRunState(await findLimiter(world, request.bytesPerSecond));
  const locks = replicaLocks(world, request);
  let clean = false;
  try {
    const result = await tryUntilDone(world, request, state, locks, ready);
    clean = state.held.size === 0;
    return result;
  } finally {
    await locks.release(clean);
  }
}

/** How far an attempt came. */
type Attempt =
  | { readonly kind: 'result'; readonly result: SyncResult }
  | { readonly kind: 'error'; readonly error: ZferryError };

async function tryUntilDone(
  world: World,
  request: SyncRequest,
  state: RunState,
  locks: Locks,
  ready: Promise<unknown>,
): Promise<SyncResult> {
  let done: SyncResult | undefined;
  let failures = 0;
  let least: Outstanding | undefined;
  for (;;) {
    const attempt = await tryOnce(world, request, state, locks, ready);
    const now = state.outstanding;
    const gotOn = now !== undefined && (least === undefined || isLess(now, least));
    if (gotOn) least = now;
    if (attempt.kind === 'result') done = done ? mergeResults(done, attempt.result) : attempt.result;

    const problem = passingProblem(attempt);
    failures = gotOn ? 1 : failures + 1;
    // What never worked in this run is more often misspelt than gone for a moment.
    const begun = least !== undefined;
    if (problem === undefined || !begun || failures > request.retries) {
      return attempt.kind === 'result' ? (done ?? attempt.result) : giveUp(world, done, attempt.error);
    }
    const ms = backoff(problem.code, failures, world.random());
    world.report({ kind: 'retrying', problem, ms });
    await world.sleep(ms, world.signal);
  }
}

/** What an earlier attempt brought is not forgotten for what stopped the last one. */
function giveUp(world: World, done: SyncResult | undefined, error: ZferryError): SyncResult {
  if (done === undefined) throw error;
  const next = error.next === undefined ? '' : `. What to do: ${error.next}`;
  world.report({ kind: 'warning', message: `the last attempt ended early: ${error.message}${next}` });
  return { ...done, endedAt: world.now() };
}

/** What stopped an attempt, where it may be gone by the next. */
function passingProblem(attempt: Attempt) {
  if (attempt.kind === 'error') {
    return mayPass(attempt.error.code) ? problemOf(attempt.error) : undefined;
  }
  for (const { outcome } of attempt.result.datasets) {
    if (outcome.kind === 'failed' && mayPass(outcome.problem.code)) return outcome.problem;
  }
  return undefined;
}

async function tryOnce(
  world: World,
  request: SyncRequest,
  state: RunState,
  locks: Locks,
  ready: Promise<unknown>,
): Promise<Attempt> {
  const locked = locks.take();
  // Who waits for it is told; where nobody comes to wait, another error came before.
  locked.catch(() => undefined);
  let guarded = world;
  try {
    const prepared = await prepareSync(world, request, { locked, taken: state.taken, settle: true });
    const lock = await locked;
    guarded = underLock(world, lock);
    await ready;
    if (!lock.cleanBefore && !state.searched) {
      const tag = holdTag(prepared.plan.id);
      for (const name of await findHeld(guarded, prepared.source, tag)) state.held.add(name);
    }
    state.searched = true;
    const result = await carryOut(guarded, prepared, request, state);
    return { kind: 'result', result };
  } catch (error) {
    if (!(error instanceof ZferryError) || world.signal?.aborted === true) throw error;
    // Cancelled, and not by the user: by the loss of the lock.
    const lost: unknown = error.code === 'cancelled' ? guarded.signal?.reason : undefined;
    return { kind: 'error', error: lost instanceof ZferryError ? lost : error };
  }
}

type Locks = {
  /** The lock of this run; taken anew where it was lost. */
  readonly take: () => Promise<ReplicaLock>;
  readonly release: (clean: boolean) => Promise<void>;
};

function replicaLocks(world: World, request: SyncRequest): Locks {
  let taken: Promise<ReplicaLock> | undefined;
  const current = async (): Promise<ReplicaLock | undefined> => {
    try {
      return await taken;
    } catch {
      // Who waited for it has been told.
      return undefined;
    }
  };
  return {
    async take() {
      const before = await current();
      if (before === undefined || before.held?.lost.aborted === true) {
        taken = lockReplica(world, request.target, request.waitMs);
      }
      return await (taken ?? lockReplica(world, request.target, request.waitMs));
    },
    async release(clean) {
      await (await current())?.held?.release(clean);
    },
  };
}

/** Milliseconds between the loss of the lock and the end of what goes on under it. */
const lostGrace = 2000;

/**
 * The world as long as the lock is held. Where it was lost with the connection, what goes on is about to say so by itself, and
 * better.
 */
function underLock(world: World, { held }: ReplicaLock): World {
  if (held === undefined) return world;
  const ended = new AbortController();
  const end = async (): Promise<void> => {
    await world.sleep(lostGrace, world.signal);
    ended.abort(held.lost.reason);
  };
  held.lost.addEventListener('abort', () => void end(), { once: true });
  const signals = world.signal ? [world.signal, ended.signal] : [ended.signal];
  return { ...world, signal: AbortSignal.any(signals) };
}
