import { ownProperties } from './dataset.ts';
import type { DatasetName } from './dataset-name.ts';

/** Notes on datasets since when their source is gone. One transaction group each. @param since `20261120T030405Z` */
export function markVanishedArgs(datasets: readonly DatasetName[], since: string): string[] {
  return ['zfs', 'set', `${ownProperties.vanished}=${since}`, ...datasets];
}

/** Takes that away again. */
export function unmarkVanishedArgs(datasets: readonly DatasetName[]): string[] {
  return ['zfs', 'inherit', ownProperties.vanished, ...datasets];
}

/** Snapshots of a whole tree, with what keeps each from being destroyed: how many holds it has, and its clones. */
export function listKeptArgs(root: DatasetName): string[] {
  return ['zfs', 'list', '-Hp', '-r', '-t', 'snapshot', '-o', 'name,userrefs,clones', root];
}

export type KeptSnapshot = {
  /** Full name. */
  readonly name: string;
  readonly held: boolean;
  readonly clones: readonly string[];
};

/** From `listKeptArgs`. */
export function parseKept(text: string): KeptSnapshot[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [name = '', holds = '', clones = ''] = line.split('\t');
      return {
        name,
        held: holds !== '0',
        clones: clones === '' || clones === '-' ? [] : clones.split(','),
      };
    });
}

/** A dataset with all that is below it. ZFS refuses it where anything in it is held, busy, or has a clone elsewhere. */
export function destroyTreeArgs(dataset: DatasetName): string[] {
  return ['zfs', 'destroy', '-r', dataset];
}
