import { ownProperties } from './dataset.ts';
import { type DatasetName, poolOf, type ShortName } from './dataset-name.ts';
import { portions } from './portions.ts';

/**
 * One snapshot of all of them: one command a pool, which ZFS carries out at one moment. More than one command takes are named by the top of their tree
 * where that stands for just them, and otherwise by several commands.
 * @param top what all of these, and nothing else, are or are below
 */
export function snapshotArgs(
  datasets: readonly DatasetName[],
  name: ShortName,
  top?: DatasetName,
): string[][] {
  const pools = Map.groupBy(datasets, poolOf);
  return [...pools.values()].flatMap((members) => {
    const parts = portions(members.map((dataset) => `${dataset}@${name}`));
    if (parts.length <= mostParts) return [['zfs', 'snapshot', ...parts.flat()]];
    return top === undefined
      ? parts.map((part) => ['zfs', 'snapshot', ...part])
      : [['zfs', 'snapshot', '-r', `${top}@${name}`]];
  });
}

/** As many portions of names still fit into one command. */
const mostParts = 2;

/** A filesystem that only holds others, never mounted. */
export function createPlaceholderArgs(
  name: DatasetName,
  properties: Readonly<Record<string, string>>,
): string[] {
  const all = { canmount: 'off', [ownProperties.placeholder]: 'on', ...properties };
  return ['zfs', 'create', ...Object.entries(all).flatMap(([key, value]) => ['-o', `${key}=${value}`]), name];
}

/** Destroys snapshots of one dataset, all or none. */
export function destroySnapshotsArgs(dataset: DatasetName, names: readonly ShortName[]): string[] {
  return ['zfs', 'destroy', `${dataset}@${names.join(',')}`];
}

/** Makes a bookmark of a snapshot of the same dataset. One transaction group. */
export function bookmarkArgs(dataset: DatasetName, snapshot: ShortName, bookmark: ShortName): string[] {
  return ['zfs', 'bookmark', `${dataset}@${snapshot}`, `${dataset}#${bookmark}`];
}

/** ZFS takes one at a time. */
export function destroyBookmarkArgs(dataset: DatasetName, bookmark: ShortName): string[] {
  return ['zfs', 'destroy', `${dataset}#${bookmark}`];
}

/** Reserves what a volume can ever need: its size and what describes it. */
export function reserveVolumeArgs(volume: DatasetName): string[] {
  return ['zfs', 'set', 'refreservation=auto', volume];
}

/** `overlay=off` makes `zfs mount` refuse a folder that is not empty. */
export function forbidOverlayArgs(dataset: DatasetName): string[] {
  return ['zfs', 'set', 'overlay=off', dataset];
}

export function mountArgs(dataset: DatasetName): string[] {
  return ['zfs', 'mount', dataset];
}

/** Refused where something uses it. */
export function unmountArgs(filesystem: DatasetName): string[] {
  return ['zfs', 'unmount', filesystem];
}

/** The same, also of all that is below. */
export function inheritBelowArgs(property: string, dataset: DatasetName): string[] {
  return ['zfs', 'inherit', '-r', property, dataset];
}

/** Loads a key from where its `keylocation` says; one that has to be typed is not. */
export function loadKeyArgs(root: DatasetName): string[] {
  return ['zfs', 'load-key', root];
}

/** Writes out what is pending. */
export function syncPoolArgs(pool: DatasetName): string[] {
  return ['zpool', 'sync', pool];
}

export function renameArgs(from: DatasetName, to: DatasetName): string[] {
  return ['zfs', 'rename', from, to];
}

export function renameSnapshotArgs(dataset: DatasetName, from: ShortName, to: ShortName): string[] {
  return ['zfs', 'rename', `${dataset}@${from}`, `${dataset}@${to}`];
}

export function cloneArgs(
  dataset: DatasetName,
  snapshot: ShortName,
  clone: DatasetName,
  properties: Readonly<Record<string, string>>,
): string[] {
  const set = Object.entries(properties).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  return ['zfs', 'clone', ...set, `${dataset}@${snapshot}`, clone];
}

/** Its origin's history up to there moves to the clone, and the origin becomes the clone's clone. */
export function promoteArgs(clone: DatasetName): string[] {
  return ['zfs', 'promote', clone];
}

/** Drops what was written since the snapshot. Refused where a snapshot or a bookmark is newer: what is to go has to be named. */
export function rollbackArgs(dataset: DatasetName, snapshot: ShortName): string[] {
  return ['zfs', 'rollback', `${dataset}@${snapshot}`];
}

export function setArgs(dataset: DatasetName, properties: Readonly<Record<string, string>>): string[] {
  return ['zfs', 'set', ...Object.entries(properties).map(([name, value]) => `${name}=${value}`), dataset];
}

/** Takes a local value away. */
export function inheritArgs(property: string, dataset: DatasetName): string[] {
  return ['zfs', 'inherit', property, dataset];
}

/** Destroys a dataset that has no snapshot and nothing below it; ZFS refuses any other. */
export function destroyEmptyArgs(dataset: DatasetName): string[] {
  return ['zfs', 'destroy', dataset];
}
