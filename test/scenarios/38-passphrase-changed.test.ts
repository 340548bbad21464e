import { expect } from 'vitest';
import { scenario, type World } from '../world/scenario.ts';

const key = ['-o', 'encryption=on', '-o', 'keyformat=passphrase', '-o', 'keylocation=file:///root/key'];

async function secrets({ source, target }: World): Promise<void> {
  const both = 'echo correct horse > /root/key; echo another horse > /root/other';
  await Promise.all([source.sh(both), target.sh(both)]);
  await source.zfs('create', ...key, 'src/secret');
  await source.zfs('create', 'src/secret/below');
  await source.write('src/secret/below', 'file', 'one');
}

scenario(
  'the passphrase is changed on the source: the next increment of each dataset brings it',
  async (world) => {
    const { source, target, sync } = world;
    await secrets(world);
    expect(await sync('src/secret', 'dst/copy', '-r')).toMatchObject({ code: 0 });
    await source.zfs('change-key', '-o', 'keylocation=file:///root/other', 'src/secret');
    await source.write('src/secret/below', 'file', 'two');
    const run = await sync('src/secret', 'dst/copy', '-r');
    expect(run).toMatchObject({ code: 0, err: expect.not.stringContaining('cannot be opened') });
    for (const name of ['dst/copy', 'dst/copy/below'])
      await target.zfs('load-key', '-L', 'file:///root/other', name);
    expect(await sync('src/secret', 'dst/copy', '-r', '--mount')).toMatchObject({ code: 0 });
    expect(await target.read('dst/copy/below', 'file')).toBe('two');
  },
);

scenario(
  'a child that inherits its key there goes without its root: said, until the root goes, too',
  async (world) => {
    const { source, target, sync, zferry } = world;
    await secrets(world);
    // As other tools send a tree: below there shares the key of its parent.
    await source.zfs('snapshot', '-r', 'src/secret@hand');
    const stream = await source.sh('zfs send -Rw src/secret@hand | base64 -w 0');
    await target.sh('base64 -d | zfs receive -u dst/copy', stream);
    expect(await zferry('adopt', '-r', '{source}src/secret', '{target}dst/copy')).toMatchObject({ code: 0 });
    expect(await target.get('encryptionroot', 'dst/copy/below')).toBe('dst/copy');
    await source.zfs('change-key', '-o', 'keylocation=file:///root/other', 'src/secret');
    await source.write('src/secret/below', 'file', 'two');
    await source.zfs('snapshot', 'src/secret/below@alone');

    for (let i = 0; i < 2; i++) {
      const alone = await sync('src/secret', 'dst/copy', '-r', '--no-snapshot');
      expect(alone).toMatchObject({
        code: 0,
        err: expect.stringContaining('dst/copy/below cannot be opened'),
      });
    }
    const both = await sync('src/secret', 'dst/copy', '-r');
    expect(both).toMatchObject({ code: 0, err: expect.not.stringContaining('cannot be opened') });
    await target.zfs('load-key', '-L', 'file:///root/other', 'dst/copy');
    expect(await sync('src/secret', 'dst/copy', '-r', '--mount')).toMatchObject({ code: 0 });
    expect(await target.read('dst/copy/below', 'file')).toBe('two');
  },
);
