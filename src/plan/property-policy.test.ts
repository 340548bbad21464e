import { describe, expect, test } from 'vitest';
import { fateOf } from './property-policy.ts';

/** All that `zfs get` of OpenZFS 2.4, FreeBSD and illumos can list as set by somebody. */
const native =
  `aclinherit aclmode acltype atime canmount casesensitivity checksum compression context copies dedup
  defaultgroupobjquota defaultgroupquota defaultprojectobjquota defaultprojectquota defaultuserobjquota defaultuserquota
  defcontext devices direct dnodesize encryption exec filesystem_count filesystem_limit fscontext jailed keyformat
  keylocation logbias longname mlslabel mountpoint nbmand normalization overlay pbkdf2iters prefetch primarycache quota
  readonly recordsize redundant_metadata refquota refreservation relatime reservation rootcontext secondarycache setuid
  sharenfs sharesmb snapdev snapdir snapshot_count snapshot_limit special_small_blocks sync utf8only version
  volblocksize volmode volsize volthreading vscan xattr zoned`.split(/\s+/);

const ofKind = (kind: string) => native.filter((name) => fateOf(name).kind === kind).join(' ');

describe('a native property', () => {
  test('is given with the rest only where it says how a dataset behaves, wherever it is', () => {
    expect(ofKind('free')).toBe(
      'aclinherit aclmode acltype atime checksum compression copies devices direct dnodesize exec logbias nbmand prefetch primarycache recordsize redundant_metadata relatime secondarycache setuid vscan xattr',
    );
  });

  test('that was chosen for one machine or pool is given only by name', () => {
    expect(ofKind('by-name')).toBe(
      'context dedup defaultgroupobjquota defaultgroupquota defaultprojectobjquota defaultprojectquota defaultuserobjquota defaultuserquota defcontext filesystem_limit fscontext jailed mlslabel mountpoint overlay quota refquota refreservation reservation rootcontext sharenfs sharesmb snapdev snapdir snapshot_limit special_small_blocks sync volmode volthreading zoned',
    );
  });

  test('that a copy cannot be without, or cannot be given, says why', () => {
    const whys = native.flatMap((name) => {
      const fate = fateOf(name);
      return fate.kind === 'never' ? [[name, fate.why] as const] : [];
    });
    const byWhy = Map.groupBy(whys, ([, why]) => why);
    expect([...byWhy].map(([why, names]) => `${names.map(([name]) => name).join(' ')}: ${why}`)).toEqual([
      'canmount: a copy is never mounted by itself; --mount mounts it',
      'casesensitivity normalization utf8only version volblocksize volsize: it comes with the data, and a copy cannot have another',
      'encryption keyformat keylocation pbkdf2iters: encrypted datasets arrive as they are, with their own key, and what is below an encrypted dataset is encrypted by it',
      'filesystem_count snapshot_count: ZFS counts it by itself',
      'longname: long names come with the data, and a receive cannot set it',
      'readonly: a copy that can be written to cannot go on',
    ]);
  });

  test('of a release to come is not known', () => {
    expect(ofKind('unknown')).toBe('');
    for (const name of ['brandnew', 'toString', 'Org.x:a']) expect(fateOf(name)).toEqual({ kind: 'unknown' });
  });
});

describe('a user property', () => {
  test('is free, whatever it is called', () => {
    for (const name of ['org.example:note', 'zrepl.example:x', 'com.sun:auto-snapshots', 'com.sun:other']) {
      expect(fateOf(name)).toEqual({ kind: 'free' });
    }
  });

  test('of ours is never given', () => {
    expect(fateOf('zferry:id')).toEqual({ kind: 'never', why: 'zferry keeps there what it knows of a copy' });
    expect(fateOf('zferry:')).toMatchObject({ kind: 'never' });
    expect(fateOf('org.zferry:id')).toEqual({ kind: 'free' });
  });

  // As the programs themselves name them.
  test.each([
    'com.sun:auto-snapshot',
    'com.sun:auto-snapshot:daily',
    'org.znapzend:enabled',
    'autobackup:offsite',
    'zrepl:placeholder',
    'zettarepl:hold',
    'syncoid:sync',
    'sanoid:autoprune',
    'abgleich:version',
    'org.complete.simplesnap:exclude',
    'org.freenas:description',
    'org.truenas:managedby',
    'zrep:master',
    'zpair:state',
    'zettabee:status',
    'bzman:keep',
    'org.openzfs.systemd:wanted-by',
    'org.zfsbootmenu:commandline',
    'com.ubuntu.zsys:last-used',
    'org.opensolaris.libbe:uuid',
  ])('by which other programs would begin to do something with the copy only by name: %s', (name) => {
    expect(fateOf(name)).toEqual({ kind: 'by-name' });
  });
});
