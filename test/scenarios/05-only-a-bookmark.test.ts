import { expect } from 'vitest';
import { scenario } from '../world/scenario.ts';

scenario(
  'only our bookmark is left of the base: one increment from it, then the rest in one',
  async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', 'src/data');
    await source.zfs('snapshot', 'src/data@one');
    expect(await sync('src/data', 'dst/copy', '--no-snapshot')).toMatchObject({ code: 0 });
    for (const name of ['two', 'three', 'four']) {
      await source.write('src/data', name, name);
      await source.zfs('snapshot', `src/data@${name}`);
    }
    await source.zfs('destroy', 'src/data@one');

    const run = await sync('src/data', 'dst/copy', '--no-snapshot');

    expect(run.code).toBe(0);
    const sends = run.commands.filter((line) => line.includes('zfs send'));
    expect(sends).toEqual([
      expect.stringMatching(/-i \S*#zferry_\w+_\d+\S* src\/data@two/),
      expect.stringMatching(/-I @two src\/data@four/),
    ]);
    expect((await target.history('dst/copy')).slice(1)).toEqual(await source.history('src/data'));
  },
);
