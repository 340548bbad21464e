/** Chance that can be had again: the same seed gives the same numbers. */
export type Random = {
  /** From 0 up to, not including, 1. */
  next(): number;
  /** From 0 up to, not including, `end`. */
  below(end: number): number;
  /** @throws Error where there is none */
  pick<T>(some: readonly T[]): T;
  chance(probability: number): boolean;
  /** As ZFS makes them: 64 bits, never 0. */
  guid(): string;
};

/** mulberry32: 32 bits of state, which is plenty for the days of one story. */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (end: number): number => Math.floor(next() * end);
  return {
    next,
    below,
    pick(some) {
      const one = some[below(some.length)];
      if (one === undefined) throw new Error('nothing to pick from');
      return one;
    },
    chance: (probability) => next() < probability,
    guid: () => String((BigInt(below(0xffffffff)) << 32n) + BigInt(below(0xffffffff)) + 1n),
  };
}
