import { expect } from 'vitest';
import { scenario } from '../world/scenario.ts';

scenario(
  'a dataset that is destroyed before it is sent is left out, the others go on: exit 3',
  async (world) => {
    const { source, target, sync } = world;
    for (const name of ['tree', 'tree/a', 'tree/b', 'tree/c']) await source.zfs('create', `src/${name}`);
    await source.before('send', [['destroy', '-r', 'src/tree/b']], 'src/tree/b@');

    const run = await sync('src/tree', 'dst/tree', '-r');

    expect(run.code).toBe(3);
    expect(run.err).toMatch(/src\/tree\/b@zferry_\S+, there a moment ago, is gone/);
    expect(run.err).toContain('zferry: src/tree/b was skipped: it is gone from the source');
    for (const name of ['tree', 'tree/a', 'tree/c']) {
      expect(await target.history(`dst/${name}`)).toEqual(await source.history(`src/${name}`));
    }
    expect((await target.everything()).filter((line) => line.includes('tree/b'))).toEqual([]);
  },
);
