import { expect } from 'vitest';
import { scenario } from '../world/scenario.ts';

scenario(
  'what does not fit below a quota is found before the first byte',
  async ({ source, target, sync }) => {
    await source.zfs('create', 'src/data');
    await source.sh('head -c 8000000 /dev/urandom > /src/data/file && sync');
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
    await source.sh('head -c 8000000 /dev/urandom > /src/data/file');

    const run = await sync('src/data', 'dst/small/copy');

    expect(run.code).toBe(1);
    expect(run.err).toMatch(/has room for .* MiB, and 7\.\d MiB are to come/);
    expect(run.commands.filter((line) => line.includes('zfs receive'))).toEqual([]);
  },
);

scenario("a feature that the target's pool has not enabled is found before the first byte", async (world) => {
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
});
