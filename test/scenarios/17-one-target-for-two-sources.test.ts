import { expect } from 'vitest';
import { furtherScenario, scenario } from '../world/scenario.ts';

scenario('the second of two sources is refused before anything runs', async ({ source, target, sync }) => {
  await source.zfs('create', 'src/one');
  await source.zfs('create', 'src/two');
  await sync('src/one', 'dst/copy');
  const before = [await source.everything(), await target.everything()];

  const run = await sync('src/two', 'dst/copy');

  expect(run.code).toBe(4);
  expect(run.err).toContain('already the replica of another source');
  expect([await source.everything(), await target.everything()]).toEqual(before);
});

furtherScenario(
  'a copy that was renamed keeps its id; a new one by the old name gets another',
  async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', 'src/data');
    await sync('src/data', 'dst/copy');
    await target.zfs('rename', 'dst/copy', 'dst/moved');
    expect(await sync('src/data', 'dst/moved')).toMatchObject({ code: 0 });
    for (let i = 0; i < 2; i++) await sync('src/data', 'dst/copy', '--keep', '1');
    expect(await target.get('zferry:id', 'dst/copy')).not.toBe(await target.get('zferry:id', 'dst/moved'));
    expect(await sync('src/data', 'dst/moved')).toMatchObject({ code: 0 });
  },
);

furtherScenario('source and target the wrong way round: the original is not written over', async (world) => {
  const { source, target, sync, zferry } = world;
  await source.zfs('create', 'src/data');
  await sync('src/data', 'dst/copy');
  await target.zfs('snapshot', 'dst/copy@mine');
  const before = await source.everything();
  const run = await zferry('sync', '{target}dst/copy', '{source}src/data');
  expect(run.code).toBe(4);
  expect(run.err).toContain('dst/copy is a copy of src/data');
  expect(await source.everything()).toEqual(before);
});
