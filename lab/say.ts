/** Takes one line for whoever waits: what goes on, how far it is. No newline at its end. */
export type Say = (line: string) => void;

/** Says nothing. */
export const silent: Say = () => undefined;

/** Seconds since `start` (of `performance.now()`), whole. */
export const secondsSince = (start: number): number => Math.round((performance.now() - start) / 1000);

/**
 * Awaits `work` and says `line(seconds)` every `everySeconds` until it is done, so that nobody wonders
 * whether it still goes on.
 */
export async function sayingWhile<T>(
  work: Promise<T>,
  say: Say,
  line: (seconds: number) => string,
  everySeconds = 15,
): Promise<T> {
  const start = performance.now();
  const timer = setInterval(() => say(line(secondsSince(start))), everySeconds * 1000);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}
