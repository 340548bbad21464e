import { expect } from 'vitest';
import { scenario } from '../world/scenario.ts';
import { linesOf } from '../world/side.ts';

scenario('a snapshot of a tree with parts left out is taken in one transaction group', async (world) => {
  const { source, sync } = world;
  const names = ['src/data', 'src/data/one', 'src/data/cache', 'src/data/one/deep', 'src/data/off'];
  for (const name of names) await source.zfs('create', name);
  await source.zfs('set', 'zferry:sync=off', 'src/data/off');
  expect(await sync('src/data', 'dst/copy', '-r', '--exclude', 'cache')).toMatchObject({ code: 0 });
  const text = await source.zfs('list', '-Hp', '-r', '-t', 'snapshot', '-o', 'name,createtxg', 'src/data');
  const rows = linesOf(text).map((line) => line.split('\t'));
  const taken = rows.map(([name = '']) => name.split('@')[0]);
  expect(new Set(taken)).toEqual(new Set(['src/data', 'src/data/one', 'src/data/one/deep']));
  expect(new Set(rows.map(([, txg]) => txg)).size).toBe(1);
});
