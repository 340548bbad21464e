import { expect } from 'vitest';
import { scenario } from '../world/scenario.ts';

scenario(
  'a volume beside filesystems: same bytes, no device on the target',
  async ({ source, target, sync }) => {
    await source.zfs('create', 'src/tree');
    await source.zfs('create', '-s', '-V', '8M', 'src/tree/disk');
    await source.sh(
      'head -c 3000000 /dev/urandom > /root/data && dd if=/root/data of=/dev/zvol/src/tree/disk conv=notrunc',
    );

    const run = await sync('src/tree', 'dst/tree', '-r');
    expect(run).toMatchObject({ code: 0 });
    expect(await sync('src/tree', 'dst/tree', '-r', '--mount')).toMatchObject({ code: 0 });

    expect(await target.history('dst/tree/disk')).toEqual(await source.history('src/tree/disk'));
    expect(await target.get('volmode', 'dst/tree/disk')).toBe('none');
    expect(await target.sh('ls /dev/zvol/dst/tree 2>/dev/null | wc -l')).toBe('0\n');
    const sum = 'udevadm settle; head -c 3000000 /dev/zvol/POOL/tree/disk | sha256sum';
    await target.zfs('set', 'volmode=dev', 'dst/tree/disk');
    const wait = 'for i in $(seq 50); do [ -e /dev/zvol/dst/tree/disk ] && break; sleep 0.1; done; ';
    expect(await target.sh(wait + sum.replace('POOL', 'dst'))).toBe(
      await source.sh(sum.replace('POOL', 'src')),
    );
  },
);
