import { expect } from 'vitest';
import { furtherScenario, scenario, type World } from '../world/scenario.ts';

/** A tree with a copy, whose source is lost. @returns the name of the newest snapshot of the copy, with its `@` */
async function loseSource({ source, target, sync }: World): Promise<string> {
  await source.zfs('create', 'src/data');
  await source.zfs('create', 'src/data/sub');
  await source.write('src/data/sub', 'before', 'before');
  expect((await sync('src/data', 'dst/copy', '-r')).code).toBe(0);
  await source.zfs('destroy', '-r', 'src/data');
  return (await target.history('dst/copy'))[0]?.split(' ')[0] ?? '';
}

/** Sends from the target to the source with plain ZFS. */
async function sendBack({ source, target }: World, send: string, to: string): Promise<void> {
  const stream = await target.sh(`zfs send ${send} | base64`);
  await source.sh(`base64 -d | zfs receive -u ${to}`, stream);
}

/** Writes to the child of the restored tree, and expects one run to copy that. */
async function expectBackedUp({ source, target, sync }: World, tree: string): Promise<void> {
  await source.sh(`zfs mount -a; echo after > /${tree}/sub/after; sync`);
  const run = await sync(tree, 'dst/copy', '-r');
  expect(run.err).not.toContain('are not copied');
  expect(run.code).toBe(0);
  for (const name of ['', '/sub'])
    expect(await target.history(`dst/copy${name}`)).toEqual(await source.history(`${tree}${name}`));
  expect(await source.get('written', `${tree}/sub`)).toBe('0');
}

const real = 'zfs send -R, and files through mounts';

scenario(
  'a source restored by zfs send -R is backed up again, with its children',
  { real },
  async (world) => {
    const { source, sync } = world;
    const newest = await loseSource(world);
    await sendBack(world, `-R dst/copy${newest}`, 'src/data');

    // The top is left read-only: the child, which can be written to, is copied all the same, and the top is named.
    for (const setting of ['readonly=off', 'canmount=on']) await source.zfs('set', setting, 'src/data/sub');
    await source.sh(
      'mkdir -p /mnt/sub; zfs set mountpoint=/mnt/sub src/data/sub; zfs mount src/data/sub || true',
    );
    await source.sh('echo half > /mnt/sub/half; sync');
    const half = await sync('src/data', 'dst/copy', '-r');
    expect(half.code).toBe(0);
    expect(half.err).toContain('zfs set readonly=off src/data');
    expect(await source.get('written', 'src/data/sub')).toBe('0');

    await source.sh('zfs inherit mountpoint src/data/sub; zfs set readonly=off canmount=on src/data');
    await expectBackedUp(world, 'src/data');
  },
);

furtherScenario(
  'a source restored by zferry is backed up again once its replica is released',
  { real },
  async (world) => {
    const { source, sync, zferry } = world;
    await loseSource(world);
    const back = await zferry('sync', '-r', '{target}dst/copy', '{source}src/data2');
    expect(back.code).toBe(0);

    const refused = await sync('src/data2', 'dst/copy', '-r');
    expect(refused.code).toBe(4);
    const [, advice = ''] = /(zferry holds --release [^,]+), then/.exec(refused.err) ?? [];
    expect((await zferry(...advice.split(' ').slice(1))).code).toBe(0);
    await source.sh(
      'zfs set readonly=off src/data2; zfs set canmount=on src/data2; zfs set canmount=on src/data2/sub',
    );
    await expectBackedUp(world, 'src/data2');
  },
);

furtherScenario(
  'a source restored by hand, dataset by dataset, is backed up again',
  { real },
  async (world) => {
    const newest = await loseSource(world);
    for (const name of ['', '/sub']) await sendBack(world, `dst/copy${name}${newest}`, `src/data${name}`);
    await expectBackedUp(world, 'src/data');
  },
);
