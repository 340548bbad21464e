import { parseArguments, propertiesOf } from './arguments.ts';
import { freshIvSet, isOpen, makeRoot, mayMove, openBy, promoteRoot } from './crypt.ts';
import { destroy, mayGo } from './destroy.ts';
import { changeKey, loadKey, unloadKey } from './keys.ts';
import { find, type Pools } from './list.ts';
import { type Change, fail, type Means } from './means.ts';
import { mountsByItself, valueToKeep } from './properties.ts';
import { nothing, parentOf, poolNameOf, type SimDataset, type SimPool, type SimSnapshot } from './state.ts';

export function newDataset(
  { random, now }: Means,
  pool: SimPool,
  name: string,
  more: {
    readonly type?: 'volume';
    readonly local?: ReadonlyMap<string, string>;
    readonly mounts?: false;
  } = {},
): SimDataset {
  const dataset: SimDataset = {
    name,
    type: more.type ?? 'filesystem',
    guid: random.guid(),
    txg: ++pool.txg,
    creation: now(),
    local: new Map(more.local),
    snapshots: [],
    bookmarks: [],
    origin: undefined,
    content: nothing,
    written: 0,
    mounted: false,
    inconsistent: false,
    partial: undefined,
    receiving: undefined,
    crypt: undefined,
  };
  const asked = dataset.local.get('encryption');
  for (const one of ['encryption', 'keyformat']) dataset.local.delete(one);
  const root = pool.datasets.get(parentOf(name) ?? '')?.crypt?.root;
  if (dataset.local.has('keylocation')) makeRoot(dataset, random);
  else if (root && asked !== 'off') openBy(dataset, root, random.guid());
  pool.datasets.set(name, dataset);
  dataset.mounted = more.mounts !== false && mountsByItself(pool, dataset);
  return dataset;
}

/** That what is made there can be written. @throws SimError */
export function keyFor(
  pool: SimPool,
  name: string,
  local: ReadonlyMap<string, string>,
  refuse: () => never,
): void {
  if (local.has('keylocation') || local.get('encryption') === 'off') return;
  const parent = pool.datasets.get(parentOf(name) ?? '');
  if (parent && !isOpen(parent)) refuse();
}

/** That a name can be given to a new dataset. @throws SimError */
function freePlace(pools: Pools, doing: string, name: string, from?: string): SimPool {
  const pool = pools.get(poolNameOf(name));
  if (pool === undefined) return fail(`${doing} '${name}': no such pool '${poolNameOf(name)}'`);
  if (pool.datasets.has(name))
    fail(`${from ? `cannot rename '${from}'` : `${doing} '${name}'`}: dataset already exists`);
  if (!pool.datasets.has(parentOf(name) ?? '')) fail(`${doing} '${name}': parent does not exist`);
  return pool;
}

const create: Change = (means, words) => {
  const parsed = parseArguments(words, 'oVb');
  const [name = ''] = parsed.operands;
  if (parsed.flags.has('p')) makeParents(means, name);
  const pool = freePlace(means.pools, 'cannot create', name);
  if (parsed.flags.has('n')) return;
  const volume = parsed.values.has('V') ? { type: 'volume' as const } : {};
  const local = propertiesOf(parsed);
  keyFor(pool, name, local, () =>
    fail(`cannot create '${name}': encryption root's key is not loaded or provided`),
  );
  newDataset(means, pool, name, { ...volume, local });
};

function makeParents(means: Means, name: string): void {
  const pool = means.pools.get(poolNameOf(name));
  const parent = parentOf(name);
  if (pool === undefined || parent === undefined || pool.datasets.has(parent)) return;
  makeParents(means, parent);
  newDataset(means, pool, parent);
}

const snapshot: Change = (means, words) => {
  const parsed = parseArguments(words, 'o');
  const names = parsed.operands.flatMap((full) => {
    const [name = '', short = ''] = full.split('@');
    const { pool } = find(means.pools, name);
    return parsed.flags.has('r') ? pool.tree(name).map((one) => `${one.name}@${short}`) : [full];
  });
  const wanted = names.map((full) => {
    const [name = '', short = ''] = full.split('@');
    const { pool, dataset } = find(means.pools, name);
    if (dataset.snapshots.some((one) => one.name === short))
      fail(`cannot create snapshot '${full}': dataset already exists\nno snapshots were created`);
    if (dataset.inconsistent)
      fail(`cannot create snapshot '${full}': dataset is busy\nno snapshots were created`);
    return { pool, dataset, short };
  });
  for (const pool of new Set(wanted.map((one) => one.pool))) pool.txg++;
  for (const { pool, dataset, short } of wanted) addSnapshot(means, pool, dataset, short);
};

function addSnapshot({ random, now }: Means, pool: SimPool, dataset: SimDataset, name: string): void {
  dataset.snapshots.push({
    name,
    guid: random.guid(),
    txg: pool.txg,
    creation: now(),
    content: dataset.content,
    written: dataset.written,
    holds: new Map(),
    ivSet: freshIvSet(dataset, random),
  });
  dataset.written = 0;
}

const rename: Change = (means, words) => {
  const [from = '', to = ''] = parseArguments(words, '').operands;
  if (from.includes('@')) return renameSnapshot(means, from, to);
  const { pool, dataset } = find(means.pools, from);
  if (from === to) return;
  if (to.startsWith(`${from}/`))
    fail(`cannot rename '${from}': New dataset name cannot be a descendant of current dataset name`);
  freePlace(means.pools, 'cannot rename to', to, from);
  const tree = pool.tree(from);
  const busy = tree.find((one) => one.receiving !== undefined);
  if (busy) fail(`cannot rename '${from}': dataset is busy`);
  if (parentOf(from) !== parentOf(to)) mayMove(dataset, pool.datasets.get(parentOf(to) ?? ''));
  for (const one of tree) {
    pool.datasets.delete(one.name);
    one.name = `${to}${one.name.slice(from.length)}`;
    pool.datasets.set(one.name, one);
  }
  pool.txg++;
};

function renameSnapshot({ pools }: Means, from: string, to: string): void {
  const [name = '', short = ''] = from.split('@');
  const { pool, dataset } = find(pools, name);
  const one = dataset.snapshots.find((each) => each.name === short);
  const wanted = to.slice(to.indexOf('@') + 1);
  if (one === undefined) return fail(`cannot open '${from}': dataset does not exist`);
  if (wanted === short) return;
  if (dataset.snapshots.some((each) => each.name === wanted))
    fail(`cannot rename '${from}': dataset already exists`);
  one.name = wanted;
  pool.txg++;
}

const rollback: Change = ({ pools }, words) => {
  const { flags, operands } = parseArguments(words, '');
  const [full = ''] = operands;
  const [name = '', short = ''] = full.split('@');
  const { pool, dataset } = find(pools, name);
  const one = dataset.snapshots.find((each) => each.name === short);
  if (one === undefined) return fail(`cannot open '${full}': dataset does not exist`);
  const newer = dataset.snapshots.filter((each) => each.txg > one.txg);
  const marks = dataset.bookmarks.filter((each) => each.txg > one.txg);
  if (newer.length + marks.length > 0 && !flags.has('r')) {
    const names = [
      ...newer.map((each) => `${name}@${each.name}`),
      ...marks.map((each) => `${name}#${each.name}`),
    ];
    fail(
      `cannot rollback to '${full}': more recent snapshots or bookmarks exist\nuse '-r' to force deletion of the following snapshots and bookmarks:\n${names.join('\n')}`,
    );
  }
  for (const each of newer) mayGo(pool, dataset, each, []);
  dataset.snapshots = dataset.snapshots.filter((each) => !newer.includes(each));
  dataset.bookmarks = dataset.bookmarks.filter((each) => !marks.includes(each));
  dataset.content = one.content;
  dataset.written = 0;
  pool.txg += 2;
};

const clone: Change = (means, words) => {
  const parsed = parseArguments(words, 'o');
  const [full = '', name = ''] = parsed.operands;
  const [from = '', short = ''] = full.split('@');
  const { dataset } = find(means.pools, from);
  const origin = dataset.snapshots.find((one) => one.name === short);
  if (origin === undefined) return fail(`cannot open '${full}': dataset does not exist`);
  const pool = freePlace(means.pools, 'cannot create', name);
  const volume = dataset.type === 'volume' ? { type: 'volume' as const } : {};
  const made = newDataset(means, pool, name, { ...volume, local: propertiesOf(parsed) });
  made.origin = origin;
  made.content = origin.content;
  made.crypt = undefined;
  if (dataset.crypt) openBy(made, dataset.crypt.root, dataset.crypt.keyGuid);
  if (!isOpen(made) && made.mounted) {
    made.mounted = false;
    fail(`cannot mount '${name}': encryption key not loaded`);
  }
};

const promote: Change = ({ pools }, words) => {
  const [name = ''] = words;
  const { pool, dataset } = find(pools, name);
  const { origin } = dataset;
  const owner = origin && pool.ownerOf(origin);
  if (origin === undefined || owner === undefined)
    return fail(`cannot promote '${name}': not a cloned filesystem`);
  const moving = owner.snapshots.filter((one) => one.txg <= origin.txg);
  const clash = moving.find((one) => dataset.snapshots.some((each) => each.name === one.name));
  if (clash)
    fail(`cannot promote '${name}': conflicting snapshot '${clash.name}' from parent '${owner.name}'`);
  const marks = owner.bookmarks.filter((one) => one.txg <= origin.txg);
  owner.snapshots = owner.snapshots.filter((one) => !moving.includes(one));
  owner.bookmarks = owner.bookmarks.filter((one) => !marks.includes(one));
  dataset.snapshots = [...moving, ...dataset.snapshots];
  dataset.bookmarks = [...marks, ...dataset.bookmarks];
  dataset.origin = owner.origin;
  owner.origin = origin;
  promoteRoot(dataset, owner, pool.datasets.values());
  pool.txg += 2;
};

const bookmark: Change = ({ pools }, words) => {
  const [full = '', mark = ''] = words;
  const [name = '', short = ''] = full.split('@');
  const { pool, dataset } = find(pools, name);
  const one = dataset.snapshots.find((each) => each.name === short);
  if (one === undefined) return fail(`cannot open '${full}': dataset does not exist`);
  const wanted = mark.slice(mark.indexOf('#') + 1);
  if (dataset.bookmarks.some((each) => each.name === wanted))
    fail(`cannot create bookmark '${mark}': bookmark exists`);
  dataset.bookmarks.push({
    name: wanted,
    guid: one.guid,
    txg: one.txg,
    creation: one.creation,
    ivSet: one.ivSet,
  });
  pool.txg++;
};

/** Each by itself: where one cannot be, the others are. */
function eachSnapshot(
  pools: Pools,
  names: readonly string[],
  doing: string,
  change: (one: SimSnapshot, full: string) => string | undefined,
): void {
  const faults = names.flatMap((full) => {
    const [name = '', short = ''] = full.split('@');
    const pool = pools.get(poolNameOf(name));
    const one = pool?.datasets.get(name)?.snapshots.find((each) => each.name === short);
    if (pool === undefined || one === undefined)
      return [`cannot ${doing} snapshot '${full}': dataset does not exist`];
    const fault = change(one, full);
    if (fault === undefined) pool.txg++;
    return fault === undefined ? [] : [fault];
  });
  if (faults.length > 0) fail(faults.join('\n'));
}

type Named = { readonly snapshot: SimSnapshot; readonly full: string };

/** All of that name in a tree. */
function namedInTree(
  pools: Pools,
  full: string,
): { readonly pool: SimPool; readonly found: readonly Named[] } {
  const [name = '', short = ''] = full.split('@');
  const { pool } = find(pools, name);
  const found = pool.tree(name).flatMap((one) => {
    const snapshot = one.snapshots.find((each) => each.name === short);
    return snapshot ? [{ snapshot, full: `${one.name}@${short}` }] : [];
  });
  return { pool, found };
}

/** In one transaction group: all or none. */
function holdTree({ pools, now }: Means, tag: string, full: string): void {
  const { pool, found } = namedInTree(pools, full);
  if (found.length === 0) fail(`cannot hold snapshot '${full}': dataset does not exist`);
  const held = found.filter(({ snapshot }) => snapshot.holds.has(tag));
  if (held.length > 0)
    fail(
      held.map((one) => `cannot hold snapshot '${one.full}': tag already exists on this dataset`).join('\n'),
    );
  for (const { snapshot } of found) snapshot.holds.set(tag, now());
  pool.txg++;
}

/** Of those that have the tag; the others do not matter as long as there is one. */
function releaseTree({ pools }: Means, tag: string, full: string): void {
  const { pool, found } = namedInTree(pools, full);
  const held = found.filter(({ snapshot }) => snapshot.holds.delete(tag));
  if (held.length === 0) {
    const why = found.length === 0 ? 'dataset does not exist' : 'no such tag on this dataset';
    fail(`cannot release hold from snapshot '${full}': ${why}`);
  }
  pool.txg++;
}

const hold: Change = (means, words) => {
  const { pools, now } = means;
  const { flags, operands } = parseArguments(words, '');
  const [tag = '', ...names] = operands;
  if (flags.has('r')) {
    for (const full of names) holdTree(means, tag, full);
    return;
  }
  eachSnapshot(pools, names, 'hold', (one, full) => {
    if (one.holds.has(tag)) return `cannot hold snapshot '${full}': tag already exists on this dataset`;
    one.holds.set(tag, now());
    return undefined;
  });
};

const release: Change = (means, words) => {
  const { pools } = means;
  const { flags, operands } = parseArguments(words, '');
  const [tag = '', ...names] = operands;
  if (flags.has('r')) {
    for (const full of names) releaseTree(means, tag, full);
    return;
  }
  eachSnapshot(pools, names, 'release hold from', (one, full) =>
    one.holds.delete(tag)
      ? undefined
      : `cannot release hold from snapshot '${full}': no such tag on this dataset`,
  );
};

const set: Change = ({ pools }, words) => {
  const pairs = words.filter((word) => word.includes('='));
  for (const name of words.filter((word) => !word.includes('='))) {
    const { pool, dataset } = find(pools, name);
    for (const pair of pairs) {
      const cut = pair.indexOf('=');
      const name = pair.slice(0, cut);
      dataset.local.set(name, valueToKeep(name, pair.slice(cut + 1)));
    }
    pool.txg++;
  }
};

const inherit: Change = ({ pools }, words) => {
  const { flags, operands } = parseArguments(words, '');
  const [property = '', ...names] = operands;
  if (property === 'canmount') fail("'canmount' property cannot be inherited", 2);
  for (const name of names) {
    const { pool, dataset } = find(pools, name);
    for (const one of flags.has('r') ? pool.tree(name) : [dataset]) one.local.delete(property);
    pool.txg++;
  }
};

const mount: Change = ({ pools }, words) => {
  const { dataset } = find(pools, words.at(-1) ?? '');
  if (dataset.mounted) fail(`cannot mount '${dataset.name}': filesystem already mounted`);
  if (!isOpen(dataset)) fail(`cannot mount '${dataset.name}': encryption key not loaded`);
  dataset.mounted = true;
};

const unmount: Change = ({ pools }, words) => {
  const { dataset } = find(pools, words.at(-1) ?? '');
  if (!dataset.mounted) fail(`cannot unmount '${dataset.name}': not currently mounted`);
  dataset.mounted = false;
};

/** What changes a pool, by its `zfs` subcommand. */
export const changes: Readonly<Record<string, Change>> = {
  bookmark,
  'change-key': changeKey,
  clone,
  create,
  destroy,
  hold,
  inherit,
  'load-key': loadKey,
  mount,
  promote,
  release,
  rename,
  rollback,
  set,
  snapshot,
  'unload-key': unloadKey,
  unmount,
};
