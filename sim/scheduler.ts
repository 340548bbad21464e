import type { Random } from './random.ts';

/** Gives way until all that can go on at once has gone on. */
const settled = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

type Waiting = { readonly at: number; readonly go: () => void; readonly order: number };

/**
 * Decides what goes on next, where several things could, and moves the clock only when nothing can. With the same chance, the same happens.
 */
export class Scheduler {
  /** Milliseconds that the clock on the wall is ahead of the time that passes. */
  ahead = 0;
  /** Milliseconds; never goes back. */
  passed: number;
  readonly #random: Random;
  readonly #ready: (() => void)[] = [];
  #sleeping: Waiting[] = [];
  #order = 0;

  constructor(random: Random, now: number) {
    this.#random = random;
    this.passed = now;
  }

  /** Milliseconds since 1970, by the clock on the wall. */
  get now(): number {
    return this.passed + this.ahead;
  }

  /** Waits for its turn. */
  turn(): Promise<void> {
    return new Promise((resolve) => {
      this.#ready.push(resolve);
    });
  }

  /** Waits that many milliseconds, or until the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    return new Promise((resolve) => {
      const waiting = { at: this.passed + Math.max(ms, 0), go: resolve, order: this.#order++ };
      this.#sleeping.push(waiting);
      signal?.addEventListener(
        'abort',
        () => {
          this.#sleeping = this.#sleeping.filter((one) => one !== waiting);
          resolve();
        },
        { once: true },
      );
    });
  }

  /**
   * Lets things go on until `done`.
   * @throws Error where nothing can go on any more, or it never ends
   */
  async run(done: () => boolean, limit = 200_000): Promise<void> {
    for (let steps = 0; steps < limit; steps++) {
      await settled();
      if (done()) return;
      if (!this.step() && !this.jump()) throw new Error('nothing can go on, and it is not done');
    }
    throw new Error('it does not come to an end');
  }

  /** Lets one of those go on whose turn it can be. @returns whether there was any */
  step(): boolean {
    const { length } = this.#ready;
    if (length === 0) return false;
    const [next] = this.#ready.splice(length === 1 ? 0 : this.#random.below(length), 1);
    next?.();
    return true;
  }

  /** Moves the clock to when the first of those wakes that sleep. @returns whether there was any */
  jump(): boolean {
    const first = this.#sleeping.toSorted((a, b) => a.at - b.at || a.order - b.order)[0];
    if (first === undefined) return false;
    this.#sleeping = this.#sleeping.filter((one) => one !== first);
    this.passed = Math.max(this.passed, first.at);
    first.go();
    return true;
  }
}
