import { expect } from 'vitest';
import { scenario } from '../world/scenario.ts';

scenario(
  'a plain tree is encrypted where it arrives, placeholders included, and goes on by increments',
  async (world) => {
    const { source, target, sync } = world;
    await target.sh('echo target horse > /root/key');
    for (const name of ['src/data', 'src/data/below', 'src/other', 'src/other/only'])
      await source.zfs('create', name);
    await source.write('src/data/below', 'file', 'secret now');
    const encrypt = ['--encrypt', 'file:///root/key'];

    const first = await sync('src/data', 'dst/copy', '-r', ...encrypt);
    expect(first, first.err).toMatchObject({ code: 0 });
    for (const name of ['dst/copy', 'dst/copy/below']) {
      expect(await target.get('encryption', name)).toBe('aes-256-gcm');
      expect(await target.get('encryptionroot', name)).toBe('dst/copy');
    }
    await source.write('src/data/below', 'more', 'more');
    expect(await sync('src/data', 'dst/copy', '-r', '--mount')).toMatchObject({ code: 0 });
    expect(await target.read('dst/copy/below', 'more')).toBe('more');

    await source.zfs('snapshot', 'src/other/only@one');
    expect(await sync('src/other', 'dst/other', '-r', '--no-snapshot', ...encrypt)).toMatchObject({
      code: 0,
    });
    expect(await target.get('encryptionroot', 'dst/other/only')).toBe('dst/other');

    await target.sh('zfs unmount dst/copy/below; zfs unmount dst/copy; zfs unload-key dst/copy');
    await source.write('src/data', 'more', 'more');
    const locked = await sync('src/data', 'dst/copy', '-r');
    expect(locked).toMatchObject({ code: 1, err: expect.stringContaining('load-key') });

    const late = await sync('src/data', 'dst/plain');
    expect(late).toMatchObject({ code: 0 });
    await source.write('src/data', 'more', 'again');
    const refused = await sync('src/data', 'dst/plain', ...encrypt);
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('is not encrypted') });
    const nowhere = await sync('src/data', 'dst/third', '--encrypt', 'file:///root/none');
    expect(nowhere.code).toBe(1);
    expect(nowhere.err).toContain('Failed to open key material file');
  },
);
