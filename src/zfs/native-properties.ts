import type { Dataset } from './dataset.ts';

export type NativeProperty = {
  /** What can have it; `both` also where only some releases let both. */
  readonly types: Dataset['type'] | 'both';
  /** Datasets below have it, too, unless they have their own. */
  readonly inherits: boolean;
};

const filesystem = { types: 'filesystem', inherits: true } as const;
const both = { types: 'both', inherits: true } as const;

/**
 * The properties of ZFS itself that `zfs receive -o` can set, of OpenZFS up to 2.4, FreeBSD (`jailed`) and illumos. Not among them: what ZFS counts or
 * knows by itself, and what is in the data and cannot be changed (`volsize`, `casesensitivity` and their like), for which a receive says
 * "invalid property".
 * @see https://github.com/openzfs/zfs/blob/zfs-2.4.0/module/zcommon/zfs_prop.c
 */
const settable: Readonly<Record<string, NativeProperty>> = {
  ...rows(
    filesystem,
    'aclinherit aclmode acltype atime devices direct dnodesize exec jailed mountpoint nbmand overlay recordsize relatime setuid sharenfs sharesmb snapdir vscan xattr zoned',
  ),
  ...rows(
    both,
    'checksum compression copies dedup encryption logbias mlslabel prefetch primarycache readonly redundant_metadata secondarycache snapdev special_small_blocks sync volmode',
  ),
  ...rows(
    { types: 'filesystem', inherits: false },
    'canmount defaultgroupobjquota defaultgroupquota defaultprojectobjquota defaultprojectquota defaultuserobjquota defaultuserquota filesystem_limit quota refquota',
  ),
  ...rows(
    { types: 'both', inherits: false },
    'context defcontext fscontext keyformat keylocation pbkdf2iters refreservation reservation rootcontext snapshot_limit',
  ),
  ...rows({ types: 'volume', inherits: false }, 'volthreading'),
};

/** `undefined` for what a receive cannot set, and for what is not known here. */
export function nativeProperty(name: string): NativeProperty | undefined {
  return Object.hasOwn(settable, name) ? settable[name] : undefined;
}

/**
 * Whether a name can be that of a user property (`valid_char` and `zfs_prop_user` of zfs_prop.c). One that begins with `-` is left out: `zfs get` would
 * take it for an option.
 */
export function isUserProperty(name: string): boolean {
  return /^[a-z0-9._:][a-z0-9._:-]*$/.test(name) && name.includes(':') && name.length < 256;
}

/** Bytes that a value of a user property can have (ZFS_MAXPROPLEN, with its final NUL). */
export const longestValue = 8191;

/** A value as `zfs get -p` prints it, as it has to be given to set it: "use 'none' to disable quota/refquota". */
export function settableValue(name: string, printed: string): string {
  return printed === '0' && /(?:quota|reservation)$/.test(name) && !name.includes(':') ? 'none' : printed;
}

function rows(property: NativeProperty, names: string): Record<string, NativeProperty> {
  return Object.fromEntries(names.split(' ').map((name) => [name, property]));
}
