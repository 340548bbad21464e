import { ZferryError } from '../zfs/failure.ts';
import { both } from './both.ts';

/** What goes on beside the rounds that only carry. */
export function inBackground() {
  let work: Promise<unknown> = Promise.resolve();
  let open = 0;
  return {
    begin: (next: Promise<unknown>): void => {
      open++;
      const ending = next.finally(() => {
        open--;
      });
      work = both(work, ending);
      // Whoever waits for it hears of it.
      work.catch(() => undefined);
    },
    isOver: (): boolean => open === 0,
    /** @throws what stopped it */
    done: async (): Promise<unknown> => await work,
    /** Whether it came to its end. @throws what stopped it, where that is a fault of ours */
    settled: async (): Promise<boolean> => {
      try {
        await work;
        return true;
      } catch (error) {
        if (error instanceof ZferryError) return false;
        throw error;
      }
    },
  };
}
