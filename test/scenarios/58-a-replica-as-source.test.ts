import { expect } from 'vitest';
import { furtherScenario, scenario } from '../world/scenario.ts';

scenario(
  'a replica is sent on as it is: never a snapshot of its own',
  async ({ source, target, sync, zferry }) => {
    await source.zfs('create', 'src/data');
    await sync('src/data', 'dst/copy');
    await sync('src/data', 'dst/copy');

    const chain = await zferry('sync', '{target}dst/copy', '{source}src/back');
    expect(chain.code).toBe(0);
    expect(chain.err).toContain('dst/copy is itself a replica');
    expect(await source.history('src/back')).toEqual(await source.history('src/data'));
    expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));

    const insisting = await zferry('sync', '--snapshot', '{target}dst/copy', '{source}src/back');
    expect(insisting.code).toBe(4);
    expect(insisting.err).toContain('No snapshot is taken');

    await sync('src/data', 'dst/copy');
    const next = await zferry('sync', '-v', '{target}dst/copy', '{source}src/back');
    expect(next.commands.find((line) => line.includes('zfs send'))).toContain(' -i ');
    expect(await source.history('src/back')).toEqual(await source.history('src/data'));
  },
);

furtherScenario(
  'so is one that another tool made: read-only, with a received history',
  async ({ source, target, sync, zferry }) => {
    await source.zfs('create', 'src/data');
    await source.zfs('snapshot', 'src/data@1');
    await sync('src/data', 'dst/copy', '--no-snapshot');
    for (const name of ['id', 'source', 'mode', 'large-blocks'])
      await target.zfs('inherit', `zferry:${name}`, 'dst/copy');

    const run = await zferry('sync', '{target}dst/copy', '{source}src/back');
    expect(run.code).toBe(0);
    expect(run.err).toContain('read-only, with a received history');
    expect(await target.history('dst/copy')).toHaveLength(1);
  },
);

furtherScenario(
  'a read-only dataset that was made where it is gets its snapshot',
  async ({ source, target, sync }) => {
    await source.zfs('create', 'src/data');
    await source.zfs('snapshot', 'src/data@1');
    await source.zfs('set', 'readonly=on', 'src/data');
    expect(await sync('src/data', 'dst/copy')).toMatchObject({ code: 0 });
    expect(await target.history('dst/copy')).toHaveLength(2);
  },
);
