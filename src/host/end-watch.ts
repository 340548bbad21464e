import type { Child } from './child.ts';
import { terminate } from './terminate.ts';

export type EndWatch = {
  /** Why the children were ended, if they were. */
  reason(): 'cancelled' | 'timeout' | undefined;
  /** Stops watching; settles when an end under way is complete. */
  done(): Promise<void>;
};

/** Ends children when the signal fires or the time (milliseconds) is up. */
export function endWatch(children: readonly Child[], signal?: AbortSignal, timeoutMs?: number): EndWatch {
  let reason: 'cancelled' | 'timeout' | undefined;
  let ending: Promise<void> = Promise.resolve();
  const end = (why: 'cancelled' | 'timeout'): void => {
    if (reason !== undefined) return;
    reason = why;
    ending = terminate(children);
  };
  const abort = (): void => end('cancelled');
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => end('timeout'), timeoutMs);
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted === true) abort();
  return {
    reason: () => reason,
    async done() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      await ending;
    },
  };
}
