import type { KnownListings } from '../src/engine/world.ts';
import type { KnownListing } from '../src/plan/known-listing.ts';
import type { Random } from './random.ts';

/** What runs keep of their listings, and what can become of it. */
export class SimKnown implements KnownListings {
  readonly #kept = new Map<string, KnownListing | 'not told'>();
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  read = (key: string): KnownListing | 'not told' | undefined => this.#kept.get(key);

  write = (key: string, listing: KnownListing | 'not told' | undefined): void => {
    if (listing === undefined) this.#kept.delete(key);
    else this.#kept.set(key, listing);
  };

  /** Something in it is not as it was: a point is missing, or is that of another dataset. */
  lie(): void {
    for (const [key, listing] of this.#kept) {
      if (typeof listing !== 'object') continue;
      const { datasets } = listing;
      const all = datasets.flatMap(({ points }) => points);
      if (all.length === 0) continue;
      const spoilt = datasets.map((one) =>
        this.#random.chance(0.5)
          ? { ...one, points: one.points.filter(() => this.#random.chance(0.6)) }
          : { ...one, points: [...one.points, this.#random.pick(all)] },
      );
      this.#kept.set(key, { ...listing, datasets: spoilt });
    }
  }
}
