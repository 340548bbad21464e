import { basesOf, exposedSince, lossesBetween, markedOf, sourceLosses, treasureOf } from './invariants.ts';
import type { SimPool } from './state.ts';

export type Watch = {
  /** After what others did: what is there now is what has to be kept. */
  readonly takeStock: () => void;
  /** After what we did. @returns what should not have been, a sentence each */
  readonly check: () => string[];
  /** Whether a snapshot is on the target, or was taken from it by others. */
  readonly isAccountedFor: (guid: string) => boolean;
};

/** Looks whether both pools keep what they have, each time that one has changed. */
export function watchOver(src: SimPool, dst: SimPool): Watch {
  let there = treasureOf(dst);
  let here = treasureOf(src);
  let bases = basesOf(src, dst);
  let marked = markedOf(src, dst);
  /** All that has ever been on the target, and what somebody else has destroyed of it. */
  const arrived = new Set<string>();
  const taken = new Set<string>();
  /** How far both pools had come when stock was taken last. */
  let seen = '';
  const state = (): string => `${src.txg} ${dst.txg}`;
  const keep = (now: { readonly there: typeof there; readonly bases: typeof bases }): void => {
    for (const guid of there.snapshots.keys()) if (!now.there.snapshots.has(guid)) taken.add(guid);
    for (const guid of now.there.snapshots.keys()) arrived.add(guid);
    seen = state();
    ({ there, bases } = now);
    here = treasureOf(src);
    marked = markedOf(src, dst);
  };
  return {
    takeStock: () => keep({ there: treasureOf(dst), bases: basesOf(src, dst) }),
    check() {
      if (state() === seen) return [];
      const now = { there: treasureOf(dst), bases: basesOf(src, dst) };
      for (const guid of now.there.snapshots.keys()) arrived.add(guid);
      const [all, stillMarked] = [guidsOf(src), markedOf(src, dst)];
      const gone = (before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] =>
        [...before].filter(([guid]) => all.has(guid) && !after.has(guid)).map(([, name]) => name);
      const wrong = [
        ...sourceLosses(here, treasureOf(src), src, arrived),
        ...lossesBetween(there, now.there, dst),
        ...exposedSince(there, src, dst),
        ...gone(marked, stillMarked).map((name) => `the base of ${name} is not bookmarked any more`),
        ...gone(bases, now.bases).map(
          (name) => `the last thing that ${name} had in common with the target is gone`,
        ),
      ];
      keep(now);
      return wrong;
    },
    isAccountedFor: (guid) => there.snapshots.has(guid) || taken.has(guid),
  };
}

/** Of its datasets. */
function guidsOf({ datasets }: SimPool): Set<string> {
  return new Set([...datasets.values()].map(({ guid }) => guid));
}
