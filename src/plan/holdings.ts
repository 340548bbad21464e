import { ownProperties } from '../zfs/dataset.ts';
import type { DatasetName } from '../zfs/dataset-name.ts';
import { isOwnHold } from '../zfs/hold-args.ts';
import { anchorId } from './anchors.ts';
import { type Aside, parseAside } from './aside.ts';
import { quotedName } from './conflict.ts';
import { parseUtc } from './utc.ts';

/** What a listing found that may be ours, of one host. Times in seconds since 1970. */
export type Found = {
  readonly host: string;
  readonly marks: readonly {
    readonly name: DatasetName;
    readonly property: string;
    readonly value: string;
  }[];
  readonly bookmarks: readonly PointFacts[];
  readonly holds: readonly (PointFacts & { readonly tag: string })[];
  /** Bytes, of what was set aside. */
  readonly used: ReadonlyMap<DatasetName, number>;
};

type PointFacts = {
  readonly dataset: DatasetName;
  /** Full name. */
  readonly name: string;
  readonly createtxg: number;
  readonly creation: number;
};

/** One thing on a host that is ours. */
export type Holding = {
  readonly host: string;
  readonly dataset: DatasetName;
  /** A snapshot or bookmark by its full name, else the dataset. */
  readonly name: string;
  /** The replica's id; `undefined` for what belongs to none. */
  readonly id: string | undefined;
  readonly reason: string;
  /** Seconds since 1970, where it is known. */
  readonly since: number | undefined;
  /** Of use; superseded; or of a replica that is on none of the hosts that were looked at. */
  readonly state: 'in use' | 'left over' | 'no replica here';
} & (
  | { readonly kind: 'hold'; readonly tag: string }
  | { readonly kind: 'bookmark' }
  | { readonly kind: 'properties'; readonly properties: readonly string[] }
  /** A dataset that was set aside; bytes. It is data, and never let go of here. */
  | { readonly kind: 'copy'; readonly used: number }
);

/** All that is ours, with why it is there. @param all of the hosts that were looked at: a replica can be on another than its source */
export function judgeHoldings(all: readonly Found[]): Holding[] {
  const tops = all.flatMap(({ marks }) => marks.filter(({ property }) => property === ownProperties.id));
  const replicas = new Set([...tops.map(({ value }) => value), ...unmarked(all)]);
  return all.flatMap((found) => [
    ...judgeMarks(found),
    ...judgeHolds(found, replicas),
    ...judgeBookmarks(found, replicas),
  ]);
}

/** Replicas whose copy bears no mark: one side holds what the other has a bookmark of, made at the same time to the second. */
function unmarked(all: readonly Found[]): string[] {
  const held = all.flatMap(({ holds }) => holds.filter(({ tag }) => isOwnHold(tag)));
  return all
    .flatMap(({ bookmarks }) => bookmarks)
    .flatMap(({ name, dataset, creation }) => {
      const id = anchorId(name.slice(name.indexOf('#') + 1));
      const isHeld = held.some(
        (hold) => hold.tag === `zferry_${id}` && hold.creation === creation && hold.dataset !== dataset,
      );
      return id !== undefined && isHeld ? [id] : [];
    });
}

function judgeHolds({ host, holds, marks }: Found, replicas: ReadonlySet<string>): Holding[] {
  const own = holds.filter(({ tag }) => isOwnHold(tag));
  return own.map((hold) => {
    const id = hold.tag.slice('zferry_'.length);
    const onTarget = idAbove(marks, hold.dataset) === id;
    const newer = own.some(
      (other) => other.dataset === hold.dataset && other.tag === hold.tag && other.createtxg > hold.createtxg,
    );
    const state = !replicas.has(id) ? 'no replica here' : onTarget && newer ? 'left over' : 'in use';
    const reason = onTarget
      ? 'the newest that the replica and its source have'
      : 'being sent, or to be gone on with';
    const { dataset, name, tag, creation: since } = hold;
    return { host, dataset, name, id, since, state, reason: reasonOf(state, reason), kind: 'hold', tag };
  });
}

function judgeBookmarks({ host, bookmarks }: Found, replicas: ReadonlySet<string>): Holding[] {
  const own = bookmarks.flatMap((bookmark) => {
    const id = anchorId(bookmark.name.slice(bookmark.name.indexOf('#') + 1));
    return id === undefined ? [] : [{ ...bookmark, id }];
  });
  return own.map(({ dataset, name, id, createtxg, creation: since }) => {
    const newer = own.some((one) => one.dataset === dataset && one.id === id && one.createtxg > createtxg);
    const state = !replicas.has(id) ? 'no replica here' : newer ? 'left over' : 'in use';
    const reason = reasonOf(state, 'the base of the next increment');
    return { host, dataset, name, id, since, state, reason, kind: 'bookmark' };
  });
}

function judgeMarks({ host, marks, used }: Found): Holding[] {
  const byDataset = Map.groupBy(marks, ({ name }) => name);
  return [...byDataset].map(([dataset, own]) => {
    const id = idAbove(marks, dataset);
    const aside = own.find(({ property }) => property === ownProperties.aside);
    const was = aside && parseAside(aside.value);
    if (was !== undefined && was.original !== dataset) {
      const reason =
        was.state === 'done'
          ? `set aside, it was ${was.original}; when nobody needs it: zfs destroy -r ${quotedName(dataset)}`
          : `set aside until a new copy is at ${was.original}`;
      const copy = { kind: 'copy' as const, used: used.get(dataset) ?? 0 };
      return { host, dataset, name: dataset, id, reason, since: secondsOf(was), state: 'in use', ...copy };
    }
    const properties = own.map(({ property }) => property);
    const isTop = properties.includes(ownProperties.id);
    const isEmpty = own.some(
      ({ property, value }) => property === ownProperties.placeholder && value === 'on',
    );
    const gone = own.find(({ property }) => property === ownProperties.vanished);
    const goneSince = gone && parseUtc(gone.value);
    const reason = isTop
      ? 'marks a replica'
      : goneSince !== undefined
        ? 'marks a part of a replica, its source is gone'
        : isEmpty
          ? 'only holds what is below it'
          : 'marks a part of a replica';
    return {
      host,
      dataset,
      name: dataset,
      id,
      reason,
      since: goneSince === undefined ? undefined : goneSince / 1000,
      state: 'in use',
      kind: 'properties',
      properties,
    };
  });
}

function secondsOf({ since }: Aside): number | undefined {
  const time = parseUtc(since);
  return time === undefined ? undefined : time / 1000;
}

function reasonOf(state: Holding['state'], reason: string): string {
  switch (state) {
    case 'in use':
      return reason;
    case 'left over':
      return 'superseded by a newer one; the next run lets go of it';
    case 'no replica here':
      return 'its replica is on none of these hosts';
  }
}

/** The replica that a dataset belongs to: the id on it or on the nearest above it. */
function idAbove(marks: Found['marks'], dataset: DatasetName): string | undefined {
  const ids = marks.filter(
    ({ name, property }) =>
      property === ownProperties.id && (dataset === name || dataset.startsWith(`${name}/`)),
  );
  return ids.sort((a, b) => b.name.length - a.name.length)[0]?.value;
}

/**
 * What may be let go of: what is superseded, and all of the replicas that are named. Nobody can tell from one host whether a replica is on another.
 */
export function toRelease(all: readonly Holding[], ids: readonly string[]): Holding[] {
  return all.filter(
    (one) =>
      one.kind !== 'copy' && (one.state === 'left over' || (one.id !== undefined && ids.includes(one.id))),
  );
}
