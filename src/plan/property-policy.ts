import { isUserProperty, nativeProperty } from '../zfs/native-properties.ts';

/** What may become of a property that is set on the source. */
export type Fate =
  /** Given to whoever asks for `own`, or for a pattern that fits. */
  | { readonly kind: 'free' }
  /** Only where its name is written out. */
  | { readonly kind: 'by-name' }
  | { readonly kind: 'never'; readonly why: string }
  /** A native property that is not in our table: nobody can say what it would do to a copy. */
  | { readonly kind: 'unknown' };

/** What a copy cannot be without, or cannot be given. */
const never: Readonly<Record<string, string>> = {
  readonly: 'a copy that can be written to cannot go on',
  canmount: 'a copy is never mounted by itself; --mount mounts it',
  ...each(
    'encryption keyformat keylocation pbkdf2iters',
    'encrypted datasets arrive as they are, with their own key, and what is below an encrypted dataset is encrypted by it',
  ),
  ...each(
    'casesensitivity normalization utf8only version volblocksize volsize',
    'it comes with the data, and a copy cannot have another',
  ),
  // "cannot receive longname property on dst/f: dataset is busy" (2.3.9)
  longname: 'long names come with the data, and a receive cannot set it',
  // Listed as set by somebody where there is a limit.
  ...each('filesystem_count snapshot_count', 'ZFS counts it by itself'),
};

/** Native properties that were chosen for one machine, pool or place in it, and could do harm in another. */
const byName = new Set([
  // Would lie over, or show, the same folder of another machine.
  'mountpoint',
  'overlay',
  'sharenfs',
  'sharesmb',
  // A copy also holds snapshots that the source has let go of, and those of its own host: what is enough there stops a receive here.
  ...'quota refquota filesystem_limit snapshot_limit'.split(' '),
  ...'defaultuserquota defaultgroupquota defaultprojectquota'.split(' '),
  ...'defaultuserobjquota defaultgroupobjquota defaultprojectobjquota'.split(' '),
  // Room is promised by whoever has it. Volumes: --volumes thick.
  'reservation',
  'refreservation',
  // `disabled` stands for the disks and the power supply of one machine; a receive does not go by it.
  'sync',
  // Memory and special disks that this pool has, and another may not.
  'dedup',
  'special_small_blocks',
  // Devices and folders of snapshots: a host looks into what it sees, and mounts and assembles what it finds there.
  ...'snapdir snapdev volmode volthreading'.split(' '),
  // Belongs to a container, or to the security labels, of one machine.
  ...'zoned jailed mlslabel context fscontext defcontext rootcontext'.split(' '),
]);

/** User properties by which other programs know what to snapshot, destroy, replicate, mount or boot: on a copy they would begin to. */
const toolTags = [
  'com.sun:auto-snapshot', // zfs-auto-snapshot, zfstools; also com.sun:auto-snapshot:daily and its like
  'org.znapzend:',
  'autobackup:', // zfs-autobackup
  'zrepl:',
  'zettarepl:',
  'syncoid:',
  'sanoid:',
  'abgleich:',
  'org.complete.simplesnap:',
  'org.freenas:',
  'org.truenas:',
  'zrep:', // also who is master
  'zpair:', // the same of our pairs
  'zettabee:',
  'bzman:',
  'org.openzfs.systemd:', // makes mount units
  'org.zfsbootmenu:',
  'com.ubuntu.zsys:',
  'org.opensolaris.libbe:',
];

export function fateOf(name: string): Fate {
  const why = Object.hasOwn(never, name) ? never[name] : undefined;
  if (why !== undefined) return { kind: 'never', why };
  if (name.startsWith('zferry:')) return { kind: 'never', why: 'zferry keeps there what it knows of a copy' };
  if (byName.has(name) || toolTags.some((tag) => isTag(name, tag))) return { kind: 'by-name' };
  return isUserProperty(name) || nativeProperty(name) ? { kind: 'free' } : { kind: 'unknown' };
}

function isTag(name: string, tag: string): boolean {
  return tag.endsWith(':') ? name.startsWith(tag) : name === tag || name.startsWith(`${tag}:`);
}

function each(names: string, why: string): Record<string, string> {
  return Object.fromEntries(names.split(' ').map((name) => [name, why]));
}
