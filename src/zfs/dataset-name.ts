import { usageError } from './failure.ts';

declare const datasetBrand: unique symbol;
declare const snapshotBrand: unique symbol;

/** `pool` or `pool/a/b`, without `@` or `#`. */
export type DatasetName = string & { readonly [datasetBrand]: 'DatasetName' };

/** What follows the `@` of a snapshot or the `#` of a bookmark. */
export type ShortName = string & { readonly [snapshotBrand]: 'ShortName' };

/** ZFS_MAX_DATASET_NAME_LEN less the terminating byte. */
const longestName = 255;

/**
 * Letters, digits and `- _ . :` and the space are what ZFS allows in a component (zfs_namecheck.c); `%` stands only in
 * names that ZFS itself makes, like `fs/%recv`. A component is never empty, `.` or `..`.
 * @throws ZferryError `usage`, naming what is wrong.
 */
export function parseDatasetName(text: string): DatasetName {
  const wrong = datasetNameFault(text);
  if (wrong !== undefined) throw usageError(`"${text}" is not a dataset's name: ${wrong}`);
  return text as DatasetName;
}

/** What is wrong with a dataset's name, or `undefined`. */
export function datasetNameFault(text: string): string | undefined {
  // Nearly all are like that.
  if (text.length <= longestName && /^[A-Za-z][A-Za-z0-9_: -]*(\/[A-Za-z0-9_: -]+)*$/.test(text))
    return undefined;
  if (text === '') return 'it is empty';
  if (text.startsWith('/')) return 'it begins with "/"; give the dataset, not the path where it is mounted';
  if (text.endsWith('/')) return 'it ends with "/"';
  if (Buffer.byteLength(text) > longestName) return `it is longer than ${longestName} bytes`;
  if (text.includes('@')) return 'it names a snapshot; give the dataset before the "@"';
  if (text.includes('#')) return 'it names a bookmark; give the dataset before the "#"';
  if (/^[^A-Za-z]/.test(text)) return "a pool's name begins with a letter";
  for (const part of text.split('/')) {
    if (part === '') return 'it holds "//"';
    if (part === '.' || part === '..') return `"${part}" cannot be a part of it`;
    const bad = /[^A-Za-z0-9_.: -]/u.exec(part);
    if (bad) return `ZFS does not allow ${JSON.stringify(bad[0])} in it`;
  }
  return undefined;
}

/** @throws ZferryError `usage` when ZFS would not take it as the part after `@` or `#`. */
export function parseShortName(text: string): ShortName {
  if (!isShortName(text)) throw usageError(`"${text}" is not a snapshot's name`);
  return text;
}

/** Whether ZFS takes it as the part after `@` or `#`. */
export function isShortName(text: string): text is ShortName {
  return text.length <= longestName && /^[A-Za-z0-9_.:% -]+$/.test(text);
}

export function poolOf(name: DatasetName): DatasetName {
  return name.split('/', 1)[0] as DatasetName;
}

/** `undefined` for a pool's root. */
export function parentOf(name: DatasetName): DatasetName | undefined {
  const slash = name.lastIndexOf('/');
  return slash === -1 ? undefined : (name.slice(0, slash) as DatasetName);
}

/** The last part: `c` of `a/b/c`. */
export function lastPart(name: DatasetName): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** Whether `name` is `root` or lies below it. */
export function isWithin(name: DatasetName, root: DatasetName): boolean {
  return name === root || name.startsWith(`${root}/`);
}

/** `from` replaced by `to` at the front of `name`, which lies within `from`. */
export function rebase(name: DatasetName, from: DatasetName, to: DatasetName): DatasetName {
  return `${to}${name.slice(from.length)}` as DatasetName;
}

/** From the pool down to the parent of `name`; empty for a pool's root. */
export function ancestorsOf(name: DatasetName): DatasetName[] {
  const parts = name.split('/');
  return parts.slice(0, -1).map((_, i) => parts.slice(0, i + 1).join('/') as DatasetName);
}

/** The highest of these that `name` lies below; not `name` itself. */
export function highestAbove(name: DatasetName, others: ReadonlySet<DatasetName>): DatasetName | undefined {
  return ancestorsOf(name).find((ancestor) => others.has(ancestor));
}

/** Parents before children, siblings by their bytes: the order in which a tree is received. */
export function byTreeOrder(a: DatasetName, b: DatasetName): number {
  const left = a.split('/');
  const right = b.split('/');
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const x = left[i] ?? '';
    const y = right[i] ?? '';
    if (x !== y) return x < y ? -1 : 1;
  }
  return left.length - right.length;
}
