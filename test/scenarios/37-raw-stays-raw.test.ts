import { expect } from 'vitest';
import { asides } from '../world/diverged.ts';
import { fullScenario, scenario, type World } from '../world/scenario.ts';

const key = ['-o', 'encryption=on', '-o', 'keyformat=passphrase', '-o', 'keylocation=file:///root/key'];

async function secret({ source, target }: World): Promise<void> {
  await source.sh('echo correct horse > /root/key');
  await target.sh('echo another horse > /root/key');
  await source.zfs('create', ...key, 'src/secret');
  await source.write('src/secret', 'file', 'the secret');
}

const sends = (run: { commands: string[] }) => run.commands.filter((line) => line.includes('zfs send'));

scenario(
  'a raw copy and a plain run: refused before anything is sent; set aside on request',
  async (world) => {
    const { source, target, sync } = world;
    await secret(world);
    expect(await sync('src/secret', 'dst/copy')).toMatchObject({ code: 0 });
    await source.write('src/secret', 'file', 'changed');

    const run = await sync('src/secret', 'dst/copy', '--raw', 'no');
    expect(run).toMatchObject({ code: 4, err: expect.stringContaining('was received raw') });
    expect(run.err).toContain('--raw auto');
    expect(sends(run)).toEqual([]);

    expect(await sync('src/secret', 'dst/copy', '--raw', 'no', '--on-divergence', 'set-aside')).toMatchObject(
      { code: 0 },
    );
    expect(await asides(target)).toHaveLength(1);
    expect(await target.get('encryption', 'dst/copy')).toBe('off');
  },
);

fullScenario('a plain copy and a raw run: refused; in plain it goes on', async (world) => {
  const { source, target, sync } = world;
  await secret(world);
  const first = await sync('src/secret', 'dst/copy', '--raw', 'no');
  expect(first).toMatchObject({ code: 0, err: expect.stringContaining('sent IN PLAIN, as asked') });
  await source.write('src/secret', 'file', 'changed');

  const run = await sync('src/secret', 'dst/copy');
  expect(run).toMatchObject({ code: 4, err: expect.stringContaining('was received in plain') });
  expect(sends(run)).toEqual([]);
  expect(await sync('src/secret', 'dst/copy', '--raw', 'no', '--mount')).toMatchObject({ code: 0 });
  expect(await target.read('dst/copy', 'file')).toBe('changed');
});

fullScenario(
  'in plain below an encrypted parent it is encrypted there; its key tells the two apart',
  async (world) => {
    const { source, target, sync } = world;
    await secret(world);
    await target.zfs('create', ...key, 'dst/safe');
    const preview = await sync('src/secret', 'dst/safe/copy', '--raw', 'no', '--dry-run');
    expect(preview.out).toContain('encrypted there with the key of its parent');
    expect(await sync('src/secret', 'dst/safe/copy', '--raw', 'no')).toMatchObject({ code: 0 });
    expect(await target.get('encryptionroot', 'dst/safe/copy')).toBe('dst/safe');

    // Nobody remembers how it came.
    await target.zfs('inherit', 'zferry:mode', 'dst/safe/copy');
    await source.write('src/secret', 'file', 'changed');
    const run = await sync('src/secret', 'dst/safe/copy');
    expect(run).toMatchObject({ code: 4, err: expect.stringContaining('was received in plain') });
    await target.sh('zfs unmount dst/safe; zfs unload-key dst/safe');
    const locked = await sync('src/secret', 'dst/safe/copy', '--raw', 'no');
    expect(locked).toMatchObject({ code: 1, err: expect.stringContaining('zfs load-key') });
  },
);

fullScenario(
  'what must be raw is not sent where it is not encrypted, nor in plain without its key',
  async (world) => {
    const { source, target, sync } = world;
    await secret(world);
    await source.zfs('create', 'src/open');
    const run = await sync('src/open', 'dst/open', '--raw', 'yes');
    expect(run).toMatchObject({ code: 1, err: expect.stringContaining('src/open is not encrypted') });
    await source.zfs('unmount', 'src/secret');
    await source.zfs('unload-key', 'src/secret');
    const locked = await sync('src/secret', 'dst/copy', '--raw', 'no');
    expect(locked).toMatchObject({ code: 1, err: expect.stringContaining('zfs load-key src/secret') });
    expect(await target.everything()).toHaveLength(1);
  },
);

scenario('a raw copy that was written to in between: what ZFS says of it is explained', async (world) => {
  const { source, target, sync } = world;
  await secret(world);
  await target.sh('echo correct horse > /root/key');
  expect(await sync('src/secret', 'dst/copy', '--no-snapshot')).toMatchObject({ code: 1 });
  await source.zfs('snapshot', 'src/secret@one');
  expect(await sync('src/secret', 'dst/copy', '--no-snapshot')).toMatchObject({ code: 0 });
  await source.zfs('snapshot', 'src/secret@two');
  // A plain increment onto a raw copy ends its being one.
  await target.zfs('load-key', '-L', 'file:///root/key', 'dst/copy');
  const stream = await source.sh('zfs send -i @one src/secret@two | base64 -w 0');
  await target.sh('base64 -d | zfs receive -u dst/copy', stream);
  await source.zfs('snapshot', 'src/secret@three');

  const run = await sync('src/secret', 'dst/copy', '--no-snapshot');
  expect(run).toMatchObject({
    code: 4,
    err: expect.stringContaining('did not arrive raw; the newest that did is @one'),
  });
  const healed = await sync('src/secret', 'dst/copy', '--no-snapshot', '--on-divergence', 'set-aside');
  expect(healed).toMatchObject({ code: 0 });
  expect(await target.history('dst/copy')).toEqual(await source.history('src/secret'));
});
