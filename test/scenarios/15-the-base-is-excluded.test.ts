import { expect } from 'vitest';
import { scenario } from '../world/scenario.ts';

scenario('the only common snapshot is one that is not chosen: it still serves as the base', async (world) => {
  const { source, target, sync } = world;
  await source.zfs('create', 'src/data');
  await source.zfs('snapshot', 'src/data@manual');
  expect(await sync('src/data', 'dst/copy', '--no-snapshot')).toMatchObject({ code: 0 });
  await source.zfs('snapshot', 'src/data@hourly-1');
  await source.zfs('snapshot', 'src/data@daily-1');

  const run = await sync('src/data', 'dst/copy', '--snapshots', 'daily-*');

  expect(run.code).toBe(0);
  expect(run.commands.filter((line) => line.includes('zfs send'))).toEqual([
    expect.stringMatching(/zfs send .*-i @manual src\/data@daily-1/),
  ]);
  const [manual, , daily] = await source.history('src/data');
  expect(await target.history('dst/copy')).toEqual([manual, daily]);
});
