import { resumeToken } from '../src/zfs/testing.ts';
import { isOpen } from './crypt.ts';
import { ownBytes, parentOf, type SimDataset, type SimPool, type SimSnapshot } from './state.ts';

export type Value = { readonly value: string; readonly source: string };

/** Those that a dataset does not have from above. */
const notInherited = new Set(['canmount', 'quota', 'refquota', 'reservation', 'refreservation', 'volsize']);

const defaults: Readonly<Record<string, string>> = {
  atime: 'on',
  canmount: 'on',
  compression: 'lz4',
  mountpoint: '-',
  overlay: 'on',
  quota: '0',
  readonly: 'off',
  refquota: '0',
  refreservation: '0',
  reservation: '0',
  volmode: 'default',
};

export function propertyOf(pool: SimPool, dataset: SimDataset, name: string): Value {
  const counted = readOnly(pool, dataset, name);
  if (counted !== undefined) return { value: counted, source: '-' };
  for (let one: SimDataset | undefined = dataset; one; one = pool.datasets.get(parentOf(one.name) ?? '')) {
    const value = one.local.get(name);
    if (value !== undefined)
      return { value, source: one === dataset ? 'local' : `inherited from ${one.name}` };
    if (notInherited.has(name)) break;
  }
  const value = defaults[name];
  return value === undefined ? { value: '-', source: '-' } : { value, source: 'default' };
}

/** Whether it is mounted when it is made, or its machine starts. */
export function mountsByItself(pool: SimPool, dataset: SimDataset): boolean {
  return (
    dataset.type === 'filesystem' &&
    propertyOf(pool, dataset, 'canmount').value === 'on' &&
    propertyOf(pool, dataset, 'mountpoint').value !== 'legacy'
  );
}

/** How many bytes can still be written there, and whether a quota is what ends it. */
export function roomFor(pool: SimPool, name: string): { readonly bytes: number; readonly quota: boolean } {
  let room = { bytes: pool.capacity - pool.used(), quota: false };
  for (let one = pool.datasets.get(name); one; one = pool.datasets.get(parentOf(one.name) ?? '')) {
    const quota = Number(one.local.get('quota') ?? 0);
    if (quota === 0) continue;
    const used = pool.tree(one.name).reduce((sum, each) => sum + ownBytes(each), 0);
    if (quota - used < room.bytes) room = { bytes: quota - used, quota: true };
  }
  return room;
}

const sizes = new Set(['quota', 'refquota', 'reservation', 'refreservation', 'volsize']);

/** As it is kept: `4M` is a number of bytes. */
export function valueToKeep(name: string, value: string): string {
  if (!sizes.has(name)) return value;
  if (value === 'none') return '0';
  const [, number = '', unit = ''] = /^(\d+)([KMGT]?)$/.exec(value) ?? [];
  return String(Number(number) * 1024 ** ' KMGT'.indexOf(unit || ' '));
}

/** Those that say how it is. */
function readOnly(pool: SimPool, dataset: SimDataset, name: string): string | undefined {
  switch (name) {
    case 'name':
      return dataset.name;
    case 'type':
      return dataset.type;
    case 'guid':
      return dataset.guid;
    case 'createtxg':
      return String(dataset.txg);
    case 'creation':
      return String(dataset.creation);
    case 'used':
      return String(pool.tree(dataset.name).reduce((sum, one) => sum + ownBytes(one), 0));
    case 'available':
      return String(Math.max(roomFor(pool, dataset.name).bytes, 0));
    case 'referenced':
      return String(dataset.content.bytes);
    case 'written':
      return String(dataset.written);
    case 'mounted':
      return dataset.type === 'volume' ? '-' : dataset.mounted ? 'yes' : 'no';
    case 'encryption':
      return dataset.crypt ? 'aes-256-gcm' : 'off';
    case 'keystatus':
      return dataset.crypt === undefined ? '-' : isOpen(dataset) ? 'available' : 'unavailable';
    case 'encryptionroot':
      return dataset.crypt?.root.name ?? '-';
    case 'keyguid':
      return dataset.crypt?.keyGuid ?? '-';
    case 'pbkdf2salt':
      return dataset.crypt?.salt ?? '-';
    case 'ivsetguid':
      return '-';
    case 'receive_resume_token':
      return tokenOf(dataset);
    case 'inconsistent':
      return dataset.inconsistent ? '1' : '0';
    case 'origin':
      return originOf(pool, dataset.origin);
    case 'snapshots_changed':
      return changedAt(pool, dataset);
    default:
      return undefined;
  }
}

/** To the second, and no earlier than somebody has asked: two changes in one second are one. */
function changedAt(pool: SimPool, dataset: SimDataset): string {
  const snapshots = dataset.snapshots.map(({ guid, name }) => `${guid} ${name}`).join();
  if (snapshots === '' && dataset.changed === undefined) return '-';
  if (dataset.changed?.snapshots !== snapshots) dataset.changed = { at: pool.now(), snapshots };
  return String(dataset.changed.at);
}

function tokenOf({ partial: left, receiving }: SimDataset): string {
  const partial = left ?? receiving?.asks;
  if (partial === undefined) return '-';
  const { to, from, bytes, raw } = partial;
  return resumeToken({ to: to.guid, toName: to.name, bytes, raw, ...(from === undefined ? {} : { from }) });
}

function originOf(pool: SimPool, origin: SimSnapshot | undefined): string {
  const owner = origin && pool.ownerOf(origin);
  return origin && owner ? `${owner.name}@${origin.name}` : '-';
}

/** A column of a snapshot. */
export function snapshotColumn(pool: SimPool, dataset: SimDataset, one: SimSnapshot, name: string): string {
  switch (name) {
    case 'name':
      return `${dataset.name}@${one.name}`;
    case 'guid':
      return one.guid;
    case 'createtxg':
      return String(one.txg);
    case 'creation':
      return String(one.creation);
    case 'written':
      return String(one.written);
    case 'referenced':
      return String(one.content.bytes);
    case 'userrefs':
      return String(one.holds.size);
    case 'clones':
      return pool
        .clonesOf(one)
        .map((clone) => clone.name)
        .join(',');
    case 'ivsetguid':
      return one.ivSet ?? '-';
    default:
      return '-';
  }
}
