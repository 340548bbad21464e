import { expect, test } from 'vitest';
import { parseEncrypt } from './encrypt.ts';
import type { Side } from './side.ts';
import { planSync } from './sync-plan.ts';
import { dataset, side, syncOptions } from './testing.ts';

const embedding = (one: Side): Side => ({
  ...one,
  pool: { ...one.pool, features: new Map([['embedded_data', 'active']]) },
});
const source = embedding(side('t/s', [dataset('t/s', '@a,1'), dataset('t/s/below', '@a,2')]));
const encrypt = parseEncrypt('file:///root/key');
const plan = (...there: Parameters<typeof dataset>[]) =>
  planSync(
    source,
    embedding(
      side(
        'n/c',
        there.map((one) => dataset(...one)),
      ),
    ),
    syncOptions({ snapshot: 'no', encrypt }),
    new Set(),
  ).datasets.map(({ decision }) => decision);

test('a key is where the target can read it', () => {
  expect(parseEncrypt('raw:file:///root/k')).toEqual({ keyformat: 'raw', keylocation: 'file:///root/k' });
  expect(parseEncrypt('hex:https://keys/k')).toEqual({ keyformat: 'hex', keylocation: 'https://keys/k' });
  expect(parseEncrypt('http://keys/k')).toEqual({ keyformat: 'passphrase', keylocation: 'http://keys/k' });
  const next =
    'for instance --encrypt file:///root/backup.key, or --encrypt raw:file:///root/backup.key (a file on the target)';
  expect(() => parseEncrypt('prompt')).toThrow(
    expect.objectContaining({
      code: 'usage',
      message: 'Nobody can be asked for a key while a stream is received',
      next,
    }),
  );
  for (const bad of [
    '/root/key',
    'file://key',
    'file:///',
    'xfile:///k',
    'file:///k\n',
    'file:///a b',
    'ftp://k',
    '',
  ]) {
    expect(() => parseEncrypt(bad)).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: `"${bad}" is not where a key can be on the target's host: file:///…`,
        next,
      }),
    );
  }
  expect(() => parseEncrypt('hex:')).toThrow('"" is not where a key can be');
  expect(() => parseEncrypt('odd:file:///k')).toThrow('"odd:file:///k" is not where a key can be');
});

test('the top has the key, those below inherit it; no embedded blocks go there', () => {
  const [top, below] = plan();
  expect(top).toMatchObject({
    secrecy: 'its own key',
    properties: { encryption: 'on', keyformat: 'passphrase', keylocation: 'file:///root/key' },
    flags: { embedded: false },
  });
  expect(below).toMatchObject({ secrecy: 'by its parent', flags: { embedded: false } });
  expect(below).not.toHaveProperty(['properties', 'encryption']);
});

test('a copy that is there and is not encrypted cannot be', () => {
  expect(plan(['n/c', '@a,1'], ['n/c/below', '@a,2'])[0]).toMatchObject({ kind: 'up-to-date' });
  const more = side('t/s', [dataset('t/s', '@a,1 @b,3')]);
  const { datasets } = planSync(
    more,
    side('n/c', [dataset('n/c', '@a,1')]),
    syncOptions({ snapshot: 'no', encrypt }),
    new Set(),
  );
  expect(datasets[0]?.decision).toMatchObject({
    kind: 'blocked',
    reason: expect.stringContaining('is not encrypted'),
  });
});
