import { byName, type Dataset, localOwn, ownProperties } from '../zfs/dataset.ts';
import { type DatasetName, rebase } from '../zfs/dataset-name.ts';
import type { Snapshot } from '../zfs/snapshot.ts';
import { originOf } from './clones.ts';
import type { Side } from './side.ts';

export type Promoted = {
  /** The target as it is once they are promoted. */
  readonly target: Side;
  /** Clones on the target that were promoted on the source. */
  readonly promotes: readonly DatasetName[];
  /** Those that cannot be, and the snapshot of theirs whose name one that is to come to them has. */
  readonly clashes: ReadonlyMap<DatasetName, Snapshot>;
};

/**
 * Where a clone was promoted on the source, its origin's history is its own there, and that is followed on the target: otherwise nothing could go
 * onto the copy of what was its origin (a stream from another dataset's snapshot only ever makes a new one).
 */
export function followPromotes(sources: readonly Dataset[], source: Side, target: Side): Promoted {
  const promotes: DatasetName[] = [];
  const clashes = new Map<DatasetName, Snapshot>();
  let datasets = target.datasets;
  const selected = byName(sources);
  const copyOf = (name: DatasetName) => rebase(name, source.place.dataset, target.place.dataset);
  for (const emptied of sources) {
    const from = originOf(emptied, selected);
    if (from === undefined) continue;
    const old = datasets.find(({ name }) => name === copyOf(emptied.name));
    const clone = from.of && datasets.find(({ name }) => name === copyOf(from.of ?? emptied.name));
    const branch = old?.snapshots.find(({ guid }) => guid === from.guid);
    const holder = from.of && selected.get(from.of);
    if (!old || !clone || !branch || !holder || !isCopyOf(old, emptied) || !isCopyOf(clone, holder)) continue;
    if (clone.origin !== `${old.name}@${branch.name}`) continue;
    const [moved, kept] = [
      old.snapshots.filter(({ createtxg }) => createtxg <= branch.createtxg),
      old.snapshots.filter(({ createtxg }) => createtxg > branch.createtxg),
    ];
    const names = new Set(moved.map(({ name }) => name));
    const clash = clone.snapshots.find(({ name }) => names.has(name));
    if (clash) {
      clashes.set(clone.name, clash);
      continue;
    }
    promotes.push(clone.name);
    datasets = datasets.map((one) => {
      if (one === clone) return { ...one, origin: old.origin, snapshots: [...moved, ...one.snapshots] };
      return one === old ? { ...one, origin: `${clone.name}@${branch.name}`, snapshots: kept } : one;
    });
  }
  return { target: { ...target, datasets }, promotes, clashes };
}

function isCopyOf(copy: Dataset, source: Dataset): boolean {
  return localOwn(copy, ownProperties.source) === source.guid;
}
