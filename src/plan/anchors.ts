import type { Dataset } from '../zfs/dataset.ts';
import type { DatasetName, ShortName } from '../zfs/dataset-name.ts';
import { parseShortName } from '../zfs/dataset-name.ts';
import type { Guid } from '../zfs/guid.ts';
import type { Bookmark } from '../zfs/snapshot.ts';

/**
 * What protects the newest snapshot that both sides have, from which the next increment goes: a bookmark on the source, a hold on
 * the target. Both bear the replica's id, so that several targets of one source, and replicas in a chain, never meet.
 */
export type Anchor = {
  readonly source: DatasetName;
  readonly target: DatasetName;
  readonly guid: Guid;
  /** Its name on the source; `undefined` where only a bookmark of it is left there. */
  readonly onSource: ShortName | undefined;
  readonly onTarget: ShortName;
};

/** One dataset's part in what has to be done about anchors. Names are short ones. */
export type AnchorChange = {
  readonly source: DatasetName;
  readonly target: DatasetName;
  /** The bookmark of the base, there or not. */
  readonly wanted: ShortName;
  /** The bookmark to make, and of what. */
  readonly mark: { readonly snapshot: ShortName; readonly bookmark: ShortName } | undefined;
  /** Bookmarks of ours that are of no use once that is made. */
  readonly unmark: readonly ShortName[];
  readonly hold: ShortName | undefined;
  /** Snapshots whose hold is of no use once that is held. */
  readonly release: readonly ShortName[];
};

/** `zferry_<id>_<GUID>`: the GUID of what it is a bookmark of, so that it is made once and found again after a rename. */
export function anchorName(id: string, guid: Guid): ShortName {
  return parseShortName(`zferry_${id}_${guid}`);
}

/** The id in the name of one of our bookmarks; `undefined` for any other. */
export function anchorId(bookmark: string): string | undefined {
  return /^zferry_([a-z0-9]{1,32})_[1-9]\d{0,19}$/.exec(bookmark)?.[1];
}

/**
 * What to do about one dataset's anchors. The bookmark of an old base is destroyed last of all, so where the only one is that of this base, all
 * had been done before, and nothing needs to be asked.
 * @param bookmarks of the source dataset
 * @param before the snapshot of the target that the hold was on
 * @param held what bears our hold on the target dataset, where somebody has looked
 */
export function changeAnchor(
  id: string,
  anchor: Anchor,
  bookmarks: readonly Bookmark[],
  before: ShortName | undefined,
  held: ReadonlySet<ShortName> | undefined,
): AnchorChange {
  const { source, target, guid, onSource, onTarget } = anchor;
  const wanted = anchorName(id, guid);
  const own = bookmarks.filter(({ name }) => anchorId(name) === id).map(({ name }) => name);
  const marked = own.includes(wanted);
  const unmark = marked || onSource !== undefined ? own.filter((name) => name !== wanted) : [];
  const moved = before !== onTarget;
  const old = held ? [...held] : before === undefined ? [] : [before];
  return {
    source,
    target,
    wanted,
    mark: marked || onSource === undefined ? undefined : { snapshot: onSource, bookmark: wanted },
    unmark,
    hold: held ? (held.has(onTarget) ? undefined : onTarget) : moved || !marked ? onTarget : undefined,
    release: old.filter((name) => name !== onTarget),
  };
}

export type ByTree = {
  /** Names that stand for the same, from the top down. */
  readonly names: readonly ShortName[];
  /** Full names of the other snapshots. */
  readonly rest: readonly string[];
};

/**
 * Which of these snapshots can be named by one name for the whole tree: those whose name is on its top, and on nothing else in it than is wanted.
 * @param there what the tree was seen to have
 */
export function byTree(
  top: DatasetName,
  wanted: readonly { readonly dataset: DatasetName; readonly name: ShortName }[],
  there: readonly Dataset[],
): ByTree {
  const owners = Map.groupBy(wanted, ({ name }) => name);
  const names: ShortName[] = [];
  for (const [name, all] of owners) {
    const set = new Set(all.map(({ dataset }) => dataset));
    const isMeant = ({ name: dataset, snapshots }: Dataset): boolean =>
      set.has(dataset) || !snapshots.some((one) => one.name === name);
    if (set.has(top) && there.every(isMeant)) names.push(name);
  }
  const together = new Set(names);
  return {
    names,
    rest: wanted.filter(({ name }) => !together.has(name)).map(({ dataset, name }) => `${dataset}@${name}`),
  };
}
