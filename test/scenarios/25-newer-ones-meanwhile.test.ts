import { expect } from 'vitest';
import { scenario } from '../world/scenario.ts';

scenario(
  'interrupted at one snapshot, while newer ones come: the one is finished, the others follow',
  async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', 'src/data');
    await source.zfs('snapshot', 'src/data@one');
    expect(await sync('src/data', 'dst/copy', '--no-snapshot')).toMatchObject({ code: 0 });
    await source.sh('head -c 3000000 /dev/urandom > /src/data/file && sync');
    await source.zfs('snapshot', 'src/data@two');
    await target.intercept('receive', 'head -c 1500000 | real "$@"');
    expect(await sync('src/data', 'dst/copy', '--no-snapshot', '--retries', '0')).toMatchObject({ code: 1 });
    await target.letPass();
    await source.zfs('snapshot', 'src/data@three');
    await source.zfs('snapshot', 'src/data@four');

    const run = await sync('src/data', 'dst/copy', '--no-snapshot', '--json');

    expect(run.code).toBe(0);
    const sends = run.commands.filter((line) => line.includes('zfs send'));
    expect(sends).toEqual([
      expect.stringMatching(/zfs send -t 1-/),
      expect.stringMatching(/zfs send .*-I @two src\/data@four/),
    ]);
    const { result } = JSON.parse(run.out) as { result: { datasets: { snapshots: { name: string }[] }[] } };
    expect(result.datasets[0]?.snapshots.map(({ name }) => name)).toEqual(['two', 'three', 'four']);
    expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
  },
);
