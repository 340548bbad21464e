import type { Dataset } from '../zfs/dataset.ts';
import type { DatasetName } from '../zfs/dataset-name.ts';
import type { Pool } from '../zfs/pool.ts';
import type { ReceiveProcess } from '../zfs/receive-processes.ts';
import type { ZfsVersion } from '../zfs/version.ts';
import type { Conflict } from './conflict.ts';
import type { Place } from './place.ts';

/** What one listing of one side found. */
export type Side = {
  readonly place: Place;
  readonly version: ZfsVersion | undefined;
  readonly pool: Pool;
  /** The place's dataset and, for a tree, all below it, parents first; empty if it is not there. */
  readonly datasets: readonly Dataset[];
  /** Those that exist of the datasets above the place, from the pool down. */
  readonly ancestors: readonly Dataset[];
  /** It is the root of a pool in which nothing is: no file, no snapshot, no other dataset. Looked for on the target alone. */
  readonly emptyRoot: boolean;
  /** Some of it was not listed this time, but known from before. */
  readonly remembered: boolean;
  /** What is known of snapshots that cannot be sent over, by dataset; asked for only where something has diverged. */
  readonly details: ReadonlyMap<DatasetName, Conflict['details']>;
  /** Receives that run on that host; looked for only where something says that one may. */
  readonly receives: readonly ReceiveProcess[];
};
