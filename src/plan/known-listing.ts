import type { Dataset } from '../zfs/dataset.ts';
import type { DatasetName } from '../zfs/dataset-name.ts';
import type { Guid } from '../zfs/guid.ts';
import type { Point } from '../zfs/snapshot.ts';

/**
 * What one side was seen to have, so that only what has changed since need be listed again: going through the snapshots of datasets that are
 * not mounted takes ZFS three times as long as going through the datasets. It can only cost time: what is done is decided anew where it is more
 * than to send what comes next.
 */
export type KnownListing = {
  /** When all was listed last, by the clock of that host (seconds since 1970). */
  readonly fullAt: number;
  readonly datasets: readonly KnownDataset[];
};

export type KnownDataset = {
  readonly guid: Guid;
  /** `snapshots_changed`, in seconds since 1970. */
  readonly changed: number;
  /** What it was a clone of: a promote moves snapshots, too. */
  readonly origin: string | undefined;
  readonly points: readonly Point[];
};

/** Nothing is taken for known without a look for longer than that (seconds): ZFS tells of no change of a bookmark. */
const longestSeconds = 86_400;

/** A change in the same second as the one before it is not to be told, by a clock that is read a moment later. */
const settledSeconds = 2;

/** What can be kept of a listing. @param clock of that host, when it began */
export function keptOf(datasets: readonly Dataset[], clock: number, fullAt: number): KnownListing {
  return {
    fullAt,
    datasets: datasets.flatMap(({ guid, changed, origin, snapshots, bookmarks }) =>
      changed !== undefined && changed + settledSeconds <= clock
        ? [{ guid, changed, origin, points: [...snapshots, ...bookmarks] }]
        : [],
    ),
  };
}

/** The histories of those datasets that have not changed since. @param clock of that host, now */
export function stillKnown(
  known: KnownListing,
  datasets: readonly Pick<Dataset, 'name' | 'guid' | 'changed' | 'origin'>[],
  clock: number,
): Map<DatasetName, readonly Point[]> {
  const age = clock - known.fullAt;
  const found = new Map<DatasetName, readonly Point[]>();
  // Not where either clock is not known.
  if (!(age >= 0 && age < longestSeconds)) return found;
  const byGuid = new Map(known.datasets.map((one) => [one.guid, one]));
  for (const { name, guid, changed, origin } of datasets) {
    const one = byGuid.get(guid);
    if (one !== undefined && one.changed === changed && one.origin === origin) found.set(name, one.points);
  }
  return found;
}
