import { isTheirToken } from './acts.ts';
import { poolNameOf, type SimDataset, type SimPool, type SimSnapshot } from './state.ts';

/** What of a target must not be lost, as it was at some time. */
export type Treasure = {
  /** GUIDs of snapshots, with a name that they had. */
  readonly snapshots: ReadonlyMap<string, string>;
  /** `GUID tag` of holds that are not ours. */
  readonly holds: ReadonlySet<string>;
  /** `GUID name` of bookmarks that are not ours. */
  readonly bookmarks: ReadonlySet<string>;
  /** What is in datasets that were written to and not snapshotted since, by their GUID. */
  readonly written: ReadonlyMap<string, string>;
  /** What somebody else's receive left, by the GUID of the dataset that it is in. */
  readonly tokens: ReadonlyMap<string, string>;
};

export function treasureOf(pool: SimPool): Treasure {
  const snapshots = new Map<string, string>();
  const holds = new Set<string>();
  const bookmarks = new Set<string>();
  const written = new Map<string, string>();
  const tokens = new Map<string, string>();
  for (const one of pool.datasets.values()) {
    if (isTheirToken(one.partial)) tokens.set(one.guid, one.name);
    for (const each of one.snapshots) {
      snapshots.set(each.guid, `${one.name}@${each.name}`);
      for (const tag of each.holds.keys()) if (!tag.startsWith('zferry_')) holds.add(`${each.guid} ${tag}`);
    }
    for (const mark of one.bookmarks)
      if (!mark.name.startsWith('zferry_')) bookmarks.add(`${mark.guid} ${mark.name}`);
    if (one.written > 0 && !one.inconsistent) written.set(one.guid, one.name);
  }
  return { snapshots, holds, bookmarks, written, tokens };
}

/** What is gone of it, a sentence each. */
export function lossesBetween(before: Treasure, now: Treasure, pool: SimPool): string[] {
  const guids = new Set([...pool.datasets.values()].map(({ guid }) => guid));
  return [
    ...[...before.snapshots]
      .filter(([guid]) => !now.snapshots.has(guid))
      .map(([, name]) => `the snapshot ${name} is gone`),
    ...[...before.holds].filter((one) => !now.holds.has(one)).map((one) => `the hold ${one} is gone`),
    ...[...before.bookmarks]
      .filter((one) => !now.bookmarks.has(one))
      .map((one) => `the bookmark ${one} is gone`),
    ...[...before.tokens]
      .filter(([guid]) => !now.tokens.has(guid))
      .map(([, name]) => `what somebody else's receive left on ${name} is gone`),
    ...[...before.written]
      .filter(([guid]) => !guids.has(guid) || !now.written.has(guid))
      .map(([, name]) => `what was written to ${name} is gone`),
  ];
}

/** What is gone of a source, but for snapshots of ours that have been on the target, or are to go anyway: those may be rotated away. */
export function sourceLosses(
  before: Treasure,
  now: Treasure,
  pool: SimPool,
  arrived: ReadonlySet<string>,
  isSpent: (snapshot: string) => boolean,
): string[] {
  const mayGo = [...before.snapshots].filter(
    ([guid, name]) => (arrived.has(guid) && name.includes('@zferry_')) || isSpent(name),
  );
  const snapshots = new Map([...now.snapshots, ...mayGo]);
  // What is written there goes into a snapshot.
  const rest = { ...before, written: new Map<string, string>() };
  return lossesBetween(rest, { ...now, snapshots }, pool).map((what) => `on the source, ${what}`);
}

/** What has arrived otherwise than it is on the source (encrypted there, and not raw here), or in clear below what is encrypted. */
export function exposedSince(before: Treasure, source: SimPool, target: SimPool): string[] {
  const wrong: string[] = [];
  for (const copy of target.datasets.values()) {
    const above = encryptedAbove(copy, target) ?? copy;
    for (const one of copy.snapshots) {
      if (before.snapshots.has(one.guid)) continue;
      if (copy.crypt === undefined && above.crypt !== undefined)
        wrong.push(`${copy.name}@${one.name} is in clear below the encrypted ${above.name}`);
      const original = snapshotIn(source, one.guid);
      if (original && original.ivSet !== one.ivSet)
        wrong.push(
          `${copy.name}@${one.name} is ${one.ivSet === undefined ? 'not encrypted' : 'encrypted anew'}`,
        );
    }
  }
  return wrong;
}

function encryptedAbove(copy: SimDataset, pool: SimPool): SimDataset | undefined {
  return [...pool.datasets.values()].find(
    (one) => one.crypt !== undefined && copy.name.startsWith(`${one.name}/`),
  );
}

function snapshotIn(pool: SimPool, guid: string): SimSnapshot | undefined {
  for (const { snapshots } of pool.datasets.values()) {
    const found = snapshots.find((one) => one.guid === guid);
    if (found) return found;
  }
  return undefined;
}

/** GUIDs of what is on the target. */
type There = ReadonlyMap<string, string>;

/** Source datasets, by GUID, of which the source still has something that is on the target, whatever it is called there. */
export function basesOf(source: SimPool, there: There): Map<string, string> {
  const bases = new Map<string, string>();
  const isThere = ({ guid }: { readonly guid: string }): boolean => there.has(guid);
  for (const one of source.datasets.values()) {
    if (one.snapshots.some(isThere) || one.bookmarks.some(isThere) || originsOf(source, one).some(isThere))
      bases.set(one.guid, one.name);
  }
  return bases;
}

/** Those of which a base is protected by a bookmark of ours. */
export function markedOf(source: SimPool, there: There): Map<string, string> {
  const marked = new Map<string, string>();
  for (const { guid, name, bookmarks } of source.datasets.values())
    if (bookmarks.some((mark) => mark.name.startsWith('zferry_') && there.has(mark.guid)))
      marked.set(guid, name);
  return marked;
}

/** A clone goes on from its origin, too. */
function originsOf(pool: SimPool, { origin }: SimDataset): { readonly guid: string }[] {
  const owner = origin && pool.ownerOf(origin);
  return origin && owner ? [origin] : [];
}

/** What is not as it should be when all is quiet: each dataset of the source has its newest snapshot on its copy. */
export function unreached(source: SimPool, target: SimPool, from: string, to: string): string[] {
  const copyOf = ({ name }: SimDataset): SimDataset | undefined =>
    target.datasets.get(`${to}${name.slice(from.length)}`);
  const isAnothers = (one: SimDataset): boolean => {
    const copy = copyOf(one);
    if (copy === undefined || copy.local.has('zferry:placeholder')) return false;
    // Nothing of ours is in it, and what somebody else has begun there is not thrown away.
    if (isTheirToken(copy.partial) && copy.snapshots.length === 0) return true;
    return copy.local.get('zferry:source') !== one.guid;
  };
  return source.tree(from).flatMap((one) => {
    const newest = one.snapshots.at(-1);
    const copy = copyOf(one);
    // Something else has its name there, or that of what is above it, and is nobody's to move.
    if (copy !== undefined && copy.local.get('zferry:source') !== one.guid) return [];
    // Nobody but who began it may go on with that.
    if (isTheirToken(copy?.partial)) return [];
    if (source.tree(from).some((each) => one.name.startsWith(`${each.name}/`) && isAnothers(each))) return [];
    if (newest === undefined) return [`${one.name} has no snapshot`];
    return copy?.snapshots.some(({ guid }) => guid === newest.guid)
      ? []
      : [`${one.name}@${newest.name} is not on ${poolNameOf(to)}`];
  });
}

/**
 * What is not protected as it should be when all is quiet: the newest snapshot of each copy by a hold of ours, what it is on the source by a bookmark, and
 * nothing else.
 */
export function misprotected(source: SimPool, target: SimPool, from: string, to: string): string[] {
  return source.tree(from).flatMap((one) => {
    const copy = target.datasets.get(`${to}${one.name.slice(from.length)}`);
    const newest = one.snapshots.at(-1);
    const same = copy?.snapshots.at(-1);
    if (newest === undefined || same?.guid !== newest.guid || copy?.local.get('zferry:source') !== one.guid)
      return [];
    if (isTheirToken(copy.partial)) return [];
    const isHeld = [...same.holds.keys()].some((tag) => tag.startsWith('zferry_'));
    const isMarked = one.bookmarks.some(({ name, guid }) => name.startsWith('zferry_') && guid === same.guid);
    const heldOn = (dataset: SimDataset, but?: SimSnapshot): string[] =>
      dataset.snapshots
        .filter((each) => each !== but && [...each.holds.keys()].some((tag) => tag.startsWith('zferry_')))
        .map(({ name }) => `${dataset.name}@${name} is held, and of no use any more`);
    return [
      ...heldOn(one),
      ...heldOn(copy, same),
      ...one.bookmarks
        .filter(({ name, guid }) => name.startsWith('zferry_') && guid !== same.guid)
        .map(({ name }) => `${one.name}#${name} is there, and of no use any more`),
      ...(isHeld ? [] : [`${copy.name}@${same.name} is not held`]),
      ...(isMarked ? [] : [`${one.name}@${newest.name} is not bookmarked`]),
    ];
  });
}

/** Copies that only need what comes next: whatever somebody says of them, nothing has to be put right there. */
export function soundCopies(source: SimPool, target: SimPool, from: string, to: string): Set<string> {
  return new Set(
    source.tree(from).flatMap((one) => {
      const copy = target.datasets.get(`${to}${one.name.slice(from.length)}`);
      const newest = copy?.snapshots.at(-1);
      const isSound =
        copy?.local.get('zferry:source') === one.guid &&
        copy.written === 0 &&
        copy.partial === undefined &&
        // Where a clone was promoted, it brings names with it.
        (copy.origin === undefined) === (one.origin === undefined) &&
        !copy.inconsistent &&
        one.snapshots.some(({ guid, ivSet }) => guid === newest?.guid && ivSet === newest.ivSet) &&
        one.snapshots.every(({ guid, name }) =>
          copy.snapshots.every((each) => each.name !== name || each.guid === guid),
        );
      return copy && isSound ? [copy.name] : [];
    }),
  );
}
