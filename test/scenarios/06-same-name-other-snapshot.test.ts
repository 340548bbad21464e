import { expect } from 'vitest';
import { scenario } from '../world/scenario.ts';

scenario('the same snapshot name with another GUID is not a base', async ({ source, target, sync }) => {
  await source.zfs('create', 'src/data');
  await target.zfs('create', 'dst/copy');
  await source.zfs('snapshot', 'src/data@daily');
  await target.zfs('snapshot', 'dst/copy@daily');
  const before = await target.everything();

  const run = await sync('src/data', 'dst/copy');

  expect(run.code).toBe(4);
  expect(run.err).toContain('no snapshot in common');
  expect(run.commands.filter((line) => line.includes('zfs send'))).toEqual([]);
  expect(await target.everything()).toEqual(before);
});

scenario(
  'nor is it overwritten where it stands in the way of an increment',
  async ({ source, target, sync }) => {
    await source.zfs('create', 'src/data');
    await source.zfs('snapshot', 'src/data@1');
    await sync('src/data', 'dst/copy', '--no-snapshot');
    await target.zfs('snapshot', 'dst/copy@2');
    await target.zfs('rename', 'dst/copy@1', 'dst/copy@3');
    await target.zfs('destroy', 'dst/copy@2');
    await source.zfs('snapshot', 'src/data@3');
    const before = await target.everything();

    const run = await sync('src/data', 'dst/copy', '--no-snapshot');

    expect(run.code).toBe(4);
    expect(run.err).toContain('dst/copy@3 is another snapshot');
    expect(await target.everything()).toEqual(before);
  },
);
