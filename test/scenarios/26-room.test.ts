import { expect } from 'vitest';
import { furtherScenario, scenario } from '../world/scenario.ts';

scenario(
  'what does not fit below a quota is found before the first byte',
  async ({ source, target, sync }) => {
    await source.zfs('create', 'src/data');
    await source.fill('src/data', 'file', 8_000_000);
    await target.zfs('create', '-o', 'quota=4M', 'dst/small');

    const run = await sync('src/data', 'dst/small/copy');

    expect(run.code).toBe(1);
    expect(run.err).toMatch(/dst\/small .* has room for .* MiB, and .* MiB are to come/);
    expect(run.err).toContain('What to do: ');
    expect(run.commands.filter((line) => line.includes('zfs receive'))).toEqual([]);
    expect(await source.history('src/data')).toEqual([]);

    await target.zfs('set', 'quota=64M', 'dst/small');
    expect(await sync('src/data', 'dst/small/copy')).toMatchObject({ code: 0 });
  },
);

scenario(
  'what was written a moment ago counts, although no listing shows it yet',
  async ({ source, target, sync }) => {
    await source.zfs('create', 'src/data');
    await target.zfs('create', '-o', 'quota=4M', 'dst/small');
    await source.fill('src/data', 'file', 8_000_000);

    const run = await sync('src/data', 'dst/small/copy');

    expect(run.code).toBe(1);
    expect(run.err).toMatch(/has room for .* MiB, and 7\.\d MiB are to come/);
    expect(run.commands.filter((line) => line.includes('zfs receive'))).toEqual([]);
  },
);

scenario(
  "a feature that the target's pool has not enabled is found before the first byte",
  { real: 'features' },
  async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', '-o', 'dnodesize=1k', 'src/data');
    await source.sh('touch /src/data/file && sync');
    await target.zpool('destroy', 'dst');
    await target.zpool('create', '-f', '-d', 'dst', '/dev/disk/by-id/virtio-disk1');

    const run = await sync('src/data', 'dst/copy');

    expect(run.code).toBe(1);
    expect(run.err).toMatch(/has not enabled .*large_dnode/);
    expect(run.err).toContain('zpool set feature@large_dnode=enabled dst');
    expect(await target.everything()).toHaveLength(1);
  },
);

scenario(
  'a target that runs full on the way: what has arrived is kept, and how to have its room back is said',
  async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', 'src/data');
    await source.fill('src/data', 'file', 6_000_000);
    await target.zfs('create', 'dst/small');
    await target.before('receive', [['set', 'quota=3M', 'dst/small']]);

    const run = await sync('src/data', 'dst/small/copy');
    await target.letPass();
    expect(run.code).toBe(1);
    expect(run.err).toMatch(
      /Sending src\/data@zferry_\S+ to dst\/small\/copy failed on b: a quota .* has no room for it/,
    );
    expect(run.err).toContain(
      'the part of dst/small/copy that has arrived is kept to go on from, and holds its room',
    );
    expect(run.err).toContain('on b: zfs receive -A dst/small/copy');
    // The receiver's reason, and not what its end did to the sender.
    expect(run.err).not.toMatch(/broken pipe|trying again/i);
    expect(await source.processes()).toEqual([]);
    expect(await target.get('receive_resume_token', 'dst/small/copy')).toMatch(/^1-/);

    // Still no room: found beforehand now, and the way out is the same.
    const again = await sync('src/data', 'dst/small/copy', '--no-snapshot');
    expect(again.code).toBe(1);
    expect(again.err).toContain('are to come');
    expect(again.err).toContain('zfs receive -A dst/small/copy');
    expect(again.commands.filter((line) => line.includes('zfs receive'))).toEqual([]);

    await target.zfs('set', 'quota=64M', 'dst/small');
    const last = await sync('src/data', 'dst/small/copy', '--no-snapshot');
    expect(last.code).toBe(0);
    expect(last.err).toContain('resumed');
    expect(await target.history('dst/small/copy')).toEqual(await source.history('src/data'));
  },
);

furtherScenario('what is let go makes room for what comes instead', async (world) => {
  const { source, target, sync } = world;
  await source.zfs('create', 'src/data');
  await source.fill('src/data', 'file', 6_000_000);
  await source.zfs('snapshot', 'src/data@one');
  await target.zfs('create', '-o', 'quota=9M', 'dst/small');
  await target.breakOff(5_000_000);
  const options = ['--no-snapshot', '--retries', '0'];
  expect(await sync('src/data', 'dst/small/copy', ...options)).toMatchObject({ code: 1 });
  await target.letPass();
  const [hold = ''] = await source.holds();
  await source.zfs('release', hold.split(' ')[1] ?? '', 'src/data@one');
  await source.zfs('destroy', 'src/data@one');
  await source.zfs('snapshot', 'src/data@two');

  const run = await sync('src/data', 'dst/small/copy', '--no-snapshot');

  expect(run.err).toContain('src/data@one, is gone from the source');
  expect(run.code).toBe(0);
  expect(await target.history('dst/small/copy')).toEqual(await source.history('src/data'));
});
