import { expect } from 'vitest';
import { fullScenario, furtherScenario, scenario } from '../world/scenario.ts';

const sends = (run: { commands: string[] }) => run.commands.filter((line) => line.includes('zfs send'));

scenario(
  'a clone comes after its origin and shares with it; promoted on the source, nothing is sent again',
  async (world) => {
    const { source, target, sync, zferry } = world;
    await source.zfs('create', 'src/data');
    await source.zfs('create', 'src/data/z');
    await source.fill('src/data/z', 'file', 4_000_000);
    await source.zfs('snapshot', 'src/data/z@one');
    await source.zfs('clone', 'src/data/z@one', 'src/data/clone');
    await source.write('src/data/clone', 'own', 'own');

    const first = await sync('src/data', 'dst/copy', '-r', '--mount');
    expect(first).toMatchObject({ code: 0 });
    expect(await target.get('origin', 'dst/copy/clone')).toBe('dst/copy/z@one');
    expect(Number(await target.get('used', 'dst/copy/clone'))).toBeLessThan(1_000_000);
    expect(await target.read('dst/copy/clone', 'own')).toBe('own');

    await source.zfs('promote', 'src/data/clone');
    await source.write('src/data/z', 'later', 'z');
    await source.write('src/data/clone', 'later', 'clone');
    const before = (await target.everything()).map((line) => line.split(' ').at(-1));
    const run = await zferry('sync', '-v', '-r', '--mount', '{source}src/data', '{target}dst/copy');
    expect(run).toMatchObject({ code: 0 });
    // Snapshots go with the promote, under another name.
    const after = (await target.everything()).map((line) => line.split(' ').at(-1));
    expect(before.filter((guid) => !after.includes(guid))).toEqual([]);
    expect(sends(run).every((line) => / -[iI] /.test(line))).toBe(true);
    for (const name of ['z', 'clone']) expect(await target.read(`dst/copy/${name}`, 'later')).toBe(name);
  },
);

furtherScenario(
  'promoted and emptied before its clone was ever sent: the copy of the origin serves both',
  async (world) => {
    const { source, target, sync, zferry } = world;
    await source.zfs('create', 'src/data');
    await source.zfs('create', 'src/data/old');
    await source.fill('src/data/old', 'file', 4_000_000);
    await source.zfs('snapshot', 'src/data/old@one');
    // Its parent has no snapshot yet, and only holds it there.
    expect(await sync('src/data', 'dst/copy', '-r', '--no-snapshot')).toMatchObject({ code: 0 });
    expect(await sync('src/data', 'dst/copy', '-r')).toMatchObject({ code: 0 });
    const newest = (await source.history('src/data/old')).at(-1)?.split(' ')[0];
    await source.zfs('clone', `src/data/old${newest}`, 'src/data/new');
    await source.zfs('promote', 'src/data/new');
    await source.write('src/data/old', 'later', 'old');
    const before = (await target.everything()).filter((line) => line.includes('@'));
    const run = await zferry('sync', '-v', '-r', '--mount', '{source}src/data', '{target}dst/copy');
    expect(run).toMatchObject({ code: 0 });
    const guids = (await target.everything()).map((line) => line.split(' ').at(-1));
    expect(before.filter((line) => !guids.includes(line.split(' ').at(-1)))).toEqual([]);
    expect(await target.get('origin', 'dst/copy/old')).toMatch(/^dst\/copy\/new@/);
    expect(sends(run).every((line) => / -[iI] /.test(line))).toBe(true);
    expect(await target.read('dst/copy/old', 'later')).toBe('old');
    expect(Number(await target.get('used', 'dst/copy/old'))).toBeLessThan(1_000_000);
  },
);

furtherScenario(
  'a copy that lost all that it was a copy by, and its source has a clone: it comes anew',
  async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', '-p', 'src/data/z');
    expect(await sync('src/data', 'dst/copy', '-r')).toMatchObject({ code: 0 });
    const [first = ''] = await source.history('src/data/z');
    await source.zfs('clone', `src/data/z${first.split(' ')[0]}`, 'src/data/clone');
    await target.release('dst/copy/z');
    await target.destroyPoints('dst/copy/z', () => true);

    const run = await sync('src/data', 'dst/copy', '-r', '--on-divergence', 'set-aside');

    expect(run, run.err).toMatchObject({ code: 0 });
    for (const name of ['z', 'clone'])
      expect(await target.history(`dst/copy/${name}`)).toEqual(await source.history(`src/data/${name}`));
    expect(await target.get('origin', 'dst/copy/clone')).toBe(`dst/copy/z${first.split(' ')[0]}`);
  },
);

scenario('without its origin a clone comes in full, and that is said; cut off, it goes on', async (world) => {
  const { source, target, sync } = world;
  await source.zfs('create', 'src/data');
  await source.fill('src/data', 'file', 3_000_000);
  await source.zfs('snapshot', 'src/data@one');
  await source.zfs('clone', 'src/data@one', 'src/alone');
  const alone = await sync('src/alone', 'dst/alone');
  expect(alone).toMatchObject({ code: 0, err: expect.stringContaining('which does not come with it') });

  await source.zfs('clone', 'src/data@one', 'src/data/below');
  await source.fill('src/data/below', 'own', 3_000_000);
  await target.breakOff(1_500_000, 'below');
  expect(await sync('src/data', 'dst/copy', '-r', '--retries', '0')).toMatchObject({ code: 3 });
  await target.letPass();
  const rest = await sync('src/data', 'dst/copy', '-r');
  expect(rest).toMatchObject({ code: 0, err: expect.stringContaining('resumed src/data/below') });
  expect(await target.get('origin', 'dst/copy/below')).toBe('dst/copy@one');
});

fullScenario('an encrypted clone comes raw and shares with its origin', async (world) => {
  const { source, target, sync } = world;
  await source.sh('echo correct horse > /root/key');
  await source.zfs(
    'create',
    '-o',
    'encryption=on',
    '-o',
    'keyformat=passphrase',
    '-o',
    'keylocation=file:///root/key',
    'src/data',
  );
  await source.zfs('create', 'src/data/z');
  await source.zfs('snapshot', 'src/data/z@one');
  await source.zfs('clone', 'src/data/z@one', 'src/data/clone');
  expect(await sync('src/data', 'dst/copy', '-r')).toMatchObject({ code: 0 });
  expect(await target.get('origin', 'dst/copy/clone')).toBe('dst/copy/z@one');
  await source.write('src/data/clone', 'more', 'more');
  expect(await sync('src/data', 'dst/copy', '-r')).toMatchObject({ code: 0 });
  expect(await target.history('dst/copy/clone')).toEqual(await source.history('src/data/clone'));
});

furtherScenario(
  'a promote that a name stands in the way of: named, and done once that is renamed',
  async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', '-p', 'src/data/o');
    await source.write('src/data/o', 'file', 'one');
    await source.zfs('snapshot', 'src/data/o@s');
    await source.zfs('clone', 'src/data/o@s', 'src/data/c');
    expect(await sync('src/data', 'dst/copy', '-r')).toMatchObject({ code: 0 });
    await target.zfs('snapshot', 'dst/copy/c@s');
    const newest = (await target.history('dst/copy/o')).at(-1)?.split(' ')[0] ?? '';
    await target.zfs('bookmark', `dst/copy/o${newest}`, 'dst/copy/o#theirs');
    await source.zfs('promote', 'src/data/c');

    const stopped = await sync('src/data', 'dst/copy', '-r');
    expect(stopped).toMatchObject({ code: 3, err: expect.stringContaining('zfs rename dst/copy/c@s') });
    const run = await sync('src/data', 'dst/copy', '-r', '--on-divergence', 'set-aside');
    expect(run, run.err).toMatchObject({ code: 0 });
    for (const name of ['o', 'c']) {
      expect((await target.history(`dst/copy/${name}`)).at(-1)).toBe(
        (await source.history(`src/data/${name}`)).at(-1),
      );
    }
    // Nobody's bookmark goes with what was emptied.
    expect(await target.zfs('list', '-Ho', 'name', '-t', 'bookmark', '-r', 'dst')).toContain('#theirs');
  },
);
