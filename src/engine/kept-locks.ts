import type { KeptLock, Locks } from './replica-locks.ts';

/**
 * The lock of all rounds. One that is still held does not know how the round before ended: whoever asks for it does.
 * @returns for each round; `onNew` is called where it had to be taken: somebody else may have had it since
 */
export function keptLocks(locks: Locks): (cleanBefore: boolean, onNew: () => void) => Locks {
  let last: KeptLock | undefined;
  return (cleanBefore, onNew) => {
    const known = last?.ended;
    let told: AbortSignal | undefined;
    return {
      async take() {
        last = await locks.take();
        if (last.ended === known) return { ...last, cleanBefore, dead: undefined, deadMark: undefined };
        if (last.ended !== told) onNew();
        told = last.ended;
        return last;
      },
      release: locks.release,
    };
  };
}
