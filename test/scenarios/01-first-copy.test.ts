import { expect } from 'vitest';
import { isFull } from '../variants.ts';
import { scenario } from '../world/scenario.ts';

for (const drive of ['here', 'push', 'pull', 'local'] as const) {
  scenario(`a first copy, driven ${drive}: equal, read-only, not mounted`, { drive }, async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', 'src/data');
    await source.write('src/data', 'letter', 'Dear reader');
    await source.zfs('snapshot', 'src/data@1');

    const run = await sync('src/data', 'dst/copy', '--no-snapshot');

    expect(run).toMatchObject({ code: 0 });
    expect(run.out).toContain('1 snapshot of 1 dataset sent');
    expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
    expect(await target.get('readonly', 'dst/copy')).toBe('on');
    expect(await target.get('mounted', 'dst/copy')).toBe('no');
    expect(await target.get('canmount', 'dst/copy')).toBe('noauto');
    expect(await target.get('com.sun:auto-snapshot', 'dst/copy')).toBe('false');

    if (!isFull && drive !== 'here') return;
    await source.write('src/data', 'letter', 'Dear reader, once more');
    const next = await sync('src/data', 'dst/copy', '--mount');

    expect(next).toMatchObject({ code: 0 });
    expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
    expect(await target.history('dst/copy')).toHaveLength(2);
    expect(await target.read('dst/copy', 'letter')).toBe('Dear reader, once more');
  });
}
