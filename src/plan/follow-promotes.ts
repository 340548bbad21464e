import { type Dataset, localOwn, ownProperties } from '../zfs/dataset.ts';
import { type DatasetName, rebase } from '../zfs/dataset-name.ts';
import { originOf } from './clones.ts';
import type { Side } from './side.ts';

export type Promoted = {
  /** The target as it is once they are promoted. */
  readonly target: Side;
  /** Clones on the target that were promoted on the source. */
  readonly promotes: readonly DatasetName[];
};

/**
 * Where a clone was promoted on the source, its origin's history is its own there, and that is followed on the target: otherwise nothing could go
 * onto the copy of what was its origin (a stream from another dataset's snapshot only ever makes a new one).
 */
export function followPromotes(sources: readonly Dataset[], source: Side, target: Side): Promoted {
  const promotes: DatasetName[] = [];
  let datasets = target.datasets;
  const copyOf = (name: DatasetName) => rebase(name, source.place.dataset, target.place.dataset);
  for (const emptied of sources) {
    const from = originOf(emptied, sources);
    const old = datasets.find(({ name }) => name === copyOf(emptied.name));
    const clone = from?.of && datasets.find(({ name }) => name === copyOf(from.of ?? emptied.name));
    const branch = old?.snapshots.find(({ guid }) => guid === from?.guid);
    if (
      !old ||
      !clone ||
      !branch ||
      !isOurs(old) ||
      !isOurs(clone) ||
      clone.origin !== `${old.name}@${branch.name}`
    )
      continue;
    promotes.push(clone.name);
    const [moved, kept] = [
      old.snapshots.filter(({ createtxg }) => createtxg <= branch.createtxg),
      old.snapshots.filter(({ createtxg }) => createtxg > branch.createtxg),
    ];
    datasets = datasets.map((one) => {
      if (one === clone) return { ...one, origin: old.origin, snapshots: [...moved, ...one.snapshots] };
      return one === old ? { ...one, origin: `${clone.name}@${branch.name}`, snapshots: kept } : one;
    });
  }
  return { target: { ...target, datasets }, promotes };
}

function isOurs(dataset: Dataset): boolean {
  return localOwn(dataset, ownProperties.source) !== undefined;
}
