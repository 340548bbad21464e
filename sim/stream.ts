import { isUnreadable, readResumeToken } from '../src/zfs/resume-token.ts';
import { parseArguments, propertiesOf } from './arguments.ts';
import { keyFor, newDataset } from './change.ts';
import { freshIvSet, isOpen } from './crypt.ts';
import { SimError } from './errors.ts';
import { find, type Pools } from './list.ts';
import type { Means } from './means.ts';
import {
  type Content,
  type Partial,
  parentOf,
  poolNameOf,
  type Receiving,
  type SimDataset,
  type SimPool,
  type SimSnapshot,
} from './state.ts';

/** One snapshot on its way. */
export type Part = {
  /** The GUID that it goes from. */
  readonly from: string | undefined;
  readonly to: SimSnapshot;
  readonly toName: string;
  readonly type: SimDataset['type'];
  readonly content: Content;
  /** Bytes of the stream, without those that an earlier one has brought. */
  readonly bytes: number;
  /** Bytes that an earlier one has brought; of a resumed stream. */
  readonly before: number;
  readonly resumes: boolean;
  /** Of what is sent as it is encrypted: its key, the passphrase that wraps it, and the vectors of what it goes from and to. */
  readonly raw: RawPart | undefined;
};

type RawPart = {
  readonly keyGuid: string;
  readonly salt: string;
  readonly from: string | undefined;
  readonly to: string | undefined;
};

/** What is there but for its header even if nothing has changed. */
const emptyStream = 624;

/** What a `zfs send` brings. @throws SimError */
export function send(pools: Pools, words: readonly string[]): readonly Part[] {
  const { flags, values, operands } = parseArguments(words, 'iIt');
  const raw = flags.has('w');
  const token = values.get('t')?.[0];
  if (token !== undefined) return [resumed(pools, token, raw)];
  const [full = ''] = operands;
  const [name = '', short = ''] = full.split('@');
  const dataset = pools.get(poolNameOf(name))?.datasets.get(name);
  const to = dataset?.snapshots.find((one) => one.name === short);
  if (dataset === undefined || to === undefined)
    throw new SimError(`cannot open '${full}': dataset does not exist`);
  needsKey(dataset, full, raw);
  const [one, many] = [values.get('i')?.[0], values.get('I')?.[0]];
  if (one === undefined && many === undefined) return [partOf(dataset, undefined, to, raw)];
  const base = baseOf(dataset, one ?? many ?? '', pools);
  if (base === undefined)
    throw new SimError(`warning: cannot send '${full}': incremental source (${one ?? many}) does not exist`);
  if (base.txg >= to.txg && base.guid !== dataset.origin?.guid)
    throw new SimError(`warning: cannot send '${full}': not an earlier snapshot from the same fs`);
  if (many === undefined) return [partOf(dataset, base, to, raw)];
  const between = dataset.snapshots.filter((each) => each.txg > base.txg && each.txg <= to.txg);
  return between.map((each, i) => partOf(dataset, between[i - 1] ?? base, each, raw));
}

/** @throws SimError where it is to go in plain, and cannot be read */
function needsKey(dataset: SimDataset, full: string, raw: boolean): void {
  if (!raw && !isOpen(dataset))
    throw new SimError(`warning: cannot send '${full}': dataset key must be loaded`);
}

type Base = {
  readonly guid: string;
  readonly txg: number;
  readonly content?: Content;
  readonly ivSet: string | undefined;
};

/** `@snapshot`, `#bookmark`, or the full name of the origin. */
function baseOf(dataset: SimDataset, text: string, pools: Pools): Base | undefined {
  const cut = text.search(/[@#]/);
  const short = text.slice(cut + 1);
  const owner = cut > 0 ? pools.get(poolNameOf(text))?.datasets.get(text.slice(0, cut)) : dataset;
  if (text[cut] === '#') return owner?.bookmarks.find((one) => one.name === short);
  return owner?.snapshots.find((one) => one.name === short);
}

function partOf(dataset: SimDataset, from: Base | undefined, to: SimSnapshot, raw: boolean): Part {
  const { crypt } = dataset;
  const history = dataset.snapshots;
  const written = history
    .filter((one) => from !== undefined && one.txg > from.txg && one.txg <= to.txg)
    .reduce((sum, one) => sum + one.written, 0);
  return {
    from: from?.guid,
    to,
    toName: `${dataset.name}@${to.name}`,
    type: dataset.type,
    content: to.content,
    bytes: emptyStream + (from === undefined ? to.content.bytes : written),
    before: 0,
    resumes: false,
    raw:
      raw && crypt
        ? { keyGuid: crypt.keyGuid, salt: crypt.salt, from: from?.ivSet, to: to.ivSet }
        : undefined,
  };
}

function resumed(pools: Pools, text: string, raw: boolean): Part {
  const token = readResumeToken(text);
  if (isUnreadable(token))
    throw new SimError('cannot resume send: resume token is corrupt (incorrect checksum)', 255);
  for (const pool of pools.values()) {
    for (const dataset of pool.datasets.values()) {
      const to = dataset.snapshots.find(({ guid }) => guid === token.to);
      if (to === undefined) continue;
      const from =
        token.from === undefined
          ? undefined
          : [...dataset.snapshots, ...dataset.bookmarks, ...(dataset.origin ? [dataset.origin] : [])].find(
              ({ guid }) => guid === token.from,
            );
      if (token.from !== undefined && from === undefined)
        throw new SimError(`cannot resume send: incremental source ${token.from} no longer exists`);
      needsKey(dataset, `${dataset.name}@${to.name}`, raw || token.raw);
      const whole = partOf(dataset, from, to, raw || token.raw);
      return { ...whole, before: token.bytes, bytes: Math.max(whole.bytes - token.bytes, 0), resumes: true };
    }
  }
  throw new SimError(`cannot resume send: '${token.toName}' used in the initial send no longer exists`);
}

/** `zfs send -nP`: only a size. @throws SimError */
export function estimate(pools: Pools, words: readonly string[]): string {
  const bytes = send(pools, words).reduce((sum, part) => sum + part.bytes, 0);
  return `size\t${bytes}\n`;
}

export type ReceiveWords = {
  readonly target: string;
  readonly properties: ReadonlyMap<string, string>;
  readonly resumable: boolean;
  readonly replaces: boolean;
};

export function receiveWords(words: readonly string[]): ReceiveWords {
  const parsed = parseArguments(words, 'ox');
  return {
    target: parsed.operands[0] ?? '',
    properties: propertiesOf(parsed),
    resumable: parsed.flags.has('s'),
    replaces: parsed.flags.has('F'),
  };
}

/** A receive that has begun. */
export type Begun = {
  readonly dataset: SimDataset;
  readonly pool: SimPool;
  readonly fresh: boolean;
  /** Where its origin was given. */
  readonly clones: SimSnapshot | undefined;
  /** The snapshot is there already: the stream is read and thrown away. */
  readonly ignored: boolean;
};

/** What ZFS calls it. */
export function kindOf({ resumes, from }: Part): string {
  return resumes ? 'resume' : from === undefined ? 'new filesystem' : 'incremental';
}

function complain(part: Part, text: string): never {
  throw new SimError(`cannot receive ${kindOf(part)} stream: ${text}`);
}

/** Snapshots that are newer do not matter to ZFS, as long as nothing was written. */
function isModifiedSince({ snapshots, written }: SimDataset, base: string | undefined): boolean {
  const newer = snapshots.slice(snapshots.findIndex(({ guid }) => guid === base) + 1);
  return written > 0 || newer.some((one) => one.written > 0);
}

/** Looks whether a stream fits, and makes ready for it. @throws SimError */
export function beginReceive(means: Means, words: ReceiveWords, part: Part, by: Receiving): Begun {
  const { target, properties, replaces } = words;
  const pool = means.pools.get(poolNameOf(target));
  if (pool === undefined) return complain(part, `unable to restore to destination`);
  const there = pool.datasets.get(target);
  if (there?.receiving !== undefined) complain(part, 'dataset is busy');
  const given = properties.get('origin');
  const [owner = '', short = ''] = given?.split('@') ?? [];
  const clones =
    given === undefined ? undefined : pool.datasets.get(owner)?.snapshots.find((one) => one.name === short);
  if (given !== undefined && clones?.guid !== part.from)
    throw new SimError(`cannot receive: local origin for clone ${target}@${part.to.name} does not exist`);
  const begun = (dataset: SimDataset, fresh: boolean): Begun => {
    dataset.receiving = words.resumable ? { ...by, asks: partialOf(part, part.before) } : by;
    pool.txg++;
    return { dataset, pool, fresh, clones, ignored: false };
  };
  if (part.resumes) {
    if (there === undefined) complain(part, `destination '${target}' does not exist`);
    if (there.partial === undefined)
      complain(part, 'kernel modules must be upgraded to receive this stream.');
    const { to, from, bytes, raw } = there.partial;
    if (raw !== (part.raw !== undefined))
      complain(part, 'kernel modules must be upgraded to receive this stream.');
    if (to.guid !== part.to.guid || from !== part.from || bytes !== part.before)
      complain(part, 'kernel modules must be upgraded to receive this stream.');
    if (!there.inconsistent && there.snapshots.at(-1)?.guid !== part.from)
      complain(part, 'kernel modules must be upgraded to receive this stream.');
    return begun(there, there.inconsistent);
  }
  const isFull = part.from === undefined || clones !== undefined;
  if (there === undefined) {
    if (!isFull) complain(part, `destination '${target}' does not exist`);
    const parent = parentOf(target);
    if (parent === undefined || !pool.datasets.has(parent))
      throw new SimError(
        `cannot open '${parent ?? target}': dataset does not exist\ncannot receive new filesystem stream: unable to restore to destination`,
      );
    const local = new Map([...properties].filter(([name]) => name !== 'origin'));
    const volume = part.type === 'volume' ? { type: 'volume' as const } : {};
    if (part.raw === undefined)
      keyFor(pool, target, local, () => complain(part, 'inherited key must be loaded'));
    const made = newDataset(means, pool, target, { ...volume, local, mounts: false });
    made.inconsistent = true;
    made.origin = clones;
    if (part.raw) {
      const { keyGuid, salt } = part.raw;
      made.crypt = { keyGuid, salt, root: made, loaded: false };
      const root = clones && pool.ownerOf(clones)?.crypt?.root;
      if (root) made.crypt.root = root;
    }
    return begun(made, true);
  }
  if (isFull) {
    if (!replaces || there.snapshots.length > 0)
      complain(part, `destination '${target}' exists\nmust specify -F to overwrite it`);
    if (there.partial !== undefined) complain(part, partially(target));
    return begun(there, false);
  }
  // What is there already is read and thrown away, but not where it comes raw.
  if (
    part.raw === undefined &&
    there.snapshots.some(({ name, guid }) => name === part.to.name && guid === part.to.guid)
  )
    return { dataset: there, pool, fresh: false, clones, ignored: true };
  // What libzfs sees by itself comes before what the kernel finds.
  if (part.raw && there.crypt === undefined)
    complain(part, 'cannot perform raw receive on top of existing unencrypted dataset');
  if (part.raw === undefined && !isOpen(there)) complain(part, 'inherited key must be loaded');
  if (there.partial !== undefined) complain(part, partially(target));
  if (replaces) rollBackTo(there, part.from);
  if (there.snapshots.some(({ name }) => name === part.to.name))
    complain(part, `cannot restore to ${target}@${part.to.name}: destination already exists`);
  if (!there.snapshots.some(({ guid }) => guid === part.from))
    complain(part, `most recent snapshot of ${target} does not\nmatch incremental source`);
  if (isModifiedSince(there, part.from))
    complain(part, `destination ${target} has been modified\nsince most recent snapshot`);
  fitsKey(there, part);
  return begun(there, false);
}

function partially(target: string): string {
  return `destination ${target} contains partially-complete state from "zfs receive -s".`;
}

/** What `-F` does where it can: all that is newer is lost. */
function rollBackTo(there: SimDataset, base: string | undefined): void {
  const at = there.snapshots.findIndex(({ guid }) => guid === base);
  const newer = there.snapshots.slice(at + 1);
  if (at === -1 || newer.some(({ holds }) => holds.size > 0)) return;
  there.snapshots = there.snapshots.slice(0, at + 1);
  there.content = there.snapshots.at(-1)?.content ?? there.content;
  there.written = 0;
}

/** What is encrypted goes only onto its own kind, and from what came raw, too. @throws SimError */
function fitsKey(there: SimDataset, part: Part): void {
  const { raw } = part;
  if (raw === undefined) return;
  if (there.crypt?.keyGuid !== raw.keyGuid) complain(part, 'encryption key does not match existing key');
  const newest = there.snapshots.at(-1);
  if (newest?.guid !== part.from)
    complain(part, `destination ${there.name} has been modified\nsince most recent snapshot`);
  if (newest?.ivSet !== raw.from)
    complain(
      part,
      "IV set guid mismatch. See the 'zfs receive' man page section\n discussing the limitations of raw encrypted send streams.",
    );
}

/** The stream has come to its end. @throws SimError where the target has changed meanwhile */
export function endReceive(
  { random }: Means,
  words: ReceiveWords,
  part: Part,
  { dataset, pool, fresh, ignored }: Begun,
): void {
  if (ignored) return;
  dataset.receiving = undefined;
  const isFull = part.from === undefined || fresh;
  if (!isFull && isModifiedSince(dataset, part.from)) {
    dataset.partial = undefined;
    complain(part, `destination ${words.target} has been modified\nsince most recent snapshot`);
  }
  dataset.snapshots.push({
    name: part.to.name,
    guid: part.to.guid,
    txg: ++pool.txg,
    creation: part.to.creation,
    content: part.content,
    written: part.before + part.bytes,
    holds: new Map(),
    ivSet: part.raw ? part.raw.to : freshIvSet(dataset, random),
  });
  if (part.raw && dataset.crypt) dataset.crypt.salt = part.raw.salt;
  dataset.content = part.content;
  dataset.written = 0;
  dataset.inconsistent = false;
  dataset.partial = undefined;
  if (words.replaces)
    for (const [name, value] of words.properties) if (name !== 'origin') dataset.local.set(name, value);
}

/** The stream was cut off after so many bytes: with `-s` they stay, otherwise nothing does. */
export function cutReceive(
  words: ReceiveWords,
  part: Part,
  { dataset, pool, ignored }: Begun,
  bytes: number,
): void {
  if (ignored) return;
  dataset.receiving = undefined;
  pool.txg++;
  if (words.resumable && bytes > 0) {
    dataset.partial = partialOf(part, part.before + bytes);
  } else if (dataset.partial === undefined && dataset.inconsistent) {
    pool.datasets.delete(dataset.name);
  }
}

function partialOf({ to, toName, from, raw }: Part, bytes: number): Partial {
  return { to: { guid: to.guid, name: toName }, from, bytes, raw: raw !== undefined };
}

/** `zfs receive -A`. @throws SimError */
export function abortReceive(pools: Pools, target: string): void {
  const { pool, dataset } = find(pools, target);
  if (dataset.receiving) throw new SimError(`cannot destroy '${target}/%recv': dataset is busy`);
  if (dataset.partial === undefined)
    throw new SimError(`'${target}' does not have any resumable receive state to abort`);
  dataset.partial = undefined;
  if (dataset.inconsistent) pool.datasets.delete(target);
  pool.txg++;
}
