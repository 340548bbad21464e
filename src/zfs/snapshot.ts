import type { DatasetName, ShortName } from './dataset-name.ts';
import type { Guid } from './guid.ts';

/** A point in a dataset's history that still has its data. */
export type Snapshot = {
  readonly kind: 'snapshot';
  readonly name: ShortName;
  readonly guid: Guid;
  /** The transaction group it was made in: orders the history of one pool. Local to the pool, receive does not keep it. */
  readonly createtxg: number;
  /** The dataset that it is in, where that is not the one it is used for: the origin of a clone. */
  readonly of?: DatasetName;
};

/** What is left of a snapshot as a base: its GUID and transaction group, without the data. */
export type Bookmark = Omit<Snapshot, 'kind'> & { readonly kind: 'bookmark' };

export type Point = Snapshot | Bookmark;

/** `tank/a@b` or `tank/a#b`. */
export function pointName(dataset: DatasetName, point: Pick<Point, 'kind' | 'name' | 'of'>): string {
  return `${point.of ?? dataset}${point.kind === 'snapshot' ? '@' : '#'}${point.name}`;
}

/** `@b` or `#b`: how a base is written beside its dataset; `o@b` where it is in another. */
export function relativeName(point: Pick<Point, 'kind' | 'name' | 'of'>): string {
  return `${point.of ?? ''}${point.kind === 'snapshot' ? '@' : '#'}${point.name}`;
}
