import type { ShortName } from '../zfs/dataset-name.ts';
import type { Guid } from '../zfs/guid.ts';
import type { Snapshot } from '../zfs/snapshot.ts';
import { isOwnSnapshot } from './own-snapshot.ts';

/**
 * Own snapshots on the source that can go: all but the `keep` newest, never the newest that the target has too (it is the
 * base of the next increment), never one that the target has not got yet, never one that is not own.
 * @param history of the source, oldest first
 * @param replicated GUIDs of what is on the target
 * @param carried GUIDs of own snapshots that go for another reason: none of those to be kept
 */
export function rotateOwn(
  history: readonly Snapshot[],
  replicated: ReadonlySet<Guid>,
  id: string,
  keep: number,
  carried: ReadonlySet<Guid> = new Set(),
): ShortName[] {
  const base = history.findLast((snapshot) => replicated.has(snapshot.guid));
  if (base === undefined) return [];
  const own = history.filter(({ name, guid }) => isOwnSnapshot(name, id) && !carried.has(guid));
  const older = keep === 0 ? own : own.slice(0, -keep);
  return older
    .filter((snapshot) => snapshot.createtxg < base.createtxg && replicated.has(snapshot.guid))
    .map((snapshot) => snapshot.name);
}

/**
 * Of either side, those that only carried a round and have something newer after them that both sides have. What somebody has given another name is
 * theirs.
 * @param history of that side, oldest first
 * @param carried GUIDs of own snapshots
 * @param common GUIDs of what both sides have, or will have
 */
export function spentOf(
  history: readonly Snapshot[],
  carried: ReadonlySet<Guid>,
  common: ReadonlySet<Guid>,
  id: string,
): ShortName[] {
  const base = history.findLastIndex(({ guid }) => common.has(guid));
  return history
    .slice(0, Math.max(base, 0))
    .filter(({ guid, name }) => carried.has(guid) && isOwnSnapshot(name, id))
    .map(({ name }) => name);
}
