import { expect } from 'vitest';
import { interrupted } from '../world/interrupted.ts';
import { furtherScenario, scenario } from '../world/scenario.ts';

scenario(
  'interrupted at one snapshot, while newer ones come: the one is finished, the others follow',
  async (world) => {
    const { source, target, sync } = world;
    await interrupted(world, 'one', 'two');
    await source.zfs('snapshot', 'src/data@three');
    await source.zfs('snapshot', 'src/data@four');

    const run = await sync('src/data', 'dst/copy', '--no-snapshot', '--json');

    expect(run.code).toBe(0);
    const sends = run.commands.filter((line) => line.includes('zfs send'));
    expect(sends).toEqual([
      expect.stringMatching(/zfs send .*-t 1-/),
      expect.stringMatching(/zfs send .*-I @two src\/data@four/),
    ]);
    const { result } = JSON.parse(run.out) as { result: { datasets: { snapshots: { name: string }[] }[] } };
    expect(result.datasets[0]?.snapshots.map(({ name }) => name)).toEqual(['two', 'three', 'four']);
    expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
  },
);

furtherScenario(
  'cut in the middle of many, and renamed meanwhile: the one under way is finished, then the rest',
  async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', 'src/data');
    for (const name of ['one', 'two', 'three', 'four']) {
      await source.fill('src/data', name, 1_000_000);
      await source.zfs('snapshot', `src/data@${name}`);
    }
    await target.breakOff(1_500_000);
    // @one arrives whole; of @two to @four only the first half.
    expect(await sync('src/data', 'dst/copy', '--no-snapshot', '--retries', '0')).toMatchObject({ code: 1 });
    await target.letPass();
    expect(await target.history('dst/copy')).toHaveLength(2);
    await source.zfs('rename', 'src/data@three', 'src/data@third');
    await source.zfs('rename', 'src/data', 'src/moved');

    const run = await sync('src/moved', 'dst/copy', '--no-snapshot');

    expect(run.code).toBe(0);
    expect(run.commands.filter((line) => line.includes('zfs send'))).toEqual([
      expect.stringMatching(/zfs send .*-t 1-/),
      expect.stringMatching(/zfs send .*-i @third src\/moved@four/),
    ]);
    expect(await target.history('dst/copy')).toEqual(await source.history('src/moved'));
    // Renamed, they are not where they were held; they are found by the tag.
    expect(await source.holds()).toEqual([]);
  },
);
