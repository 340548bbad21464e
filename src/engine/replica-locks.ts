import type { LockEnd } from '../host/hosts.ts';
import { lockReplica, type ReplicaLock } from './lock.ts';
import type { SyncRequest } from './sync-request.ts';
import type { World } from './world.ts';

export type KeptLock = ReplicaLock & {
  /** Ends what goes on under it, some time after it was lost. */
  readonly ended: AbortSignal;
};

export type Locks = {
  /** The lock of this run; taken anew where it was lost. */
  readonly take: () => Promise<KeptLock>;
  /** @param how by whether the run before this one had ended in order */
  readonly release: (how: (cleanBefore: boolean) => LockEnd) => Promise<void>;
};

/** The lock of one run, over all its attempts. */
export function replicaLocks(world: World, { target, waitMs }: SyncRequest): Locks {
  let lock: KeptLock | undefined;
  return {
    async take() {
      if (lock === undefined || lock.held?.lost.aborted === true) {
        const taken = await lockReplica(world, target, waitMs);
        lock = { ...taken, ended: endOf(world, taken) };
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

/** Aborts some time after the lock was lost: where that was with the connection, what goes on is about to say so by itself, and better. */
function endOf(world: World, { held }: ReplicaLock): AbortSignal {
  const ended = new AbortController();
  const end = async (): Promise<void> => {
    await world.sleep(lostGrace, world.signal);
    ended.abort(held?.lost.reason);
  };
  if (held?.lost.aborted) ended.abort(held.lost.reason);
  else held?.lost.addEventListener('abort', () => void end(), { once: true });
  return ended.signal;
}

/** The world as long as the lock is held. */
export function underLock(world: World, { ended }: KeptLock): World {
  return { ...world, signal: world.signal ? AbortSignal.any([world.signal, ended]) : ended };
}
