import { expect } from 'vitest';
import { furtherScenario, scenario } from '../world/scenario.ts';

scenario(
  'a tree without what is excluded: one moment, one top, all by GUID',
  async ({ source, target, sync }) => {
    for (const name of [
      'home',
      'home/ann',
      'home/ann/cache',
      'home/bob',
      'home/bob/cache',
      'home/bob/cache/x',
    ]) {
      await source.zfs('create', `src/${name}`);
      await source.write(`src/${name}`, 'file', `this is ${name}`);
    }

    const first = await sync('src/home', 'dst/far/home', '-r', '--exclude', '*/cache');
    expect(first.code).toBe(0);
    expect(await target.get('canmount', 'dst/far')).toBe('off');
    for (const name of ['home', 'home/ann', 'home/bob']) {
      expect(await target.history(`dst/far/${name}`)).toEqual(await source.history(`src/${name}`));
      expect(await target.get('readonly', `dst/far/${name}`)).toBe('on');
    }
    const text = await target.zfs('list', '-Ho', 'name', '-r', 'dst');
    expect(text).not.toContain('cache');
    expect(await target.zfs('get', '-Hs', 'local', '-o', 'name', '-r', 'readonly', 'dst')).toBe(
      'dst/far/home\n',
    );

    const txgs = await source.zfs('list', '-Hpr', '-t', 'snapshot', '-o', 'createtxg', 'src');
    expect(new Set(txgs.trim().split('\n')).size, 'one transaction group for the whole tree').toBe(1);
    expect(await source.history('src/home/ann/cache')).toEqual([]);

    await source.write('src/home/ann', 'file', 'changed');
    await source.zfs('create', 'src/home/new');
    const second = await sync('src/home', 'dst/far/home', '-r', '--exclude', '*/cache', '--mount');
    expect(second.code).toBe(0);
    expect(await target.history('dst/far/home/new')).toEqual(await source.history('src/home/new'));
    expect(await target.read('dst/far/home/ann', 'file')).toBe('changed');
  },
);

furtherScenario(
  'one dataset that is refused does not stop the others: exit 3',
  async ({ source, target, sync }) => {
    await source.zfs('create', '-p', 'src/home/ann');
    await source.zfs('create', 'src/home/bob');
    await sync('src/home', 'dst/home', '-r');
    await target.zfs('snapshot', 'dst/home/ann@theirs');

    const run = await sync('src/home', 'dst/home', '-r');

    expect(run.code).toBe(3);
    expect(run.err).toContain('dst/home/ann cannot go on');
    expect(await target.history('dst/home/bob')).toEqual(await source.history('src/home/bob'));
    expect(await source.history('src/home/ann')).toHaveLength(1);
  },
);

scenario('a receive that fails says why, what lies below it waits, siblings go on', async (world) => {
  const { source, target, sync } = world;
  await source.zfs('create', '-p', 'src/home/ann/deep');
  await source.zfs('create', 'src/home/bob');
  await source.fill('src/home/ann', 'file', 3_000_000);
  await target.breakOff(1_500_000, '/ann');

  const run = await sync('src/home', 'dst/small/home', '-r', '--retries', '0');
  await target.letPass();

  expect(run.code).toBe(3);
  expect(run.err).toMatch(
    /Sending src\/home\/ann@\S+ to dst\/small\/home\/ann failed on b: the stream ended/,
  );
  expect(run.err).toContain('src/home/ann/deep was skipped: its parent dst/small/home/ann did not arrive');
  expect(await target.history('dst/small/home/bob')).toEqual(await source.history('src/home/bob'));

  expect(await sync('src/home', 'dst/small/home', '-r')).toMatchObject({ code: 0 });
  expect(await target.history('dst/small/home/ann/deep')).toEqual(await source.history('src/home/ann/deep'));
});

furtherScenario(
  'a top without snapshots of its own holds the others, and is a replica all the same',
  async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', '-p', 'src/vms/one');
    await source.zfs('snapshot', 'src/vms/one@daily-1');

    expect(await sync('src/vms', 'dst/bk/vms', '-r', '--snapshots', 'daily-*')).toMatchObject({ code: 0 });

    expect(await target.get('readonly', 'dst/bk/vms/one')).toBe('on');
    expect(await target.get('com.sun:auto-snapshot', 'dst/bk/vms/one')).toBe('false');
    expect(await target.get('zferry:id', 'dst/bk/vms/one')).toMatch(/^[a-z0-9]{6}$/);
    expect(await target.get('readonly', 'dst/bk')).toBe('off');

    const nothing = await sync('src/vms', 'dst/other', '-r', '--snapshots', 'weekly-*');
    expect(nothing.code).toBe(1);
    expect(nothing.err).toContain('dst/other is not there, and nothing would be copied to it');
  },
);
