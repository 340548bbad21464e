import { expect } from 'vitest';
import { furtherScenario, scenario, type World } from '../world/scenario.ts';

/** Leaves a receive into dst/copy that was cut off in the middle of a megabyte or more. */
async function cutOff({ source, target, sync }: World): Promise<void> {
  await source.fill('src/data', 'file', 3_000_000);
  await source.zfs('snapshot', 'src/data@doomed');
  await target.breakOff(1_500_000);
  const run = await sync('src/data', 'dst/copy', '--no-snapshot', '--retries', '0');
  await target.letPass();
  expect(run.code).toBe(1);
  expect(await target.get('receive_resume_token', 'dst/copy')).toMatch(/^1-/);
  // While it is under way, it is held against all others.
  await expect(source.zfs('destroy', 'src/data@doomed')).rejects.toThrow(/held|dataset is busy/);
  await destroyHeld(source, 'src/data@doomed');
  await source.zfs('snapshot', 'src/data@later');
}

async function destroyHeld(source: World['source'], snapshot: string): Promise<void> {
  const [hold = ''] = (await source.holds()).filter((line) => line.startsWith(`${snapshot} `));
  await source.zfs('release', hold.split(' ')[1] ?? '', snapshot);
  await source.zfs('destroy', snapshot);
}

scenario('the snapshot of an interrupted first copy is gone: let go, and a newer one sent', async (world) => {
  const { source, target, sync } = world;
  await source.zfs('create', 'src/data');
  await cutOff(world);

  const run = await sync('src/data', 'dst/copy', '--no-snapshot');

  expect(run.code).toBe(0);
  expect(run.err).toContain('the snapshot that it was for, src/data@doomed, is gone from the source');
  expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
  expect(await target.get('readonly', 'dst/copy')).toBe('on');
});

scenario('the snapshot of an interrupted increment is gone: let go, and a newer one sent', async (world) => {
  const { source, target, sync } = world;
  await source.zfs('create', 'src/data');
  await source.zfs('snapshot', 'src/data@base');
  expect(await sync('src/data', 'dst/copy', '--no-snapshot')).toMatchObject({ code: 0 });
  await cutOff(world);

  const run = await sync('src/data', 'dst/copy', '--no-snapshot');

  expect(run.code).toBe(0);
  expect(run.err).toContain('let go of the rest of an interrupted receive into dst/copy');
  expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
  expect(await target.get('receive_resume_token', 'dst/copy')).toBe('-');
  expect(await source.holds()).toEqual([]);
});

furtherScenario(
  'and its dataset has another name by now: whose it is can be told all the same',
  async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', 'src/top');
    await source.zfs('create', 'src/top/data');
    await source.zfs('snapshot', '-r', 'src/top@base');
    expect(await sync('src/top', 'dst/copy', '-r', '--no-snapshot')).toMatchObject({ code: 0 });
    await source.fill('src/top/data', 'file', 3_000_000);
    await source.zfs('snapshot', 'src/top/data@doomed');
    await target.breakOff(1_500_000);
    expect(await sync('src/top', 'dst/copy', '-r', '--no-snapshot', '--retries', '0')).toMatchObject({
      code: 3,
    });
    await target.letPass();
    await destroyHeld(source, 'src/top/data@doomed');
    await source.zfs('rename', 'src/top/data', 'src/top/moved');
    await source.zfs('snapshot', 'src/top/moved@later');

    const run = await sync('src/top', 'dst/copy', '-r', '--no-snapshot');

    expect(run.code).toBe(0);
    expect(await target.history('dst/copy/moved')).toEqual(await source.history('src/top/moved'));
  },
);

furtherScenario(
  'a run that has nothing to do leaves it, and the next one still knows whose it is',
  async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', 'src/data');
    await source.zfs('snapshot', 'src/data@base');
    expect(await sync('src/data', 'dst/copy', '--no-snapshot')).toMatchObject({ code: 0 });
    await source.fill('src/data', 'file', 3_000_000);
    await source.zfs('snapshot', 'src/data@big');
    await target.breakOff(1_500_000);
    expect(await sync('src/data', 'dst/copy', '--no-snapshot', '--retries', '0')).toMatchObject({ code: 1 });
    await target.letPass();
    expect(await sync('src/data', 'dst/copy', '--snapshots', 'other*')).toMatchObject({ code: 0 });
    await target.zfs('snapshot', 'dst/copy@mine');

    const run = await sync('src/data', 'dst/copy', '--no-snapshot', '--on-divergence', 'set-aside');

    expect(run.code).toBe(0);
    expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
  },
);

furtherScenario(
  'the own snapshot is destroyed while the run tries again: it takes another',
  { real: 'a script that acts once' },
  async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', 'src/data');
    await source.fill('src/data', 'file', 600_000);
    await source.sh('rm -f /root/once');
    await source.intercept(
      'send',
      '[ -e /root/once ] || { touch /root/once; for name; do :; done; real destroy "$name"; }\nreal "$@"',
    );

    const run = await sync('src/data', 'dst/copy');

    expect(run.code).toBe(0);
    expect(run.err.match(/taken of 1 dataset/g)).toHaveLength(2);
    expect(await target.history('dst/copy')).toHaveLength(1);
    expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
  },
);
