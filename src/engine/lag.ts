/** How far a copy was behind its source, of all moments together; in milliseconds. */
export type Lag = { readonly p50: number; readonly p95: number; readonly p99: number };

export type LagMeter = {
  /**
   * The copy became what the source was at `asOf`, which was known at `provenAt` (milliseconds since 1970).
   */
  readonly add: (arrival: { readonly asOf: number; readonly provenAt: number }) => void;
  /** Of what was added last, at most 3600; `undefined` for fewer than two. */
  readonly read: () => Lag | undefined;
};

/** Between two arrivals, what is written waits between the first and the second of these (milliseconds). */
type Wait = { readonly least: number; readonly most: number };

const mostWaits = 3600;

/**
 * Measures how long what is written takes until it is known to be on the target. Something is written at any moment, and each moment counts the same: what came
 * right after a snapshot had to wait for the next one, what came right before it only for its way.
 */
export function lagMeter(): LagMeter {
  const waits: Wait[] = [];
  let last: number | undefined;
  return {
    add({ asOf, provenAt }) {
      // A clock that was set back would make it negative.
      if (last !== undefined && asOf > last && provenAt >= asOf) {
        waits.push({ least: provenAt - asOf, most: provenAt - last });
        if (waits.length > mostWaits) waits.shift();
      }
      last = asOf;
    },
    read() {
      if (waits.length === 0) return undefined;
      const at = (part: number): number => Math.round(quantile(waits, part));
      return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
    },
  };
}

/** How long that part of all moments waits at most: found by halving, since the share that waits less only grows. */
function quantile(waits: readonly Wait[], part: number): number {
  const all = waits.reduce((sum, { least, most }) => sum + most - least, 0);
  let [low, high] = [0, Math.max(...waits.map(({ most }) => most))];
  while (high - low > 0.25) {
    const middle = (low + high) / 2;
    const below = waits.reduce(
      (sum, { least, most }) => sum + Math.max(0, Math.min(most, middle) - least),
      0,
    );
    if (below >= part * all) high = middle;
    else low = middle;
  }
  return high;
}
