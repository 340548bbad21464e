import { expect } from 'vitest';
import { scenario } from '../world/scenario.ts';

scenario('the clock of the source is set back between snapshots: their order is ZFS’s own', async (world) => {
  const { source, target, sync } = world;
  await source.zfs('create', 'src/data');
  await source.zfs('snapshot', 'src/data@first');
  await source.turnClock(-3);
  try {
    await source.zfs('snapshot', 'src/data@second');
    expect(await sync('src/data', 'dst/copy')).toMatchObject({ code: 0 });
    await source.turnClock(-3);
    await source.zfs('snapshot', 'src/data@third');
    expect(await sync('src/data', 'dst/copy')).toMatchObject({ code: 0 });
  } finally {
    await source.turnClock(6);
  }
  expect(await sync('src/data', 'dst/copy', '--no-snapshot')).toMatchObject({ code: 0 });

  const names = (await target.history('dst/copy')).map((line) => line.split(' ')[0]);
  expect(names).toEqual(['@first', '@second', expect.any(String), '@third', expect.any(String)]);
  expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
});
