import { parseArguments } from './arguments.ts';
import { find } from './list.ts';
import { type Change, fail, type Means } from './means.ts';
import type { SimDataset, SimPool, SimSnapshot } from './state.ts';

/** Of datasets, snapshots and bookmarks. */
export const destroy: Change = (means, words) => {
  const { flags, operands } = parseArguments(words, '');
  const [name = ''] = operands;
  if (name.includes('#')) return destroyBookmark(means, name);
  if (name.includes('@')) return destroySnapshots(means, name);
  const { pool, dataset } = find(means.pools, name);
  const tree = pool.tree(name);
  const busy = tree.find((one) => one.receiving !== undefined);
  if (busy) fail(`cannot destroy '${busy.name}': dataset is busy`);
  const below = [
    ...tree.slice(1).map((one) => one.name),
    ...dataset.snapshots.map((one) => `${name}@${one.name}`),
  ];
  if (!flags.has('r') && below.length > 0)
    fail(
      `cannot destroy '${name}': filesystem has children\nuse '-r' to destroy the following datasets:\n${below.join('\n')}`,
    );
  const clones = tree.flatMap((one) => one.snapshots.flatMap((each) => pool.clonesOf(each)));
  const outside = clones.filter((one) => !tree.includes(one));
  if (outside.length > 0)
    fail(
      `cannot destroy '${name}': filesystem has dependent clones\nuse '-R' to destroy the following datasets:\n${outside.map((one) => one.name).join('\n')}`,
    );
  for (const one of tree) for (const each of one.snapshots) mayGo(pool, one, each, tree);
  for (const one of tree) pool.datasets.delete(one.name);
  pool.txg++;
};

/** @throws SimError where it is held, or has a clone elsewhere than in what goes with it */
export function mayGo(
  pool: SimPool,
  dataset: SimDataset,
  one: SimSnapshot,
  going: readonly SimDataset[],
): void {
  const full = `${dataset.name}@${one.name}`;
  if (
    dataset.partial?.from === one.guid ||
    (dataset.receiving !== undefined && dataset.snapshots.at(-1) === one)
  )
    fail(
      `cannot destroy '${full}': snapshot has dependent clones\nuse '-R' to destroy the following datasets:\n${dataset.name}/%recv`,
    );
  const clone = pool.clonesOf(one).find((each) => !going.includes(each));
  if (clone)
    fail(
      `cannot destroy '${full}': snapshot has dependent clones\nuse '-R' to destroy the following datasets:\n${clone.name}`,
    );
  if (one.holds.size > 0)
    fail(`cannot destroy snapshot ${full}: it's being held. Run 'zfs holds -r ${full}' to see holders.`);
}

function destroySnapshots({ pools }: Means, full: string): void {
  const [name = '', list = ''] = full.split('@');
  const { pool, dataset } = find(pools, name);
  const going = dataset.snapshots.filter((one) => list.split(',').includes(one.name));
  if (going.length === 0) fail('could not find any snapshots to destroy; check snapshot names.');
  for (const one of going) mayGo(pool, dataset, one, []);
  dataset.snapshots = dataset.snapshots.filter((one) => !going.includes(one));
  pool.txg++;
}

function destroyBookmark({ pools }: Means, full: string): void {
  const [name = '', short = ''] = full.split('#');
  const { pool, dataset } = find(pools, name);
  if (!dataset.bookmarks.some((one) => one.name === short)) fail(`bookmark '${full}' does not exist.`);
  dataset.bookmarks = dataset.bookmarks.filter((one) => one.name !== short);
  pool.txg++;
}
