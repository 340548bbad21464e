import { type OwnProperty, ownProperties } from './dataset.ts';
import type { DatasetName } from './dataset-name.ts';

/**
 * What planning needs of a dataset, in this order. None of the first ones can hold a tab or newline (a mountpoint could); ours could, if
 * somebody set them by hand.
 */
export const datasetProperties = [
  'name',
  'type',
  'guid',
  'createtxg',
  'used',
  'available',
  'referenced',
  'written',
  'readonly',
  'mounted',
  'encryption',
  'keystatus',
  'receive_resume_token',
  'inconsistent',
  'origin',
  'encryptionroot',
  'keyguid',
  'pbkdf2salt',
  ...Object.values(ownProperties),
] as const;

/** The columns that OpenZFS 2.2 and later list without opening each snapshot. */
export const pointColumns = ['name', 'guid', 'createtxg'] as const;

export type Depth = 'dataset' | 'tree';

/**
 * Datasets with what planning needs, a line for each property. All in one: going through datasets that are not mounted is what takes ZFS its
 * time (31 ms each, measured on OpenZFS 2.3.9), however much is asked of them.
 * @param changed asks when their snapshots have changed, which releases before 2.2 do not know: there all of it fails
 */
export function getDatasetsArgs(root: DatasetName, depth: Depth, changed = false): string[] {
  const wanted = changed ? [...datasetProperties, changedProperty] : datasetProperties;
  return [...getting, ...depthOf(depth, '0'), ...columns, wanted.join(','), root];
}

/** Named datasets; those that exist are printed even where others do not. */
export function getNamedDatasetsArgs(names: readonly DatasetName[]): string[] {
  return [...getting, ...columns, datasetProperties.join(','), ...names];
}

/** In seconds since 1970. */
export const changedProperty = 'snapshots_changed';

const getting = ['zfs', 'get', '-Hp'];
const columns = ['-t', 'filesystem,volume', '-o', 'property,value,source'];

/** Snapshots and bookmarks, one line each. */
export function listPointsArgs(root: DatasetName, depth: Depth): string[] {
  return [
    'zfs',
    'list',
    '-Hp',
    ...depthOf(depth, '1'),
    '-t',
    'snapshot,bookmark',
    '-o',
    pointColumns.join(','),
    root,
  ];
}

/** Snapshots of the named datasets, not of those below; rows of those that exist even where others do not. */
export function listPointsOfArgs(names: readonly DatasetName[]): string[] {
  return ['zfs', 'list', '-Hp', '-d', '1', '-t', 'snapshot', '-o', pointColumns.join(','), ...names];
}

/** The same of the named datasets, bookmarks included. */
export function listHistoriesArgs(names: readonly DatasetName[]): string[] {
  return ['zfs', 'list', '-Hp', '-d', '1', '-t', 'snapshot,bookmark', '-o', pointColumns.join(','), ...names];
}

/** Named snapshots and bookmarks, given as `dataset@name` or `dataset#name`. Fails where one is not there. */
export function listNamedPointsArgs(names: readonly string[]): string[] {
  return ['zfs', 'list', '-Hp', '-t', 'snapshot,bookmark', '-o', pointColumns.join(','), ...names];
}

/** Named snapshots that were just taken, with what each wrote and refers to (bytes). Fails where one is not there. */
export function listNewSnapshotsArgs(names: readonly string[]): string[] {
  const columns = [...pointColumns, 'written', 'referenced'].join(',');
  return ['zfs', 'list', '-Hp', '-t', 'snapshot', '-o', columns, ...names];
}

/** All snapshots of some datasets, with what each wrote and refers to (bytes). */
export function listSizedHistoriesArgs(datasets: readonly DatasetName[]): string[] {
  const columns = [...pointColumns, 'written', 'referenced'].join(',');
  return ['zfs', 'list', '-Hp', '-d', '1', '-t', 'snapshot', '-o', columns, ...datasets];
}

/** Which datasets there are, and nothing else of them. */
export function listGuidsArgs(root: DatasetName): string[] {
  return ['zfs', 'list', '-Hp', '-r', '-t', 'filesystem,volume', '-o', 'name,guid', root];
}

/** How much each named snapshot wrote and refers to, in bytes. */
export function snapshotSizesArgs(names: readonly string[]): string[] {
  return ['zfs', 'list', '-Hp', '-t', 'snapshot', '-o', 'name,written,referenced', ...names];
}

/** When a dataset and its snapshots were made, in seconds since 1970. */
export function creationArgs(dataset: DatasetName): string[] {
  return [
    'zfs',
    'get',
    '-Hp',
    '-d',
    '1',
    '-t',
    'filesystem,volume,snapshot',
    '-o',
    'name,value',
    'creation',
    dataset,
  ];
}

/** Properties of ours where they are set, in a whole tree. */
export function getMarksArgs(root: DatasetName, properties: readonly OwnProperty[]): string[] {
  const wanted = properties.join(',');
  const columns = 'name,property,value';
  return ['zfs', 'get', '-Hp', '-r', '-t', 'filesystem,volume', '-s', 'local', '-o', columns, wanted, root];
}

/** One dataset and those right below it. */
export function listChildrenArgs(root: DatasetName): string[] {
  return [
    'zfs',
    'list',
    '-Hp',
    '-d',
    '1',
    '-t',
    'filesystem,volume',
    '-o',
    'name,type,origin,mounted,inconsistent,encryptionroot,keystatus',
    root,
  ];
}

/** One value, which can hold anything; it ends with a newline that is not its own. */
export function propertyValueArgs(property: string, dataset: DatasetName): string[] {
  return ['zfs', 'get', '-Hp', '-o', 'value', property, dataset];
}

/** With which set of initialisation vectors each snapshot and bookmark of an encrypted dataset was written. */
export function ivSetsArgs(dataset: DatasetName): string[] {
  return ['zfs', 'list', '-Hp', '-d', '1', '-t', 'snapshot,bookmark', '-o', 'guid,ivsetguid', dataset];
}

/** What keeps snapshots from being destroyed. */
export function keptSnapshotsArgs(snapshots: readonly string[]): string[] {
  return ['zfs', 'list', '-Hp', '-t', 'snapshot', '-o', 'name,clones', ...snapshots];
}

/** How large volumes are and how much room each has reserved, in bytes. */
export function volumeRoomArgs(volumes: readonly DatasetName[]): string[] {
  return ['zfs', 'list', '-Hp', '-t', 'volume', '-o', 'name,volsize,refreservation', ...volumes];
}

/** A dataset, those right below it, its snapshots and bookmarks, a name a line. */
export function listBelowArgs(root: DatasetName): string[] {
  return ['zfs', 'list', '-H', '-d', '1', '-t', 'filesystem,volume,snapshot,bookmark', '-o', 'name', root];
}

/** How many objects each owner has in a filesystem; a fresh one has a single one, its root folder. */
export function countObjectsArgs(filesystem: DatasetName): string[] {
  return ['zfs', 'userspace', '-Hp', '-o', 'objused', filesystem];
}

export function versionArgs(): string[] {
  return ['zfs', 'version'];
}

/** Every property and feature of a pool. */
export function poolArgs(pool: DatasetName): string[] {
  return ['zpool', 'get', '-Hp', '-o', 'property,value', 'all', pool];
}

/** `-r` and `-d` exclude each other; a depth of 1 takes a dataset's own snapshots along. */
function depthOf(depth: Depth, single: '0' | '1'): string[] {
  return depth === 'tree' ? ['-r'] : ['-d', single];
}
