import type { DatasetName } from './dataset-name.ts';

export function listPoolsArgs(): string[] {
  return ['zpool', 'list', '-H', '-o', 'name'];
}

/** Bookmarks of a whole tree, with when they were made (seconds since 1970). */
export function listBookmarksArgs(root: DatasetName): string[] {
  return ['zfs', 'list', '-Hp', '-r', '-t', 'bookmark', '-o', 'name,createtxg,creation', root];
}

/** Snapshots of a whole tree, with how many holds each has, in the order they were made, and when (seconds since 1970). */
export function listHeldArgs(root: DatasetName): string[] {
  return ['zfs', 'list', '-Hp', '-r', '-t', 'snapshot', '-o', 'name,createtxg,creation,userrefs', root];
}

/** The room that datasets take, with all that is below them (bytes). */
export function usedArgs(datasets: readonly DatasetName[]): string[] {
  return ['zfs', 'list', '-Hp', '-o', 'name,used', ...datasets];
}
