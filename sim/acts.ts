import { isOpen } from './crypt.ts';
import type { SimHost } from './host.ts';
import type { Random } from './random.ts';
import { type Partial, parentOf, poolNameOf, type SimDataset } from './state.ts';

/** What somebody does to a host, chosen by numbers so that it can be done again. */
export type Act = {
  readonly side: 'source' | 'target';
  readonly verb: keyof typeof acts;
  /** Two numbers that choose what it is done to. */
  readonly which: readonly [number, number];
};

export type Ground = { readonly host: SimHost; readonly root: string };

type Doing = (ground: Ground, dataset: SimDataset, pick: number) => readonly (readonly string[])[];

const snapshotOf = ({ name, snapshots }: SimDataset, pick: number): string | undefined => {
  const one = snapshots[pick % Math.max(snapshots.length, 1)];
  return one && `${name}@${one.name}`;
};

/** What makes an encryption root. */
export const ownKey = [
  '-o',
  'encryption=on',
  '-o',
  'keyformat=passphrase',
  '-o',
  'keylocation=file:///root/key',
];

/** What somebody else receives is named so, with such GUIDs. */
const theirs = 'theirs/data';
const theirGuids = '77777777777';

export function isTheirToken(partial: Partial | undefined): boolean {
  return partial?.to.name.startsWith(`${theirs}@`) === true;
}

/** The commands of each, or nothing where it cannot be done. */
export const acts = {
  write: (_, dataset, pick) => {
    const bytes = 1 + (pick % 5) * 700_000;
    // Nobody can mount what only holds others.
    if (dataset.inconsistent || !isOpen(dataset) || dataset.local.has('zferry:placeholder')) return [];
    dataset.content = {
      files: new Map([...dataset.content.files, [`file${pick % 3}`, String(pick)]]),
      bytes: dataset.content.bytes + bytes,
    };
    dataset.written += bytes;
    return [];
  },
  snapshot: (_, { name }, pick) => [['zfs', 'snapshot', `${name}@hand${pick % 4}`]],
  'destroy-snapshot': (_, dataset, pick) => {
    const full = snapshotOf(dataset, pick);
    return full === undefined ? [] : [['zfs', 'destroy', full]];
  },
  /** As a tool does that keeps the newest few, whosever they are. */
  prune: (_, { name, snapshots }) => {
    const old = snapshots.slice(0, -2).map((one) => one.name);
    return old.map((one) => ['zfs', 'destroy', `${name}@${one}`]);
  },
  'destroy-bookmarks': (_, { name, bookmarks }) =>
    bookmarks.map((one) => ['zfs', 'destroy', `${name}#${one.name}`]),
  hold: (_, dataset, pick) => {
    const full = snapshotOf(dataset, pick);
    return full === undefined ? [] : [['zfs', 'hold', 'theirs', full]];
  },
  bookmark: (_, dataset, pick) => {
    const full = snapshotOf(dataset, pick);
    return full === undefined ? [] : [['zfs', 'bookmark', full, `${dataset.name}#theirs${pick % 3}`]];
  },
  'rename-snapshot': (_, dataset, pick) => {
    const full = snapshotOf(dataset, pick);
    return full === undefined ? [] : [['zfs', 'rename', full, `${dataset.name}@renamed${pick % 3}`]];
  },
  rollback: (_, dataset, pick) => {
    const full = snapshotOf(dataset, pick);
    return full === undefined ? [] : [['zfs', 'rollback', '-r', full]];
  },
  create: (_, { name }, pick) => [['zfs', 'create', `${name}/new${pick % 3}`]],
  'create-encrypted': (_, { name }, pick) => [['zfs', 'create', ...ownKey, `${name}/new${pick % 3}`]],
  'change-key': (_, { crypt }) =>
    crypt ? [['zfs', 'change-key', ...ownKey.slice(-2), crypt.root.name]] : [],
  'load-key': (_, { crypt }) =>
    crypt ? [['zfs', 'load-key', '-L', 'file:///root/key', crypt.root.name]] : [],
  'unload-key': (_, { crypt }) => (crypt ? [['zfs', 'unload-key', crypt.root.name]] : []),
  rename: ({ root }, { name }, pick) =>
    name === root ? [] : [['zfs', 'rename', name, `${parentOf(name) ?? root}/moved${pick % 3}`]],
  destroy: ({ root }, { name }) => (name === root ? [] : [['zfs', 'destroy', '-r', name]]),
  clone: ({ root }, dataset, pick) => {
    const full = snapshotOf(dataset, pick);
    return full === undefined ? [] : [['zfs', 'clone', full, `${root}/clone${pick % 3}`]];
  },
  /** Somebody else's receive into it was cut off. */
  'foreign-receive': (_, dataset, pick) => {
    const { partial, receiving, inconsistent, snapshots } = dataset;
    if (partial !== undefined || receiving !== undefined || inconsistent) return [];
    const to = { guid: `${theirGuids}${String(pick).padStart(6, '0')}`, name: `${theirs}@s${pick % 3}` };
    dataset.partial = { to, from: snapshots.at(-1)?.guid, bytes: 100_000, raw: false };
    return [];
  },
  promote: (_, { name, origin }) => (origin === undefined ? [] : [['zfs', 'promote', name]]),
} satisfies Record<string, Doing>;

const onSource: readonly (readonly [Act['verb'], number])[] = [
  ['write', 12],
  ['snapshot', 5],
  ['destroy-snapshot', 3],
  ['prune', 1],
  ['destroy-bookmarks', 1],
  ['hold', 1],
  ['bookmark', 1],
  ['rename-snapshot', 1],
  ['rollback', 1],
  ['create', 2],
  ['create-encrypted', 1],
  ['change-key', 1],
  ['load-key', 1],
  ['unload-key', 1],
  ['rename', 2],
  ['destroy', 1],
  ['clone', 1],
  ['promote', 1],
];

const onTarget: readonly (readonly [Act['verb'], number])[] = [
  ['write', 2],
  ['snapshot', 2],
  ['destroy-snapshot', 1],
  ['prune', 1],
  ['rollback', 1],
  ['create', 1],
  ['clone', 1],
  ['destroy', 1],
  ['hold', 1],
  ['bookmark', 1],
  ['rename-snapshot', 1],
  ['rename', 1],
  ['load-key', 1],
];

/** Mostly on the source, as in life. */
export function anyAct(random: Random): Act {
  const side = random.chance(0.85) ? 'source' : 'target';
  const table = side === 'source' ? onSource : onTarget;
  const sum = table.reduce((all, [, weight]) => all + weight, 0);
  let left = random.below(sum);
  const found = table.find(([, weight]) => (left -= weight) < 0);
  return { side, verb: found?.[0] ?? 'write', which: [random.below(1000), random.below(1000)] };
}

/** Does it, as far as it can be done. @returns what was done */
export function carryOutAct(ground: Ground, { verb, which: [who, pick] }: Act): string {
  const pool = ground.host.pools.get(poolNameOf(ground.root));
  const tree = pool?.tree(ground.root) ?? [];
  const dataset = tree[who % Math.max(tree.length, 1)];
  if (dataset === undefined) return '';
  const { name } = dataset;
  const doing: Doing = acts[verb];
  const lines = doing(ground, dataset, pick);
  const results = lines.map((argv) => ground.host.run(argv));
  const said = results.map(({ argv, status }) => `${argv.join(' ')}${status === 0 ? '' : ' (refused)'}`);
  if (lines.length > 0) return said.join('; ');
  if (verb === 'foreign-receive') return `receives something into ${name}, which is cut off`;
  return verb === 'write' ? `writes into ${name}` : '';
}

const inTheMiddle: readonly Act['verb'][] = [
  'write',
  'write',
  'snapshot',
  'snapshot',
  'rollback',
  'destroy-snapshot',
  'create',
  'destroy',
  'rename',
  'foreign-receive',
];

/** What somebody does on the target while a run sends. */
export function actMeanwhile(random: Random): Act {
  return { side: 'target', verb: random.pick(inTheMiddle), which: [random.below(1000), random.below(1000)] };
}
