import { type Dataset, localOwn, ownProperties } from '../zfs/dataset.ts';
import { type DatasetName, rebase } from '../zfs/dataset-name.ts';
import { findBase } from './base.ts';
import { quotedName } from './conflict.ts';
import { topProperties } from './first-properties.ts';
import type { Side } from './side.ts';

/** What becomes of one dataset when a copy that something else has made is taken over. */
export type Adoption = { readonly source: DatasetName; readonly target: DatasetName } & (
  | {
      readonly kind: 'adopt';
      readonly base: string;
      /** Snapshots of the copy since then, which the next sync stops at. */
      readonly newer: number;
      readonly properties: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'ours' }
  /** Nothing is there: the next sync makes a copy. */
  | { readonly kind: 'missing' }
  /** Only on the target, and from now on below what is read-only. */
  | { readonly kind: 'beside' }
  | { readonly kind: 'refused'; readonly reason: string }
);

/** A copy is one if both sides have a snapshot with the same GUID; how it was made does not matter. */
export function planAdoption(source: Side, target: Side, id: string): readonly Adoption[] {
  const there = new Map(target.datasets.map((dataset) => [dataset.name, dataset]));
  const known = new Set(
    source.datasets.map(({ name }) => rebase(name, source.place.dataset, target.place.dataset)),
  );
  const adoptions = source.datasets.map((dataset): Adoption => {
    const name = rebase(dataset.name, source.place.dataset, target.place.dataset);
    const names = { source: dataset.name, target: name };
    const copy = there.get(name);
    return copy === undefined
      ? { ...names, kind: 'missing' }
      : { ...names, ...adopt(dataset, copy, name === target.place.dataset ? id : undefined) };
  });
  if (!adoptions.some(({ kind }) => kind === 'adopt')) return adoptions;
  const beside = target.datasets.filter(({ name, readonly }) => !known.has(name) && !readonly);
  return [
    ...adoptions,
    ...beside.map(({ name }) => ({
      source: rebase(name, target.place.dataset, source.place.dataset),
      target: name,
      kind: 'beside' as const,
    })),
  ];
}

/** @param id of the replica, for its top dataset alone: those below inherit it */
function adopt(source: Dataset, copy: Dataset, id: string | undefined) {
  const refused = (reason: string) => ({ kind: 'refused' as const, reason });
  if (localOwn(source, ownProperties.source) === copy.guid)
    return refused(`${source.name} is a copy of ${copy.name}, not the other way round`);
  const base = findBase(source, copy);
  if (copy.snapshots.length === 0) return refused('it has no snapshots');
  if (base === undefined) {
    return refused(
      `none of its ${copy.snapshots.length} snapshots has the GUID of one of the source's ${source.snapshots.length} or of its bookmarks`,
    );
  }
  if (copy.written > 0)
    return refused(
      `it was written to since @${copy.snapshots.at(-1)?.name ?? base.target.name}, so it may be in use; to take it over all the same, first go back to what it was: zfs rollback ${quotedName(`${copy.name}@${copy.snapshots.at(-1)?.name ?? base.target.name}`)}`,
    );
  if (source.type !== copy.type) return refused(`one is a ${source.type}, the other a ${copy.type}`);
  const raw = source.encrypted && source.key?.guid === copy.key?.guid;
  const marked = localOwn(copy, ownProperties.source) === source.guid;
  if (marked && (id === undefined || localOwn(copy, ownProperties.id) !== undefined))
    return { kind: 'ours' as const };
  return {
    kind: 'adopt' as const,
    base: base.target.name,
    newer: copy.snapshots.filter(({ createtxg }) => createtxg > base.target.createtxg).length,
    properties: {
      ...(id === undefined ? {} : topProperties(id)),
      ...(copy.type === 'filesystem' ? { canmount: 'noauto' } : {}),
      [ownProperties.source]: source.guid,
      [ownProperties.mode]: raw ? 'raw' : 'plain',
    },
  };
}
