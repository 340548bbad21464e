import type { ReplicaLock } from './lock.ts';
import type { Locks } from './replica-locks.ts';

/** The lock of all rounds. One that is still held does not know how the round before ended: whoever asks for it does. */
export function keptLocks(locks: Locks): (cleanBefore: boolean) => Locks {
  let last: ReplicaLock | undefined;
  return (cleanBefore) => {
    const before = last;
    return {
      async take() {
        last = await locks.take();
        return last === before ? { ...last, cleanBefore, dead: undefined, deadMark: undefined } : last;
      },
      release: locks.release,
    };
  };
}
