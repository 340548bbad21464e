import { expect } from 'vitest';
import { variant } from '../variants.ts';
import { fullScenario, scenario, type World } from '../world/scenario.ts';
import type { Side } from '../world/side.ts';

/** What is set on a dataset itself, but for what zferry always sets. */
async function local(side: Side, dataset: string): Promise<string[]> {
  const text = await side.zfs('get', '-Hp', '-s', 'local', '-o', 'property', 'all', dataset);
  const usual = /^(zferry:.*|readonly|canmount|volsize|com\.sun:auto-snapshot)?$/;
  return text
    .split('\n')
    .filter((name) => !usual.test(name))
    .sort();
}

const dangerous = {
  mountpoint: '/srv/data',
  canmount: 'noauto',
  quota: '100M',
  snapdir: 'visible',
  sync: 'disabled',
  'com.sun:auto-snapshot': 'true',
  'org.znapzend:enabled': 'on',
  'zrep:master': 'yes',
};

const assigned = (properties: Readonly<Record<string, string>>) =>
  Object.entries(properties).map(([name, value]) => `${name}=${value}`);

/** A filesystem with one and a volume below it, with properties of their own. */
async function fill({ source }: World): Promise<void> {
  await source.zfs('create', 'src/data');
  await source.zfs('set', 'compression=lz4', 'recordsize=16K', 'org.example:owner=ann', 'src/data');
  await source.zfs('set', ...assigned(dangerous), 'src/data');
  await source.zfs('create', '-o', 'atime=off', '-o', 'mountpoint=/root/below', 'src/data/below');
  const volume = ['create', '-V', '8M', '-o', 'compression=off', '-o', 'copies=2', '-o', 'snapdev=visible'];
  await source.zfs(...volume, 'src/data/disk');
}

scenario(
  'own properties arrive once; what would do harm does not, and what is changed stays',
  async (world) => {
    const { source, target, sync } = world;
    await fill(world);

    const dry = await sync('src/data', 'dst/copy', '-r', '--properties', 'own', '-n');
    expect(dry.out).toMatch(
      /arrives unmounted with readonly=on .* recordsize=16384 .*org\.example:owner=ann/,
    );
    const run = await sync('src/data', 'dst/copy', '-r', '--properties', 'own');

    expect(run).toMatchObject({ code: 0 });
    expect(run.err).not.toContain('warning');
    expect(await local(target, 'dst/copy')).toEqual(['compression', 'org.example:owner', 'recordsize']);
    expect(await local(target, 'dst/copy/below')).toEqual(['atime']);
    expect(await local(target, 'dst/copy/disk')).toEqual(['compression', 'copies', 'volmode']);
    expect(await target.get('recordsize', 'dst/copy/below')).toBe('16384');
    expect(await target.get('copies', 'dst/copy/disk')).toBe('2');
    expect(await target.get('com.sun:auto-snapshot', 'dst/copy')).toBe('false');

    // The target's operator has the last word, whatever the source does.
    await target.zfs('set', 'compression=gzip', 'org.example:owner=bob', 'dst/copy');
    await target.zfs('inherit', 'recordsize', 'dst/copy');
    await source.zfs('set', 'compression=off', 'org.example:owner=eve', 'org.example:more=1', 'src/data');
    const next = await sync('src/data', 'dst/copy', '-r', '--properties', 'own', '--override', 'atime=off');

    expect(next).toMatchObject({ code: 0 });
    expect(next.commands.filter((line) => / -o \w+=|-o name,property |zfs create/.test(line))).toEqual([]);
    expect(await local(target, 'dst/copy')).toEqual(['compression', 'org.example:owner']);
    expect(await target.get('compression', 'dst/copy')).toBe('gzip');
    expect(await target.get('org.example:owner', 'dst/copy')).toBe('bob');
  },
);

fullScenario('a name or a pattern takes what fits; without the option nothing comes', async (world) => {
  const { target, sync } = world;
  await fill(world);
  expect(await sync('src/data', 'dst/none', '-r')).toMatchObject({ code: 0 });
  expect(await local(target, 'dst/none')).toEqual([]);
  expect(await local(target, 'dst/none/below')).toEqual([]);

  const some = ['--properties', 'org.*', '--properties', 'quota', '--properties', 'nothing:*'];
  const run = await sync('src/data', 'dst/some', '-r', ...some);

  expect(run.code).toBe(0);
  expect(run.err).toMatch(/warning: --properties nothing:\* fits nothing/);
  const got = (await local(target, 'dst/some')).filter((name) => !name.endsWith('_count'));
  expect(got).toEqual(['org.example:owner', 'quota']);
  expect(await target.get('quota', 'dst/some')).toBe(String(100 * 1024 ** 2));
  expect(await local(target, 'dst/some/below')).toEqual([]);
});

scenario('--override stands on top for all of the copy, over what the source has', async (world) => {
  const { source, target, sync } = world;
  await fill(world);
  const set = ['compression=zle', 'atime=on', 'refquota=1G', 'volmode=dev', 'org.example:site=two words'];
  const options = ['--properties', 'own', ...set.flatMap((one) => ['--override', one])];

  expect(await sync('src/data', 'dst/copy', '-r', ...options)).toMatchObject({ code: 0 });

  expect(await local(target, 'dst/copy')).toEqual(
    [
      'atime',
      'compression',
      'org.example:owner',
      'org.example:site',
      'recordsize',
      'refquota',
      'volmode',
    ].sort(),
  );
  expect(await local(target, 'dst/copy/below')).toEqual(['refquota']);
  expect(await local(target, 'dst/copy/disk')).toEqual(['copies', 'volmode']);
  expect(await target.get('compression', 'dst/copy/disk')).toBe('zle');
  expect(await target.get('org.example:site', 'dst/copy/disk')).toBe('two words');
  expect(await target.get('volmode', 'dst/copy/disk')).toBe('dev');

  // What comes new is given it, too.
  await source.zfs('create', '-o', 'compression=gzip', 'src/data/new');
  expect(await sync('src/data', 'dst/copy', '-r', ...options)).toMatchObject({ code: 0 });
  expect(await target.get('compression', 'dst/copy/new')).toBe('zle');
});

fullScenario('values of every kind arrive to the byte', async ({ source, target, sync }) => {
  const values = {
    'a:plain': 'x',
    'b:empty': '',
    'c:all': `a "b" 'c' $HOME \`id\` 100% \\ !x\tnext\n\nsrc/data\td:last\tlocal ü\n`,
    'd:last': ' -o readonly=off ',
    'e:long': 'x'.repeat(8000),
  };
  await source.zfs('create', 'src/data');
  await source.zfs('create', 'src/data/below');
  for (const [name, value] of Object.entries(values)) await source.zfs('set', `${name}=${value}`, 'src/data');
  await source.sh('zfs set f:bytes="$(printf "\\377")" src/data');

  const run = await sync(
    'src/data',
    'dst/copy',
    '-r',
    '--properties',
    'own',
    '--override',
    `g:set=${values['c:all']}`,
  );

  expect(run.code).toBe(0);
  expect(run.err).toMatch(/warning: dst\/copy: f:bytes=.* is left out: it is not UTF-8/);
  for (const [name, value] of [...Object.entries(values), ['g:set', values['c:all']] as const]) {
    expect(await target.zfs('get', '-H', '-o', 'value', name, 'dst/copy')).toBe(`${value}\n`);
    expect(await target.zfs('get', '-H', '-o', 'source', name, 'dst/copy')).toBe('local\n');
  }
  expect(await target.get('f:bytes', 'dst/copy')).toBe('-');
});

scenario(
  'what the target cannot take is a warning, and the copy is good',
  async ({ source, target, sync }) => {
    await source.zfs(
      'create',
      '-o',
      'recordsize=1M',
      '-o',
      'compression=zstd',
      '-o',
      'checksum=sha256',
      'src/data',
    );
    await source.fill('src/data', 'file', 300_000);
    await target.zpool('destroy', 'dst');
    const features = ['-o', 'feature@extensible_dataset=enabled'];
    await target.zpool('create', '-f', '-d', ...features, 'dst', '/dev/disk/by-id/virtio-disk1');

    // It says before that it cannot, or only afterwards, or a release does not know it.
    const options = ['--properties', 'own', '--override', 'refquota=100K', '--override', 'prefetch=none'];
    const dry = await sync('src/data', 'dst/copy', ...options, '-n');
    const run = await sync('src/data', 'dst/copy', ...options);

    expect(run.code).toBe(0);
    const large =
      /dst\/copy: recordsize=1048576 is left out: the ZFS there says: 'recordsize' must be power of 2 from 512B to 128K/;
    expect(dry.out).toMatch(large);
    expect(run.err).toMatch(large);
    expect(run.err).toMatch(
      /dst\/copy was received, but: .*compression property on dst\/copy: pool .*must be upgraded/,
    );
    expect(run.err).toMatch(/refquota property on dst\/copy: size is less than current used/);
    if (variant().zfs.b === '2.1') {
      expect(run.err).toContain('dst/copy: prefetch=none is left out: the ZFS there has no such property');
    }
    expect(await target.get('checksum', 'dst/copy')).toBe('sha256');
    expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));

    const wrong = await sync('src/data', 'dst/other', '--override', 'compression=zstd-99');
    expect(wrong.code).toBe(2);
    expect(wrong.err).toMatch(/does not take it for dst\/other: 'compression' must be one of/);
    expect(await target.zfs('list', '-Ho', 'name', '-r', 'dst')).toBe('dst\ndst/copy\n');
  },
);

fullScenario(
  'an encrypted copy has them, and one that was cut off when it began',
  async ({ source, target, sync }) => {
    await source.sh('echo correct horse > /root/key');
    const key = ['-o', 'encryption=on', '-o', 'keyformat=passphrase', '-o', 'keylocation=file:///root/key'];
    await source.zfs('create', ...key, '-o', 'atime=off', '-o', 'org.example:owner=ann', 'src/secret');
    await source.fill('src/secret', 'file', 6_000_000);
    await target.breakOff(3_000_000);
    const options = ['--properties', 'own'];
    const torn = await sync('src/secret', 'dst/secret', ...options, '--retries', '0');
    expect(torn.code).toBe(1);
    await target.letPass();

    const run = await sync('src/secret', 'dst/secret', ...options);

    expect(run).toMatchObject({ code: 0 });
    expect(run.err).toContain('resumed src/secret');
    expect(await target.get('encryption', 'dst/secret')).toBe('aes-256-gcm');
    expect(await local(target, 'dst/secret')).toEqual(['atime', 'keylocation', 'org.example:owner']);
    expect(await target.get('keylocation', 'dst/secret')).toBe('prompt');
  },
);

fullScenario(
  'the root of a pool has them, also where its replacement was cut off',
  async ({ source, target, sync }) => {
    await source.zfs('set', 'atime=off', 'org.example:owner=ann', 'src');
    await source.fill('src', 'file', 6_000_000);
    const options = ['-r', '--properties', 'org.example:*', '--override', 'recordsize=32K'];
    await target.breakOff(3_000_000);
    expect(await sync('src', 'dst', ...options, '--retries', '0')).toMatchObject({ code: 1 });
    await target.letPass();

    expect(await sync('src', 'dst', ...options)).toMatchObject({ code: 0 });

    const got = await local(target, 'dst');
    expect(got.filter((name) => !name.startsWith('org.zferry'))).toEqual(['org.example:owner', 'recordsize']);
  },
);

fullScenario(
  'what a replica was given goes on with it; what it received does not',
  async ({ source, target, sync }) => {
    await source.zfs('create', '-o', 'org.example:owner=ann', 'src/data');
    await source.zfs('snapshot', 'src/data@1');
    await source.sh(
      'zfs send -p src/data@1 | zfs receive -u -o org.example:note=here -o readonly=on src/replica',
    );
    expect(await source.zfs('get', '-Ho', 'source', 'org.example:owner', 'src/replica')).toBe('received\n');

    expect(await sync('src/replica', 'dst/copy', '--properties', 'own')).toMatchObject({ code: 0 });

    expect(await local(target, 'dst/copy')).toEqual(['org.example:note']);
  },
);
