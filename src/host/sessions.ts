import { cancelled } from './cancelled.ts';

export type Sessions = {
  /** Waits until that many are free and takes them all at once. The function returned gives them back. */
  take(count: number, signal?: AbortSignal): Promise<() => void>;
};

/**
 * A host's sessions: a counting semaphore, first come, first served.
 * Those of one pipeline are taken together, since two that hold one each and wait for another would wait for ever.
 */
export function sessions(limit: number): Sessions {
  let free = limit;
  const waiting: { count: number; start: () => void }[] = [];
  const startNext = (): void => {
    for (let next = waiting[0]; next !== undefined && next.count <= free; next = waiting[0]) {
      waiting.shift();
      free -= next.count;
      next.start();
    }
  };
  return {
    async take(count, signal) {
      // More than there are can only be had alone.
      const wanted = Math.min(count, limit);
      if (signal?.aborted === true) throw cancelled();
      await new Promise<void>((resolve, reject) => {
        const entry = {
          count: wanted,
          start: () => {
            signal?.removeEventListener('abort', abort);
            resolve();
          },
        };
        const abort = (): void => {
          waiting.splice(waiting.indexOf(entry), 1);
          reject(cancelled());
          startNext();
        };
        signal?.addEventListener('abort', abort, { once: true });
        waiting.push(entry);
        startNext();
      });
      let held = true;
      return () => {
        if (held) free += wanted;
        held = false;
        startNext();
      };
    },
  };
}
