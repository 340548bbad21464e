import { expect } from 'vitest';
import { asides, diverged } from '../world/diverged.ts';
import { furtherScenario, scenario, type World } from '../world/scenario.ts';

const mounted = async ({ target }: World): Promise<string[]> =>
  (await target.zfs('list', '-Ho', 'name,mounted', '-r', 'dst'))
    .split('\n')
    .filter((line) => line.endsWith('\tyes'))
    .map((line) => line.split('\t')[0] ?? '');

scenario('only a grandchild is copied: what is above it is made empty and never mounted', async (world) => {
  const { source, target, sync } = world;
  await source.zfs('create', '-p', 'src/one/two/three');
  await source.write('src/one/two/three', 'file', 'deep');

  const run = await sync('src/one/two/three', 'dst/one/two/three');

  expect(run).toMatchObject({ code: 0 });
  expect(run.err).toContain('created dst/one/two, which only holds what is below it');
  expect(await target.history('dst/one/two/three')).toEqual(await source.history('src/one/two/three'));
  for (const parent of ['dst/one', 'dst/one/two']) {
    expect(await target.get('canmount', parent)).toBe('off');
    expect(await target.get('zferry:placeholder', parent)).toBe('on');
    expect(await target.history(parent)).toEqual([]);
  }
  expect(await mounted(world)).toEqual(['dst']);
  // One that is there is used as it is, and nothing of it is changed.
  const before = await target.zfs('get', '-Hp', '-s', 'local', 'all', 'dst/one/two');
  await source.zfs('create', 'src/one/two/more');
  expect(await sync('src/one/two/more', 'dst/one/two/more')).toMatchObject({ code: 0 });
  expect(await target.zfs('get', '-Hp', '-s', 'local', 'all', 'dst/one/two')).toBe(before);
});

furtherScenario('inside a tree, too: a parent of which nothing is chosen', async (world) => {
  const { source, target, sync } = world;
  await source.zfs('create', '-p', 'src/vms/one/disk');
  await source.zfs('snapshot', 'src/vms@daily-1');
  await source.zfs('snapshot', 'src/vms/one/disk@daily-1');

  const run = await sync('src/vms', 'dst/vms', '-r', '--snapshots', 'daily-*');

  expect(run).toMatchObject({ code: 0 });
  expect(await target.get('canmount', 'dst/vms/one')).toBe('off');
  expect(await target.get('readonly', 'dst/vms/one')).toBe('on');
  expect(await target.history('dst/vms/one/disk')).toEqual(await source.history('src/vms/one/disk'));
  expect(await mounted(world)).toEqual(['dst']);
  expect(await sync('src/vms', 'dst/vms', '-r', '--snapshots', 'daily-*')).toMatchObject({ code: 0 });
});

furtherScenario(
  'first a grandchild, then the tree: what comes beside it is a replica, too',
  async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', '-p', 'src/home/ann/docs');
    await source.zfs('create', 'src/home/carl');
    await sync('src/home/ann/docs', 'dst/home/ann/docs');

    const run = await sync('src/home', 'dst/home', '-r');

    // What only held it turns into copies.
    expect(run, run.err).toMatchObject({ code: 0 });
    for (const name of ['home', 'home/ann', 'home/ann/docs', 'home/carl']) {
      expect((await target.history(`dst/${name}`)).at(-1)).toBe((await source.history(`src/${name}`)).at(-1));
    }
    expect(await target.get('readonly', 'dst/home/carl')).toBe('on');
    expect(await target.get('zferry:id', 'dst/home/carl')).toMatch(/^[a-z0-9]{6}$/);
  },
);

furtherScenario(
  'a target typed one level too deep: nothing is put into what is another copy',
  async (world) => {
    const { source, target, sync, everything } = world;
    await source.zfs('create', '-p', 'src/home/ann');
    await source.zfs('create', 'src/home/carl');
    await sync('src/home', 'dst/home', '-r');
    const before = await everything();

    const run = await sync('src/home', 'dst/home/ann', '-r');

    expect(run.code).toBe(4);
    expect(run.err).toContain('dst/home/ann is already the replica of another source');
    expect(run.err).toContain('src/home/carl was skipped: dst/home/ann on the target is not its parent');
    expect(await everything()).toEqual(before);
    expect(await target.zfs('list', '-Ho', 'name', '-r', 'dst/home/ann')).toBe('dst/home/ann\n');
  },
);

furtherScenario(
  'something was put into a parent that only holds others: it is moved aside and kept',
  async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', '-p', 'src/home/ann');
    expect(await sync('src/home/ann', 'dst/home/ann')).toMatchObject({ code: 0 });
    const guid = await target.get('guid', 'dst/home/ann');
    await target.zfs('set', 'canmount=noauto', 'dst/home');
    await target.zfs('mount', 'dst/home');
    await target.write('dst/home', 'file', 'precious');
    await target.zfs('unmount', 'dst/home');
    await target.zfs('set', 'canmount=off', 'dst/home');

    const run = await sync('src/home', 'dst/home', '-r');

    expect(run, run.err).toMatchObject({ code: 0 });
    expect(await target.get('guid', 'dst/home/ann')).toBe(guid);
    expect((await target.history('dst/home')).at(-1)).toBe((await source.history('src/home')).at(-1));
    const [copy = ''] = await asides(target);
    expect(copy).toMatch(/^dst\/home_diverged_/);
    expect(await diverged(target, copy, 'file')).toBe('precious');
  },
);

furtherScenario(
  'somebody has snapshotted a parent that only holds others: named, set aside when asked for, and what is below comes back',
  async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', '-p', 'src/home/ann');
    expect(await sync('src/home/ann', 'dst/home/ann')).toMatchObject({ code: 0 });
    await target.zfs('snapshot', 'dst/home@theirs');
    await source.zfs('snapshot', '-r', 'src/home@one');

    expect(await sync('src/home', 'dst/home', '-r')).toMatchObject({ code: 3 });
    const run = await sync('src/home', 'dst/home', '-r', '--on-divergence', 'set-aside');

    expect(run, run.err).toMatchObject({ code: 0 });
    for (const name of ['home', 'home/ann'])
      expect((await target.history(`dst/${name}`)).at(-1)).toBe((await source.history(`src/${name}`)).at(-1));
    expect(
      run.commands.filter((line) => /zfs send .* src\/home\/ann@/.test(line) && !/ -[iI] /.test(line)),
    ).toEqual([]);
    expect(
      (await target.everything()).filter((line) => line.includes('_diverged_') && line.includes('@theirs ')),
    ).toHaveLength(1);
  },
);
