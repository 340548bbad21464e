import { expect } from 'vitest';
import { scenario, type World } from '../world/scenario.ts';

/** A filesystem with a volume of 8 MiB in it. */
async function fill({ source }: World): Promise<void> {
  await source.zfs('create', 'src/tree');
  await source.zfs('create', '-V', '8M', 'src/tree/disk');
  await source.sh(
    'head -c 3000000 /dev/urandom > /root/data && dd if=/root/data of=/dev/zvol/src/tree/disk conv=notrunc',
  );
}

scenario('a volume beside filesystems: same bytes, no device on the target', async (world) => {
  const { source, target, sync } = world;
  await fill(world);

  const run = await sync('src/tree', 'dst/tree', '-r');
  expect(run).toMatchObject({ code: 0 });
  expect(await sync('src/tree', 'dst/tree', '-r', '--mount')).toMatchObject({ code: 0 });

  // Nothing that only a filesystem has was set on it, nor tried.
  const set = await target.zfs('get', '-H', '-s', 'local', '-o', 'property', 'all', 'dst/tree/disk');
  expect(set.split('\n').filter((name) => name !== '' && !name.startsWith('zferry:'))).toEqual([
    'volsize',
    'volmode',
  ]);
  expect(run.err).not.toContain('warning');
  expect(await target.history('dst/tree/disk')).toEqual(await source.history('src/tree/disk'));
  expect(await target.get('volmode', 'dst/tree/disk')).toBe('none');
  expect(await target.get('refreservation', 'dst/tree/disk')).toBe('0');
  expect(await target.sh('ls /dev/zvol/dst/tree 2>/dev/null | wc -l')).toBe('0\n');
  const sum = 'udevadm settle; head -c 3000000 /dev/zvol/POOL/tree/disk | sha256sum';
  await target.zfs('set', 'volmode=dev', 'dst/tree/disk');
  const wait = 'for i in $(seq 50); do [ -e /dev/zvol/dst/tree/disk ] && break; sleep 0.1; done; ';
  expect(await target.sh(wait + sum.replace('POOL', 'dst'))).toBe(
    await source.sh(sum.replace('POOL', 'src')),
  );
});

scenario(
  '--volumes thick reserves all its room, also when it grows; without room the copy is good',
  async (world) => {
    const { source, target, sync } = world;
    await fill(world);
    const reserved = async () => Number(await target.get('refreservation', 'dst/tree/disk'));
    const thick = async () => await sync('src/tree', 'dst/tree', '-r', '--volumes', 'thick');

    const dry = await sync('src/tree', 'dst/tree', '-r', '--volumes', 'thick', '-n');
    expect(dry.out).toContain('reserve   dst/tree/disk: room for all of the volume');
    expect(await thick()).toMatchObject({ code: 0 });
    expect(await reserved()).toBeGreaterThanOrEqual(8 * 1024 ** 2);

    await source.zfs('set', 'volsize=16M', 'src/tree/disk');
    expect(await thick()).toMatchObject({ code: 0 });
    expect(await target.get('volsize', 'dst/tree/disk')).toBe(String(16 * 1024 ** 2));
    expect(await reserved()).toBeGreaterThanOrEqual(16 * 1024 ** 2);
    const nothing = await thick();
    expect(nothing.commands.filter((line) => line.includes('zfs set'))).toEqual([]);

    await source.zfs('set', 'refreservation=none', 'src/tree/disk');
    await source.zfs('set', 'volsize=100G', 'src/tree/disk');
    const run = await thick();
    expect(run.code).toBe(0);
    expect(run.err).toMatch(
      /warning: Reserving the room of dst\/tree\/disk failed on b: .*size is greater than/,
    );
    expect(await target.history('dst/tree/disk')).toEqual(await source.history('src/tree/disk'));
  },
);
