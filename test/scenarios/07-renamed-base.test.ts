import { expect } from 'vitest';
import { scenario } from '../world/scenario.ts';

scenario(
  'a common snapshot that was renamed on either side is still the base',
  async ({ source, target, sync }) => {
    await source.zfs('create', 'src/data');
    await source.zfs('snapshot', 'src/data@1');
    await sync('src/data', 'dst/copy', '--no-snapshot');
    await source.zfs('rename', 'src/data@1', 'src/data@first');
    await source.zfs('snapshot', 'src/data@2');
    expect(await sync('src/data', 'dst/copy', '--no-snapshot')).toMatchObject({ code: 0 });

    await target.zfs('rename', 'dst/copy@2', 'dst/copy@second');
    await source.zfs('snapshot', 'src/data@3');
    const run = await sync('src/data', 'dst/copy', '--no-snapshot');

    expect(run.code).toBe(0);
    expect(run.commands.find((line) => line.includes('zfs send'))).toContain('-i @2 src/data@3');
    const guids = (lines: string[]) => lines.map((line) => line.split(' ')[1]);
    expect(guids(await target.history('dst/copy'))).toEqual(guids(await source.history('src/data')));
  },
);
