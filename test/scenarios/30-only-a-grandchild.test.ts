import { expect } from 'vitest';
import { scenario, type World } from '../world/scenario.ts';

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

scenario('inside a tree, too: a parent of which nothing is chosen', async (world) => {
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
