import { expect } from 'vitest';
import { scenario } from '../world/scenario.ts';

scenario(
  'renamed on the source, or the copy on the target: followed, and nothing is sent again',
  async (world) => {
    const { source, target, sync } = world;
    for (const name of ['src/data', 'src/data/one', 'src/data/one/deep', 'src/data/two'])
      await source.zfs('create', name);
    await source.write('src/data/one/deep', 'file', 'deep');
    expect(await sync('src/data', 'dst/copy', '-r')).toMatchObject({ code: 0 });
    const guid = await target.get('guid', 'dst/copy/one/deep');

    await source.zfs('rename', 'src/data/one', 'src/data/uno');
    await target.zfs('rename', 'dst/copy/two', 'dst/copy/zwei');
    const preview = await sync('src/data', 'dst/copy', '-r', '--dry-run');
    expect(preview.out).toContain('rename    dst/copy/one to dst/copy/uno');
    const run = await sync('src/data', 'dst/copy', '-r', '--on-divergence', 'set-aside');
    expect(run).toMatchObject({
      code: 0,
      err: expect.stringContaining('renamed dst/copy/one to dst/copy/uno'),
    });
    const sends = run.commands.filter((line) => line.includes('zfs send'));
    expect(sends.every((line) => / -[iI] /.test(line))).toBe(true);
    expect(await target.get('guid', 'dst/copy/uno/deep')).toBe(guid);
    expect(await target.history('dst/copy/two')).toEqual(await source.history('src/data/two'));
    expect(run.out).not.toContain('their source is gone');

    // Moved below a parent that is new.
    await source.zfs('create', 'src/data/new');
    await source.zfs('rename', 'src/data/uno/deep', 'src/data/new/deep');
    const moved = await sync('src/data', 'dst/copy', '-r', '--on-divergence', 'set-aside');
    expect(moved).toMatchObject({ code: 0 });
    expect(await target.get('guid', 'dst/copy/new/deep')).toBe(guid);
    expect((await target.history('dst/copy/new/deep')).slice(-1)).toEqual(
      (await source.history('src/data/new/deep')).slice(-1),
    );
  },
);
