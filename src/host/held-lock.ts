import type { HeldLock, LockEnd } from './hosts.ts';
import type { LockSession } from './lock-session.ts';

export type HeldLockOptions = {
  /** Without a sign of life for so long the session ends by itself (milliseconds). */
  readonly expiryMs: number;
  /** Lets go of it, not clean. */
  readonly closing: AbortSignal;
  /** What its end means where we did not ask for it. */
  readonly explain: () => unknown;
};

/** Keeps a session that has the lock alive, until it is released or ends by itself. */
export function heldLock(session: LockSession, { expiryMs, closing, explain }: HeldLockOptions): HeldLock {
  const lost = new AbortController();
  let released = false;
  const beats = setInterval(() => session.beat(), expiryMs / 4);
  const letGo = async (how: LockEnd): Promise<void> => {
    released = true;
    clearInterval(beats);
    await session.end(how);
  };
  const close = (): void => void letGo('leave');
  closing.addEventListener('abort', close, { once: true });
  const watch = async (): Promise<void> => {
    await session.closed;
    clearInterval(beats);
    closing.removeEventListener('abort', close);
    if (!released) lost.abort(explain());
  };
  void watch();
  return { lost: lost.signal, release: letGo };
}
