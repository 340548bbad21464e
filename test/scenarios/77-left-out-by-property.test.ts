import { expect } from 'vitest';
import { scenario } from '../world/scenario.ts';

scenario('zferry:sync=off on the source leaves a dataset out, and its copy stays', async (world) => {
  const { source, target, sync, zferry } = world;
  await source.zfs('create', '-p', 'src/home/ann/cache/deep');
  await source.zfs('create', 'src/home/bob');
  await source.zfs('set', 'zferry:sync=off', 'src/home/ann');
  await source.zfs('set', 'zferry:sync=on', 'src/home/ann/cache/deep');

  const dry = await sync('src/home', 'dst/home', '-r', '--dry-run');
  expect(dry.out).toContain('leave     src/home/ann: zferry:sync=off');
  expect(dry.out).toContain('leave     src/home/ann/cache: zferry:sync=off');
  expect(await sync('src/home', 'dst/home', '-r')).toMatchObject({ code: 0 });
  expect(await target.get('zferry:placeholder', 'dst/home/ann')).toBe('on');
  expect(await target.history('dst/home/ann/cache')).toEqual([]);
  expect(await target.history('dst/home/ann/cache/deep')).toEqual(
    await source.history('src/home/ann/cache/deep'),
  );
  expect(await source.history('src/home/ann')).toEqual([]);

  // It is nobody's but those who set it.
  const id = await target.get('zferry:id', 'dst/home');
  expect((await zferry('holds', '{source}', '{target}')).out).not.toContain('zferry:sync');
  const release = await zferry('holds', '--release', '--id', id, '--yes', '{source}');
  expect(release).toMatchObject({ code: 0 });
  expect(await source.get('zferry:sync', 'src/home/ann')).toBe('off');

  await source.zfs('set', 'zferry:sync=off', 'src/home/bob');
  const kept = await target.history('dst/home/bob');
  const next = await sync('src/home', 'dst/home', '-r', '--json');
  expect(next.code).toBe(0);
  const { plan } = JSON.parse(next.out);
  expect(plan.vanished).toEqual([]);
  expect(plan.excluded).toContainEqual({ name: 'src/home/bob', reason: 'zferry:sync=off' });
  expect(await target.history('dst/home/bob')).toEqual(kept);
});

scenario(
  'a whole tree that is left out is a warning, a received wish is none',
  { real: 'streams by hand' },
  async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', 'src/data');
    await source.zfs('set', 'zferry:sync=off', 'src/data');
    await source.zfs('snapshot', 'src/data@sent');
    const run = await sync('src/data', 'dst/copy', '-r');
    expect(run).toMatchObject({ code: 0 });
    expect(run.err).toContain('warning: nothing of src/data is copied: zferry:sync=off');

    await source.sh('zfs send -p src/data@sent | zfs receive -u src/again');
    expect(await source.zfs('get', '-Ho', 'source', 'zferry:sync', 'src/again')).toBe('received\n');
    expect(await sync('src/again', 'dst/again', '-r', '--no-snapshot')).toMatchObject({ code: 0 });
    expect(await target.history('dst/again')).toHaveLength(1);
  },
);
