import { expect } from 'vitest';
import { scenario } from '../world/scenario.ts';

scenario(
  'the common snapshot is gone from the source, its bookmark is left',
  async ({ source, target, sync }) => {
    await source.zfs('create', 'src/data');
    await source.write('src/data', 'file', 'one');
    await source.zfs('snapshot', 'src/data@1');
    await sync('src/data', 'dst/copy', '--no-snapshot');
    const [first] = await source.history('src/data');
    await source.zfs('bookmark', 'src/data@1', 'src/data#mark');
    // Ours would do as well.
    await source.destroyPoints('src/data', (name) => name.includes('#zferry_'));
    await source.zfs('destroy', 'src/data@1');
    await source.write('src/data', 'file', 'two');
    await source.zfs('snapshot', 'src/data@2');
    await source.zfs('snapshot', 'src/data@3');

    const run = await sync('src/data', 'dst/copy', '--no-snapshot');

    expect(run.code).toBe(0);
    expect(run.commands.filter((line) => line.includes('zfs send'))).toEqual([
      expect.stringContaining('#mark'),
      expect.stringContaining('-i @2 src/data@3'),
    ]);
    expect(await target.history('dst/copy')).toEqual([first, ...(await source.history('src/data'))]);
  },
);
