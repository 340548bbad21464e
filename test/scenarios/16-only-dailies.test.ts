import { expect } from 'vitest';
import { scenario } from '../world/scenario.ts';

scenario('only dailies out of dailies and hourlies: no hourly comes along', async (world) => {
  const { source, target, sync } = world;
  await source.zfs('create', 'src/data');
  await source.zfs('snapshot', 'src/data@d1');
  expect(await sync('src/data', 'dst/copy', '--no-snapshot')).toMatchObject({ code: 0 });
  for (const name of ['h1', 'd2', 'd3', 'd4', 'h2']) {
    await source.write('src/data', 'file', name);
    await source.zfs('snapshot', `src/data@${name}`);
  }
  const sends = (lines: readonly string[]) => lines.filter((line) => line.includes('zfs send'));

  const run = await sync('src/data', 'dst/copy', '--snapshots', 'd*', '--mount');

  expect(run.code).toBe(0);
  expect(sends(run.commands)).toEqual([
    expect.stringMatching(/-i @d1 src\/data@d2/),
    expect.stringMatching(/-I @d2 src\/data@d4/),
  ]);
  const chosen = (await source.history('src/data')).filter((line) => line.startsWith('@d'));
  expect(chosen).toHaveLength(4);
  expect(await target.history('dst/copy')).toEqual(chosen);
  expect(await target.read('dst/copy', 'file')).toBe('d4');
  expect(sends((await sync('src/data', 'dst/copy', '--snapshots', 'd*')).commands)).toEqual([]);
});
