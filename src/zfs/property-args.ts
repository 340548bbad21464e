import type { Dataset } from './dataset.ts';
import type { DatasetName } from './dataset-name.ts';

/**
 * The names of the properties that are set on these datasets themselves, native and user ones. Names alone: a value can hold tabs and newlines, and
 * then nobody can tell where its line ends.
 */
export function localPropertyNamesArgs(datasets: readonly DatasetName[]): string[] {
  return ['zfs', 'get', '-Hp', '-s', 'local', '-o', 'name,property', 'all', ...datasets];
}

/** One value and nothing else; nothing at all where it is not set on that dataset itself any more. */
export function localValueArgs(dataset: DatasetName, property: string): string[] {
  return ['zfs', 'get', '-Hp', '-s', 'local', '-o', 'value', property, dataset];
}

/**
 * Asks the ZFS there whether it takes a value, by a dry run: it checks name, value, type, and what the pool can (`recordsize`). A receive checks just the
 * same, and stops at the first thing that is wrong. Seen on 2.1.11 and 2.3.9; before OpenZFS 2.0 there is no `-n`.
 * @param name of a dataset that could be; it is not looked at
 */
export function checkPropertyArgs(
  name: DatasetName,
  type: Dataset['type'],
  property: string,
  value: string,
): string[] {
  const volume = type === 'volume' ? ['-s', '-V', '8M'] : [];
  return ['zfs', 'create', '-n', ...volume, '-o', `${property}=${value}`, name];
}
