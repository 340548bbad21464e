import type { Dataset } from '../zfs/dataset.ts';
import type { Guid } from '../zfs/guid.ts';
import type { Point, Snapshot } from '../zfs/snapshot.ts';

/** A point that both sides have: as it is on the source, and the snapshot on the target. */
export type Base = { readonly source: Point; readonly target: Snapshot };

/**
 * The newest snapshot of the target that the source still has, as a snapshot or as a bookmark. Matched by GUID alone: an equal name
 * can be another snapshot, and a renamed one is still the same. Newest by the target's own order, since an increment
 * goes onto what is newest there.
 * @param except snapshots that nothing can go on from
 */
export function findBase(
  source: Dataset,
  target: Dataset,
  except: ReadonlySet<Guid> = new Set(),
): Base | undefined {
  // Mostly the newest of the target is among the newest of the source.
  const newest = target.snapshots.at(-1);
  const same =
    newest && !except.has(newest.guid) && source.snapshots.findLast(({ guid }) => guid === newest.guid);
  if (newest && same) return { source: same, target: newest };
  const byGuid = new Map<Guid, Point>();
  // A snapshot is the better base where both are there: from a bookmark ZFS walks the whole tree to estimate.
  for (const point of [...source.bookmarks, ...source.snapshots]) byGuid.set(point.guid, point);
  for (const snapshot of target.snapshots.toReversed()) {
    const found = byGuid.get(snapshot.guid);
    if (found && !except.has(snapshot.guid)) return { source: found, target: snapshot };
  }
  return undefined;
}
