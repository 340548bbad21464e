import { expect } from 'vitest';
import { asides } from '../world/diverged.ts';
import { fullScenario, scenario, type World } from '../world/scenario.ts';

/** ZFS moves no encrypted dataset out of its encryption root: what that means for what is set aside. */
const encrypt = ['--encrypt', 'file:///root/key'] as const;

async function withKey({ source, target }: World): Promise<void> {
  for (const side of [source, target]) await side.sh('echo correct horse > /root/key');
}

scenario('an encrypted tree that is reset: what cannot come back is sent again', async (world) => {
  const { source, target, sync, zferry } = world;
  await withKey(world);
  await source.zfs('create', '-p', 'src/data/x/y');
  await source.write('src/data/x', 'file', 'x');
  expect(await sync('src/data', 'dst/copy', '-r', ...encrypt)).toMatchObject({ code: 0 });
  expect(await zferry('reset', '--yes', '{target}dst/copy')).toMatchObject({ code: 0 });

  const run = await sync('src/data', 'dst/copy', '-r', ...encrypt);

  expect(run, run.err).toMatchObject({ code: 0 });
  for (const name of ['', '/x', '/x/y']) {
    expect((await target.history(`dst/copy${name}`)).at(-1)).toBe(
      (await source.history(`src/data${name}`)).at(-1),
    );
    expect(await target.get('encryptionroot', `dst/copy${name}`)).toBe('dst/copy');
  }
  expect(await asides(target)).toHaveLength(1);
  const next = await sync('src/data', 'dst/copy', '-r', ...encrypt);
  expect(next, next.err).toMatchObject({ code: 0 });
  expect(
    next.commands.filter((line) => line.includes('zfs send')).every((line) => / -[iI] /.test(line)),
  ).toBe(true);
});

fullScenario(
  'a raw tree with a clone in it, set aside: the clone is sent again, by what it does not share',
  async (world) => {
    const { source, target, sync } = world;
    await withKey(world);
    const key = ['-o', 'encryption=on', '-o', 'keyformat=passphrase', '-o', 'keylocation=file:///root/key'];
    await source.zfs('create', ...key, 'src/data');
    await source.zfs('create', 'src/data/o');
    await source.fill('src/data/o', 'file', 3_000_000);
    await source.zfs('snapshot', 'src/data/o@one');
    await source.zfs('clone', 'src/data/o@one', 'src/data/c');
    await source.write('src/data/c', 'own', 'own');
    expect(await sync('src/data', 'dst/copy', '-r')).toMatchObject({ code: 0 });
    await target.zfs('snapshot', 'dst/copy@mine');

    const run = await sync('src/data', 'dst/copy', '-r', '--on-divergence', 'set-aside');

    expect(run, run.err).toMatchObject({ code: 0 });
    for (const name of ['', '/o', '/c']) {
      expect((await target.history(`dst/copy${name}`)).at(-1)).toBe(
        (await source.history(`src/data${name}`)).at(-1),
      );
    }
    expect(await target.get('origin', 'dst/copy/c')).toMatch(/^dst\/copy\/o@/);
    expect(Number(await target.get('used', 'dst/copy/c'))).toBeLessThan(1_000_000);
    const next = await sync('src/data', 'dst/copy', '-r');
    expect(next, next.err).toMatchObject({ code: 0 });
  },
);

fullScenario('a middle that is left out of a raw tree only holds what is below it', async (world) => {
  const { source, target, sync } = world;
  await withKey(world);
  const key = ['-o', 'encryption=on', '-o', 'keyformat=passphrase', '-o', 'keylocation=file:///root/key'];
  await source.zfs('create', ...key, 'src/data');
  await source.zfs('create', '-p', 'src/data/mid/leaf');
  await source.zfs('set', 'zferry:sync=off', 'src/data/mid');
  await source.zfs('set', 'zferry:sync=on', 'src/data/mid/leaf');

  const run = await sync('src/data', 'dst/copy', '-r');

  expect(run, run.err).toMatchObject({ code: 0 });
  expect(await target.history('dst/copy/mid/leaf')).toEqual(await source.history('src/data/mid/leaf'));
  expect(await target.get('keystatus', 'dst/copy/mid/leaf')).toBe('unavailable');
  expect(await sync('src/data', 'dst/copy', '-r')).toMatchObject({ code: 0 });
});

fullScenario('a key that was loaded is loaded again where it can be', async (world) => {
  const { source, target, sync } = world;
  await withKey(world);
  await source.zfs('create', '-p', 'src/data/x');
  expect(await sync('src/data', 'dst/copy', '-r', ...encrypt)).toMatchObject({ code: 0 });
  expect(await target.get('keystatus', 'dst/copy')).toBe('available');
  await target.zfs('snapshot', 'dst/copy@mine');

  const run = await sync('src/data', 'dst/copy', '-r', '--on-divergence', 'set-aside');

  expect(run, run.err).toMatchObject({ code: 0 });
  expect(await target.get('keystatus', 'dst/copy')).toBe('available');
  expect((await target.history('dst/copy/x')).at(-1)).toBe((await source.history('src/data/x')).at(-1));
});
