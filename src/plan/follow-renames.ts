import { byName, type Dataset, localOwn, ownProperties, valueOwn } from '../zfs/dataset.ts';
import { type DatasetName, isWithin, parentOf, rebase } from '../zfs/dataset-name.ts';
import { asideIn } from './aside.ts';
import { findBase } from './base.ts';
import type { Side } from './side.ts';

/** A dataset of the target that is to have the name that its source has now. */
export type Rename = { readonly from: DatasetName; readonly to: DatasetName };

export type FollowOptions = {
  readonly id: string;
  /** Targets that are below a copy that was set aside: they come back by themselves. */
  readonly displaced: ReadonlyMap<DatasetName, DatasetName>;
};

export type Followed = {
  /** The target as it is once they are renamed. */
  readonly target: Side;
  /** In this order: what is below one goes with it. */
  readonly renames: readonly Rename[];
  /** Those whose new parent has to arrive first, by the name that they are to have. */
  readonly waiting: ReadonlyMap<DatasetName, { readonly copy: DatasetName; readonly parent: DatasetName }>;
};

/**
 * Datasets that were renamed on the source, or whose copy was renamed on the target: the copy remembers the GUID of its source, and a snapshot in
 * common confirms it (after a promote, history lies elsewhere). Nothing of them is sent again.
 * @param sources the selected ones, parents first
 */
export function followRenames(
  sources: readonly Dataset[],
  source: Side,
  target: Side,
  { id, displaced }: FollowOptions,
): Followed {
  const renames: Rename[] = [];
  const waiting = new Map<DatasetName, { copy: DatasetName; parent: DatasetName }>();
  const place = target.place.dataset;
  const above = new Set(target.ancestors.map(({ name }) => name));
  const names = new Set(sources.map(({ name }) => rebase(name, source.place.dataset, place)));
  let datasets = target.datasets;
  let [there, copies] = [byName(datasets), bySource(datasets)];
  const rename = (from: DatasetName, to: DatasetName): void => {
    renames.push({ from, to });
    datasets = renamed(datasets, { from, to });
    [there, copies] = [byName(datasets), bySource(datasets)];
  };
  const aside = asideIn(target.datasets);
  const copyFor = (one: Dataset, to: DatasetName): DatasetName | undefined => {
    const found = (copies.get(one.guid) ?? []).filter(
      (copy) => copy.name !== place && !aside.has(copy.name) && isCopyOf(copy, one, id),
    );
    return (found.find(({ name }) => name === to) ?? found[0])?.name;
  };
  const exists = (name: DatasetName): boolean => above.has(name) || there.has(name);
  /** Not what is only a beginning, nor what is no part of this replica. */
  const isThere = (name: DatasetName): boolean => {
    const one = there.get(name);
    return one?.inconsistent === false && (name === place || valueOwn(one, ownProperties.id) === id);
  };
  /** A name that is in the way of another one's is left by a name in between, as where two were swapped. */
  const madeWay = new Set<DatasetName>();
  const makeWay = (): boolean => {
    for (const one of sources) {
      const to = rebase(one.name, source.place.dataset, place);
      const from = copyFor(one, to);
      if (from === undefined || from === to || !names.has(from)) continue;
      const between = `${from}_zferry_${id}` as DatasetName;
      if (madeWay.has(between) || exists(between) || (!exists(to) && !isWithin(to, from))) continue;
      madeWay.add(between);
      rename(from, between);
      return true;
    }
    return false;
  };
  /** Whether a name that another one wants has become free. */
  let moved = true;
  while (moved || makeWay()) {
    moved = false;
    for (const one of sources) {
      const to = rebase(one.name, source.place.dataset, place);
      const parent = parentOf(to);
      if (to === place || parent === undefined || exists(to)) continue;
      if ([...displaced.keys()].some((name) => isWithin(to, name))) continue;
      const from = copyFor(one, to);
      if (from === undefined || isWithin(to, from)) continue;
      waiting.delete(to);
      if (!isThere(parent)) {
        if (names.has(parent)) waiting.set(to, { copy: from, parent });
        continue;
      }
      moved = true;
      rename(from, to);
    }
  }
  return { target: { ...target, datasets }, renames, waiting };
}

/** By the GUID of the source that each remembers. */
function bySource(copies: readonly Dataset[]): ReadonlyMap<string, readonly Dataset[]> {
  return Map.groupBy(copies, (copy) => localOwn(copy, ownProperties.source) ?? '');
}

function isCopyOf(copy: Dataset, source: Dataset, id: string): boolean {
  return valueOwn(copy, ownProperties.id) === id && findBase(source, copy) !== undefined;
}

/** A target as it is once they are renamed. */
export function withRenames(target: Side, renames: readonly Rename[]): Side {
  return { ...target, datasets: renames.reduce(renamed, target.datasets) };
}

function renamed(datasets: readonly Dataset[], { from, to }: Rename): readonly Dataset[] {
  const moved = (name: DatasetName): DatasetName => (isWithin(name, from) ? rebase(name, from, to) : name);
  return datasets.map((one) => {
    const [owner, short] = one.origin?.split('@') ?? [];
    const origin = owner === undefined ? undefined : `${moved(owner as DatasetName)}@${short ?? ''}`;
    return { ...one, name: moved(one.name), origin };
  });
}
