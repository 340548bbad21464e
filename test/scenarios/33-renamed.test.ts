import { expect } from 'vitest';
import { furtherScenario, scenario } from '../world/scenario.ts';

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

furtherScenario('two that have swapped their names: so do their copies', async ({ source, target, sync }) => {
  for (const name of ['src/data', 'src/data/blue', 'src/data/green']) await source.zfs('create', name);
  await source.write('src/data/blue', 'file', 'blue');
  expect(await sync('src/data', 'dst/copy', '-r')).toMatchObject({ code: 0 });
  const blue = await target.get('guid', 'dst/copy/blue');
  const green = await target.get('guid', 'dst/copy/green');

  await source.zfs('rename', 'src/data/blue', 'src/data/between');
  await source.zfs('rename', 'src/data/green', 'src/data/blue');
  await source.zfs('rename', 'src/data/between', 'src/data/green');
  const run = await sync('src/data', 'dst/copy', '-r');

  expect(run, run.err).toMatchObject({ code: 0 });
  expect(run.commands.filter((line) => line.includes('zfs send')).every((line) => / -[iI] /.test(line))).toBe(
    true,
  );
  expect(await target.get('guid', 'dst/copy/green')).toBe(blue);
  expect(await target.get('guid', 'dst/copy/blue')).toBe(green);
  expect(await target.history('dst/copy/green')).toEqual(await source.history('src/data/green'));
  expect(await target.zfs('list', '-Ho', 'name', '-r', 'dst/copy')).not.toContain('zferry');
});

furtherScenario(
  'renamed below a parent of which no snapshot is chosen: that is made to hold it',
  async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', '-p', 'src/data/old');
    await source.zfs('snapshot', '-r', 'src/data@daily-1');
    const dailies = ['src/data', 'dst/copy', '-r', '--snapshots', 'daily-*'] as const;
    expect(await sync(...dailies)).toMatchObject({ code: 0 });
    const guid = await target.get('guid', 'dst/copy/old');

    await source.zfs('create', 'src/data/parent');
    await source.zfs('rename', 'src/data/old', 'src/data/parent/new');
    expect((await sync(...dailies, '--dry-run')).out).toContain('create    dst/copy/parent');
    const run = await sync(...dailies);

    expect(run, run.err).toMatchObject({ code: 0 });
    expect(await target.get('guid', 'dst/copy/parent/new')).toBe(guid);
    expect(await target.get('zferry:placeholder', 'dst/copy/parent')).toBe('on');
  },
);
