/** What goes on beside the rounds that only carry; one at a time. */
export function inBackground() {
  let work: Promise<unknown> = Promise.resolve();
  let isOver = true;
  return {
    begin: (next: Promise<unknown>): void => {
      isOver = false;
      work = next.finally(() => {
        isOver = true;
      });
      // Whoever waits for it hears of it.
      work.catch(() => undefined);
    },
    isOver: (): boolean => isOver,
    /** @throws what stopped it */
    done: async (): Promise<unknown> => await work,
    /** Whether it came to its end. */
    settled: async (): Promise<boolean> => (await Promise.allSettled([work]))[0]?.status === 'fulfilled',
  };
}
