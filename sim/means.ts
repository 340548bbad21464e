import { SimError } from './errors.ts';
import type { Pools } from './list.ts';
import type { Random } from './random.ts';

/** What changing something needs beside the pools. */
export type Means = {
  readonly pools: Pools;
  readonly random: Random;
  /** Seconds since 1970. */
  readonly now: () => number;
};

/** A command that changes something, from the words after its name. @throws SimError */
export type Change = (means: Means, words: readonly string[]) => void;

/** @throws SimError */
export function fail(text: string, status?: number): never {
  throw new SimError(text, status);
}
