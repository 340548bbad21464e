import { expect } from 'vitest';
import { scenario } from '../world/scenario.ts';

scenario(
  '--bwlimit is refused before anything is sent where nothing can keep to it',
  { drive: 'push' },
  async (world) => {
    const { source, target, zferry } = world;
    await source.zfs('create', 'src/data');

    const run = await zferry('sync', '--bwlimit', '1M', '{source}src/data', '{target}dst/copy');

    expect(run.code).toBe(1);
    expect(run.err).toContain('there is neither pv nor mbuffer on this machine');
    expect(run.err).toContain('apt install pv');
    expect(await source.history('src/data')).toEqual([]);
    expect(await target.everything()).toHaveLength(1);
  },
);
