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

/**
 * Looks whether both pools keep what they have, each time that one has changed.
 * @param isSpent whether a snapshot, by its full name, is one that we may destroy wherever it is
 */
export function watchOver(src: SimPool, dst: SimPool, isSpent: (snapshot: string) => boolean): Watch {
  /** What is there now. */
  const look = () => {
    const there = treasureOf(dst);
    const known = there.snapshots;
    return { there, here: treasureOf(src), bases: basesOf(src, known), marked: markedOf(src, known) };
  };
  let last = look();
  /** All that has ever been on the target, and what somebody else has destroyed of it. */
  const arrived = new Set<string>();
  const taken = new Set<string>();
  /** How far both pools had come when stock was taken last. */
  let seen = '';
  const state = (): string => `${src.txg} ${dst.txg}`;
  const keep = (now: typeof last): void => {
    for (const guid of last.there.snapshots.keys()) if (!now.there.snapshots.has(guid)) taken.add(guid);
    for (const guid of now.there.snapshots.keys()) arrived.add(guid);
    seen = state();
    last = now;
  };
  return {
    takeStock: () => keep(look()),
    check() {
      if (state() === seen) return [];
      const now = look();
      for (const guid of now.there.snapshots.keys()) arrived.add(guid);
      const all = guidsOf(src);
      const spent = [...last.there.snapshots].filter(([, name]) => isSpent(name));
      const gone = (before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] =>
        [...before].filter(([guid]) => all.has(guid) && !after.has(guid)).map(([, name]) => name);
      const wrong = [
        ...sourceLosses(last.here, now.here, src, arrived, isSpent),
        ...lossesBetween(
          last.there,
          { ...now.there, snapshots: new Map([...now.there.snapshots, ...spent]) },
          dst,
        ),
        ...exposedSince(last.there, src, dst),
        ...gone(last.marked, now.marked).map((name) => `the base of ${name} is not bookmarked any more`),
        ...gone(last.bases, now.bases).map(
          (name) => `the last thing that ${name} had in common with the target is gone`,
        ),
      ];
      keep(now);
      return wrong;
    },
    isAccountedFor: (guid) => last.there.snapshots.has(guid) || taken.has(guid),
  };
}

/** Of its datasets. */
function guidsOf({ datasets }: SimPool): Set<string> {
  return new Set([...datasets.values()].map(({ guid }) => guid));
}
