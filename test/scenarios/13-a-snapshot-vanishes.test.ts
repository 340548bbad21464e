import { expect } from 'vitest';
import { furtherScenario, scenario } from '../world/scenario.ts';

scenario(
  'a snapshot that is destroyed between plan and send: planned anew, in the same run',
  async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', 'src/data');
    await source.zfs('snapshot', 'src/data@one');
    expect(await sync('src/data', 'dst/copy', '--no-snapshot')).toMatchObject({ code: 0 });
    await source.zfs('snapshot', 'src/data@two');
    await source.zfs('snapshot', 'src/data@three');
    await source.before('send', [['destroy', 'src/data@three']]);

    const run = await sync('src/data', 'dst/copy', '--no-snapshot');

    expect(run.code).toBe(0);
    expect(run.err).toMatch(/src\/data@three"?, there a moment ago, is gone; trying again in/);
    expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
    expect(await source.history('src/data')).toHaveLength(2);
  },
);

scenario(
  'the base is destroyed between plan and send: the next attempt goes from its bookmark',
  async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', 'src/data');
    await source.zfs('snapshot', 'src/data@one');
    expect(await sync('src/data', 'dst/copy', '--no-snapshot')).toMatchObject({ code: 0 });
    await source.zfs('snapshot', 'src/data@two');
    await source.before('send', [['destroy', 'src/data@one']]);

    const run = await sync('src/data', 'dst/copy', '--no-snapshot');

    expect(run.code).toBe(0);
    expect((await target.history('dst/copy')).at(-1)).toBe((await source.history('src/data')).at(-1));
  },
);

furtherScenario('and its bookmark with it: refused, since nothing else is in common', async (world) => {
  const { source, target, sync } = world;
  await source.zfs('create', 'src/data');
  await source.zfs('snapshot', 'src/data@one');
  expect(await sync('src/data', 'dst/copy', '--no-snapshot')).toMatchObject({ code: 0 });
  await source.zfs('snapshot', 'src/data@two');
  const mark = (await source.zfs('list', '-H', '-t', 'bookmark', '-o', 'name', 'src/data')).trim();
  await source.before('send', [
    ['destroy', 'src/data@one'],
    ['destroy', mark],
  ]);

  const run = await sync('src/data', 'dst/copy', '--no-snapshot');

  expect(run.code).toBe(4);
  expect(run.err).toContain('dst/copy and its source have no snapshot in common');
  expect(await target.history('dst/copy')).toHaveLength(1);
});
