import { expect } from 'vitest';
import { fullScenario, scenario, type World } from '../world/scenario.ts';

async function fill({ source }: World): Promise<void> {
  await source.write('src', 'note', 'in the root');
  await source.zfs('create', '-p', 'src/home/ann');
  await source.write('src/home/ann', 'letter', 'Dear reader');
}

const tree = ['', '/home', '/home/ann'];

async function equal({ source, target }: World, from: string, to: string, names = tree): Promise<void> {
  for (const name of names) {
    expect(await target.history(`${to}${name}`)).toEqual(await source.history(`${from}${name}`));
  }
}

scenario('a whole pool into an empty one: its root takes the place of the other', async (world) => {
  const { source, target, sync } = world;
  await fill(world);
  const dry = await sync('src', 'dst', '-r', '-n');
  expect(dry.out).toContain('takes the place of the root of the empty pool dst');

  const run = await sync('src', 'dst', '-r');

  expect(run).toMatchObject({ code: 0 });
  await equal(world, 'src', 'dst');
  expect(await target.get('readonly', 'dst')).toBe('on');
  expect(await target.get('mounted', 'dst')).toBe('no');
  expect(await target.get('canmount', 'dst')).toBe('noauto');
  expect(run.commands.filter((line) => /receive .*-F/.test(line))).toHaveLength(1);

  await source.write('src', 'note', 'changed');
  const next = await sync('src', 'dst', '-r', '--mount');
  expect(next).toMatchObject({ code: 0 });
  await equal(world, 'src', 'dst');
  expect(await target.read('dst', 'note')).toBe('changed');
  expect(next.commands.filter((line) => /receive .*-F/.test(line))).toEqual([]);
});

fullScenario('cut off while it replaces the root: the same command goes on', async (world) => {
  const { source, target, sync } = world;
  await fill(world);
  await source.fill('src', 'file', 6_000_000);
  await target.breakOff(3_000_000);
  const torn = await sync('src', 'dst', '-r', '--retries', '0');
  expect(torn.code).toBe(1);
  expect(torn.err).toContain('src/home was skipped: its parent dst did not arrive');
  expect(await target.get('mounted', 'dst')).toBe('yes');
  await target.letPass();
  expect(await target.get('receive_resume_token', 'dst')).toMatch(/^1-/);

  const run = await sync('src', 'dst', '-r');

  expect(run.code).toBe(0);
  expect(run.err).toContain('resumed src');
  await equal(world, 'src', 'dst');
  for (const [property, value] of [
    ['readonly', 'on'],
    ['canmount', 'noauto'],
    ['zferry:mode', 'plain'],
  ] as const) {
    expect(await target.get(property, 'dst')).toBe(value);
  }
  expect(await sync('src', 'dst', '-r')).toMatchObject({ code: 0 });
});

scenario('a single file keeps a pool from being taken for an empty one', async (world) => {
  const { source, target, sync } = world;
  await fill(world);
  await target.write('dst', 'mine', 'do not lose this');

  const run = await sync('src', 'dst', '-r');

  expect(run.code).toBe(0);
  expect(run.err).toMatch(
    /src itself \(.*\) is not copied, only what is below it: \S*dst is a pool with something/,
  );
  expect(await target.read('dst', 'mine')).toBe('do not lose this');
  await equal(world, 'src', 'dst', tree.slice(1));
  expect(await source.history('src')).toEqual([]);
  expect(await target.get('readonly', 'dst/home/ann')).toBe('on');
  expect(await target.get('readonly', 'dst')).toBe('off');
  expect(await target.get('zferry:id', 'dst/home/ann')).toMatch(/^[a-z0-9]{6}$/);
  expect(await target.get('zferry:id', 'dst')).toBe('-');

  const next = await sync('src', 'dst', '-r', '--mount');
  expect(next.code).toBe(0);
  await equal(world, 'src', 'dst', tree.slice(1));
  expect(await target.get('overlay', 'dst')).toBe('on');
  expect(await target.get('mounted', 'dst/home/ann')).toBe('yes');
});

scenario(
  'what is written to an empty pool at the last moment is not lost, nor what uses it disturbed',
  async (world) => {
    const { source, target, sync } = world;
    await fill(world);
    await source.intercept('snapshot', 'ssh b \'echo late > /dst/mine\'; real "$@"');

    const run = await sync('src', 'dst', '-r');

    expect(run.err).toContain('Something was written to the pool dst after it was found to be empty');
    expect(run.code).not.toBe(0);
    expect(await target.read('dst', 'mine')).toBe('late\n');
    expect(await target.get('mounted', 'dst')).toBe('yes');

    await source.letPass();
    await target.sh('rm /dst/mine; cd /dst && { sleep 60 >/dev/null 2>&1 & echo $! > /root/user; }');
    const busy = await sync('src', 'dst', '-r');
    await target.sh('kill $(cat /root/user)');
    expect(busy.code).not.toBe(0);
    expect(busy.err).toMatch(/Making sure that nothing is in the pool dst failed on b: .*using it/);
    expect(await sync('src', 'dst', '-r')).toMatchObject({ code: 0 });
    await equal(world, 'src', 'dst');
  },
);

fullScenario(
  'what is no whole pool, onto one in use: refused, with the name that would do',
  async (world) => {
    const { source, target, sync } = world;
    await fill(world);
    await target.zfs('create', 'dst/other');
    const before = await world.everything();

    const run = await sync('src/home', 'dst', '-r');
    expect(run.code).toBe(4);
    expect(run.err).toContain('give dst/home as the target');
    const single = await sync('src', 'dst');
    expect(single.code).toBe(4);
    expect(await world.everything()).toEqual(before);
    expect(await source.history('src/home')).toEqual([]);
  },
);

fullScenario('a pool below a dataset, and back into a new pool', async (world) => {
  const { source, target, sync } = world;
  await fill(world);
  expect(await sync('src', 'dst/backup/src', '-r')).toMatchObject({ code: 0 });
  await equal(world, 'src', 'dst/backup/src');

  await source.zpool('destroy', 'src');
  await source.zpool('create', '-f', 'src', '/dev/disk/by-id/virtio-disk0');
  const back = await world.zferry('sync', '-r', '{target}dst/backup/src', '{source}src');
  expect(back).toMatchObject({ code: 0 });
  for (const name of tree) {
    expect(await source.history(`src${name}`)).toEqual(await target.history(`dst/backup/src${name}`));
  }
});

scenario('an encrypted root cannot take the place of another: what is below it goes', async (world) => {
  const { source, target, sync } = world;
  await source.zpool('destroy', 'src');
  await source.sh(
    'printf "12345678\\n12345678\\n" | zpool create -f -O encryption=on -O keyformat=passphrase src /dev/disk/by-id/virtio-disk0',
  );
  await fill(world);

  const run = await sync('src', 'dst', '-r');

  expect(run.code).toBe(0);
  expect(run.err).toContain('ZFS does not let an encrypted root take the place of another');
  await equal(world, 'src', 'dst', tree.slice(1));
  expect(await target.get('encryption', 'dst/home')).not.toBe('off');
  expect(await target.get('keystatus', 'dst/home/ann')).toBe('unavailable');
});
