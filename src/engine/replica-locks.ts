import type { LockEnd } from '../host/hosts.ts';
import { lockReplica, type ReplicaLock } from './lock.ts';
import type { SyncRequest } from './sync-request.ts';
import type { World } from './world.ts';

export type Locks = {
  /** The lock of this run; taken anew where it was lost. */
  readonly take: () => Promise<ReplicaLock>;
  /** @param how by whether the run before this one had ended in order */
  readonly release: (how: (cleanBefore: boolean) => LockEnd) => Promise<void>;
};

/** The lock of one run, over all its attempts. */
export function replicaLocks(world: World, { target, waitMs }: SyncRequest): Locks {
  let lock: ReplicaLock | undefined;
  return {
    async take() {
      if (lock === undefined || lock.held?.lost.aborted === true) {
        lock = await lockReplica(world, target, waitMs);
      }
      return lock;
    },
    async release(how) {
      await lock?.held?.release(how(lock.cleanBefore));
    },
  };
}

/**
 * Milliseconds between the loss of the lock and the end of what goes on under it: longer than a pipeline needs to end when its connection is
 * lost.
 */
const lostGrace = 8000;

/**
 * The world as long as the lock is held. Where it was lost with the connection, what goes on is about to say so by itself, and
 * better.
 */
export function underLock(world: World, { held }: ReplicaLock): World {
  if (held === undefined) return world;
  const ended = new AbortController();
  const end = async (): Promise<void> => {
    await world.sleep(lostGrace, world.signal);
    ended.abort(held.lost.reason);
  };
  if (held.lost.aborted) ended.abort(held.lost.reason);
  else held.lost.addEventListener('abort', () => void end(), { once: true });
  const signals = world.signal ? [world.signal, ended.signal] : [ended.signal];
  return { ...world, signal: AbortSignal.any(signals) };
}
