import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from './child.ts';

/**
 * Ends children and all that they started: TERM to their groups, KILL to what is left.
 * @returns when they have ended.
 */
export async function terminate(children: readonly Child[]): Promise<void> {
  await Promise.all(
    children.map(async (child) => {
      child.signal('SIGTERM');
      const timer = new AbortController();
      await Promise.race([
        child.closed,
        sleep(child.patienceMs, undefined, { signal: timer.signal }).catch(() => undefined),
      ]);
      timer.abort();
      // Also where the leader ended: a shell dies at once, the command below it perhaps not.
      child.signal('SIGKILL');
      await child.closed;
    }),
  );
}
