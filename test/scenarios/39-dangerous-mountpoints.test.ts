import { expect } from 'vitest';
import { scenario } from '../world/scenario.ts';

scenario(
  'a source that mounts over / does not mount over anything on the target',
  async ({ source, target, sync }) => {
    await source.zfs('create', '-o', 'canmount=noauto', '-o', 'mountpoint=/', 'src/root');
    await source.zfs('create', '-o', 'mountpoint=/etc', '-o', 'canmount=noauto', 'src/root/etc');
    await source.zfs('snapshot', '-r', 'src/root@1');
    const before = await target.sh('cat /proc/mounts; ls -di / /etc');

    expect(await sync('src/root', 'dst/root', '-r')).toMatchObject({ code: 0 });
    expect(await sync('src/root', 'dst/root', '-r')).toMatchObject({ code: 0 });

    expect(await target.sh('cat /proc/mounts; ls -di / /etc')).toBe(before);
    expect(await target.get('mountpoint', 'dst/root')).toBe('/dst/root');
    expect(await target.get('mountpoint', 'dst/root/etc')).toBe('/dst/root/etc');
  },
);

scenario('nor does it after the pool is imported anew', async ({ source, target, sync }) => {
  await source.zfs('create', '-o', 'canmount=on', 'src/data');
  await sync('src/data', 'dst/data');
  await target.zpool('export', 'dst');
  await target.zpool('import', '-d', '/dev/disk/by-id', 'dst');
  expect(await target.get('mounted', 'dst/data')).toBe('no');
});

scenario('--mount covers no folder that has files in it, and says so', async ({ source, target, sync }) => {
  await source.zfs('create', 'src/data');
  await target.sh('mkdir -p /dst/copy && echo precious > /dst/copy/file');
  const run = await sync('src/data', 'dst/copy', '--mount');
  expect(run.code).toBe(0);
  expect(run.err).toContain('warning: Mounting dst/copy failed');
  expect(await target.sh('cat /dst/copy/file')).toBe('precious\n');
});
