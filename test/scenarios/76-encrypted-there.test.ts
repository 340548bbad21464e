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

scenario(
  'nothing plain lands in clear below a placeholder that was made without the key',
  async ({ source, target, sync, zferry }) => {
    await target.sh('echo target horse > /root/key; echo source horse > /root/other');
    const key = ['-o', 'encryption=on', '-o', 'keyformat=passphrase', '-o', 'keylocation=file:///root/key'];
    await target.zfs('create', ...key, 'dst/safe');
    await target.sh('zfs unmount dst/safe; zfs unload-key dst/safe');
    await source.sh('echo source horse > /root/key');
    await source.zfs('create', ...key, 'src/foo');
    await source.zfs('create', 'src/plain');

    const raw = await sync('src/foo', 'dst/safe/office/foo');
    expect(raw.code).toBe(0);
    expect(raw.err).toContain('the placeholder dst/safe/office is made without encryption on b');

    const words = ['src/plain', 'dst/safe/office/plain'] as const;
    const locked = await sync(...words);
    expect(locked.code).toBe(1);
    expect(locked.err).toContain('would land in clear below the encrypted dst/safe');
    await target.zfs('load-key', 'dst/safe');
    const open = await sync(...words);
    expect(open.code).toBe(1);
    expect((await sync('src/plain', 'dst/safe/office')).err).toContain('would land in clear');

    // The advice, word by word, until all is in step.
    const [, advice = ''] = /make it anew, encrypted: (.*)$/m.exec(open.err) ?? [];
    await target.sh(advice);
    expect((await sync(...words)).code).toBe(0);
    expect(await target.get('encryptionroot', 'dst/safe/office/plain')).toBe('dst/safe');
    const again = await zferry('sync', '-v', '{source}src/foo', '{target}dst/safe/office/foo');
    expect(again.code).toBe(0);
    expect(again.commands.find((line) => line.includes('zfs send'))).toContain(' -i ');
  },
);
