import type { DatasetName, ShortName } from './dataset-name.ts';

/** The tag of our holds: another replica's never meet it. */
export function holdTag(id: string): string {
  return `zferry_${id}`;
}

/** Whether a tag is one of ours, of whatever replica. */
export function isOwnHold(tag: string): boolean {
  return /^zferry_[a-z0-9]{1,32}$/.test(tag);
}

/** Holds snapshots (`tank/a@b`), each by itself: where one cannot be held the others are. One transaction group each. */
export function holdArgs(tag: string, snapshots: readonly string[]): string[] {
  return ['zfs', 'hold', tag, ...snapshots];
}

export function releaseArgs(tag: string, snapshots: readonly string[]): string[] {
  return ['zfs', 'release', tag, ...snapshots];
}

/** Holds the snapshot of that name of a dataset and of all below it, those that have one: in one transaction group, all or none. */
export function holdTreeArgs(tag: string, top: DatasetName, name: ShortName): string[] {
  return ['zfs', 'hold', '-r', tag, `${top}@${name}`];
}

export function releaseTreeArgs(tag: string, top: DatasetName, name: ShortName): string[] {
  return ['zfs', 'release', '-r', tag, `${top}@${name}`];
}

/** How many holds each named snapshot has. Fails where one is not there. */
export function countHoldsOfArgs(snapshots: readonly string[]): string[] {
  return ['zfs', 'list', '-Hp', '-t', 'snapshot', '-o', 'name,userrefs', ...snapshots];
}

/** How many holds each snapshot of a tree has. */
export function countHoldsArgs(root: string): string[] {
  return ['zfs', 'list', '-Hp', '-r', '-t', 'snapshot', '-o', 'name,userrefs', root];
}

/** The tags on named snapshots, a line each. */
export function listHoldsArgs(snapshots: readonly string[]): string[] {
  return ['zfs', 'holds', '-H', ...snapshots];
}

/** Names of the snapshots that have holds, from `countHoldsArgs`. */
export function parseHeldNames(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    const [name = '', count] = line.split('\t');
    return count !== undefined && Number(count) > 0 ? [name] : [];
  });
}

/** Names of the snapshots that have this tag, from `listHoldsArgs`. */
export function parseTagged(text: string, tag: string): string[] {
  return text.split('\n').flatMap((line) => {
    const [name = '', found] = line.split('\t');
    return found === tag ? [name] : [];
  });
}

/** All tags on each snapshot, from `listHoldsArgs`. */
export function parseHolds(text: string): Map<string, string[]> {
  const rows = text.split('\n').map((line) => line.split('\t'));
  const tags = new Map<string, string[]>();
  for (const [name = '', tag] of rows)
    if (tag !== undefined) tags.set(name, [...(tags.get(name) ?? []), tag]);
  return tags;
}
