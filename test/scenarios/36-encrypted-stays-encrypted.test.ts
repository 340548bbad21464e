import { expect } from 'vitest';
import { scenario } from '../world/scenario.ts';

scenario('an encrypted source arrives raw: the target has no key and mounts nothing', async (world) => {
  const { source, target, sync } = world;
  const key = ['-o', 'encryption=on', '-o', 'keyformat=passphrase', '-o', 'keylocation=file:///root/key'];
  await source.sh('echo correct horse > /root/key');
  await source.zfs('create', ...key, 'src/secret');
  await source.zfs('create', 'src/secret/below');
  await source.write('src/secret', 'file', 'the secret');

  expect(await sync('src/secret', 'dst/secret', '-r')).toMatchObject({ code: 0 });
  await source.write('src/secret/below', 'file', 'another');
  const run = await sync('src/secret', 'dst/secret', '-r', '--mount');

  expect(run.code).toBe(0);
  expect(run.commands.filter((line) => line.includes('zfs send'))).toEqual(
    Array.from({ length: 2 }, () => expect.stringContaining('-w -i')),
  );
  for (const name of ['secret', 'secret/below']) {
    expect(await target.history(`dst/${name}`)).toEqual(await source.history(`src/${name}`));
    expect(await target.get('encryption', `dst/${name}`)).toBe('aes-256-gcm');
    expect(await target.get('keystatus', `dst/${name}`)).toBe('unavailable');
    expect(await target.get('mounted', `dst/${name}`)).toBe('no');
  }

  // Received one by one, each is an encryption root of its own there.
  await target.sh(
    'for d in dst/secret dst/secret/below; do echo correct horse | zfs load-key -L prompt $d; done',
  );
  expect(await sync('src/secret', 'dst/secret', '-r', '--mount')).toMatchObject({ code: 0 });
  expect(await target.read('dst/secret', 'file')).toBe('the secret');
});
