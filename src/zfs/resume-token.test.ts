import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isUnreadable, readResumeToken } from './resume-token.ts';
import { flag, number, nvlist, text, tokenOf } from './testing.ts';

/** Made by OpenZFS 2.3.9, with what its `zfs send -nvt` says of each. */
const real: readonly [string, string, object][] = [
  [
    'full plain (-Lce)',
    '1-d41754c1f-f0-789c636064000310a500c4ec50360710e72765a52697303030419460caa7a515a796806464e0f26c48f2499525a9c540da43460eabfe92fcf4d2cc14060656eee37a010a354f3490e439c1f27989b9a90c0cc545c9fa890ec5865067304840f5c3dc9d9a9b949a929f0d369f1b493c393fb7a028b5b8182805070095b01acb',
    { to: '16464069866513959685', toName: 'src/a@s1', from: undefined, bytes: 1973320, raw: false },
  ],
  [
    'incremental raw (-w -i)',
    '1-d92c345ef-118-789c636064000310a501c49c50360710a715e5e7a69766a63040419080db14d6c7cf9b15806c762475f94959a9c9250c0ccc507518f26969c5a925201919b83c1b927c5265496a3190ee5192c3aabf241fe28a7367ac753ad5f8766820c97382e5f312735319188a8b92f5531d8a8d60ee0599c3cd80f05f727e6e41516a71717e36444c02ea0e987c5162394c8a0100c6cc222c',
    {
      to: '13262580323247181006',
      toName: 'src/e@s2',
      from: '9504815151690682450',
      bytes: 1974924,
      raw: true,
    },
  ],
  [
    'second snapshot of a -I stream (-Lce -I @s1 s3, cut in s3)',
    '1-f0d7430b1-118-789c636064000310a501c49c50360710a715e5e7a69766a630404114dbc607df54fc7215806c762475f94959a9c9250c0c2c507518f26969c5a925201921b83c1b927c5265496a3190b69014c1aabf241fe20aeeacf31ff556fcb8af8124cf0996cf4bcc4d6560282e4ad64f74283686b95702aa1fe6bfd4dca4d494fc6cb0f9dc48e2c9f9b90545a9c5c5402938000045672412',
    {
      to: '16138834184261036555',
      toName: 'src/a@s3',
      from: '7876273441067828826',
      bytes: 1317176,
      raw: false,
    },
  ],
  [
    'full zvol (-Lce)',
    '1-10498d7252-f0-789c636064000310a500c4ec50360710e72765a5269740f80cd8e4d3d28a534b4032f270793624f9a4ca92d462207de2963c56fd25f9e9a599290c0c47fda2e705fdb00bd14092e704cbe725e6a63230141725eb9739141b429dc12001d50f73776a6e526a4a7e36d87c6e24f1e4fcdc82a2d4e262a0141c0000befa1d34',
    { to: '6070562381469798085', toName: 'src/v@s1', from: undefined, bytes: 2087624, raw: false },
  ],
  [
    'full plain cut after 700 bytes',
    '1-dc53027fc-f0-789c636064000310a500c4ec50360710e72765a5269740f80cd8e4d3d28a534b18e00024cf86249f5459925acc802a8facbf243fbd343385818195fbb85e8042cd130d24794eb07c5e626e2a03437151b27ea243b121cc1c09a87e98bb5373935253f2b3c1e673238927e7e71614a5161703a5e000003b8c1a2c',
    { to: '16464069866513959685', toName: 'src/a@s1', from: undefined, bytes: 0, raw: false },
  ],
];

describe('tokens that OpenZFS made', () => {
  test.each(real)('%s', (_, text, says) => {
    expect(readResumeToken(text)).toEqual({ text, ...says });
  });
});

const [, good = ''] = real[0] ?? [];
const parts = good.split('-');
const [version = '', checksum = '', length = '', hex = ''] = parts;
const changed = `${hex.slice(0, 40)}${hex[40] === '0' ? '1' : '0'}${hex.slice(41)}`;

test.each([
  ['nothing', '', 'its version is missing, not 1'],
  ['another version', ['2', checksum, length, hex].join('-'), 'its version is 2, not 1'],
  ['no payload', [version, checksum, length].join('-'), 'its payload is not hexadecimal'],
  ['no hexadecimal', [version, checksum, length, 'xyz'].join('-'), 'its payload is not hexadecimal'],
  ['something before', [version, checksum, length, `x${hex}`].join('-'), 'its payload is not hexadecimal'],
  ['something after', [version, checksum, length, `${hex}x`].join('-'), 'its payload is not hexadecimal'],
  ['half a byte', [version, checksum, length, hex.slice(1)].join('-'), 'its payload is not hexadecimal'],
  ['another checksum', [version, 'abc', length, hex].join('-'), 'its checksum is wrong'],
  ['a digit changed', [version, checksum, length, changed].join('-'), 'its checksum is wrong'],
  ['cut off', good.slice(0, -40), 'its checksum is wrong'],
  ['another length', [version, checksum, '10', hex].join('-'), 'its length is wrong'],
  ['no length', [version, checksum, '', hex].join('-'), 'its length is wrong'],
  [
    'what is not compressed',
    tokenOf([], Buffer.from('abcdefgh')),
    'its payload cannot be read: incorrect header check',
  ],
  [
    'what is no list',
    tokenOf([], deflateSync(Buffer.alloc(11))),
    'its payload cannot be read: it is no nvlist in native encoding',
  ],
])('%s is told as unreadable', (_, text, why) => {
  expect(readResumeToken(text)).toEqual({ unreadable: why });
});

describe('what it has to say', () => {
  const [to, toName, bytes] = [number('toguid', 7), text('toname', 'a@b'), number('bytes', 9)];
  const unknown = 'it does not say which snapshot it is for';

  test.each([
    ['no GUID', [toName, bytes], unknown],
    ['a GUID that is a text', [text('toguid', '7'), toName, bytes], unknown],
    ['a GUID that ZFS never gives', [number('toguid', 0), toName, bytes], 'Cannot read "0" as a GUID'],
    ['no name', [to, bytes], unknown],
    ['a name that is a number', [to, number('toname', 1), bytes], unknown],
    ['bytes that are a text', [to, toName, text('bytes', '9')], unknown],
  ])('%s: it is of no use', (_, pairs, why) => {
    const token = readResumeToken(tokenOf(pairs));
    expect(isUnreadable(token)).toBe(true);
    expect(token).toEqual({ unreadable: expect.stringContaining(why) });
  });

  test('what is missing beside that means the beginning, of a full stream in plain', () => {
    const made = tokenOf([to, toName]);
    const token = readResumeToken(made);
    expect(isUnreadable(token)).toBe(false);
    expect(token).toEqual({ text: made, to: '7', toName: 'a@b', from: undefined, bytes: 0, raw: false });
    expect(readResumeToken(tokenOf([to, toName, bytes, text('fromguid', '5'), flag('rawok')]))).toMatchObject(
      { from: undefined, bytes: 9, raw: true },
    );
  });
});

test.each([0, 1, 2, 3])('a checksum leaves out %i bytes at the end, and is of either byte order', (rest) => {
  const list = nvlist([number('toguid', 7), text('toname', 'a@b')]);
  // What follows the packed list is not looked at.
  const bare = deflateSync(list);
  const payload = Buffer.concat([bare, Buffer.alloc((4 - (bare.length % 4)) % 4, 1), Buffer.alloc(rest, 2)]);
  expect(payload.length % 4).toBe(rest);
  const words = Array.from({ length: Math.floor(payload.length / 4) }, (_, i) => i * 4);
  const little = words.reduce((sum, at) => sum + payload.readUInt32LE(at), 0);
  const big = words.reduce((sum, at) => sum + payload.readUInt32BE(at), 0);
  expect(little).not.toBe(big);
  for (const sum of [little, big]) {
    const made = `1-${sum.toString(16)}-${list.length.toString(16)}-${payload.toString('hex')}`;
    expect(readResumeToken(made)).toMatchObject({ to: '7', toName: 'a@b' });
  }
});

test('a small token that unpacks to more than a mebibyte is not unpacked', () => {
  const ofSize = (size: number): string => {
    const pairs = [number('toguid', 7), text('toname', 'a@b')];
    return tokenOf([...pairs, text('more', 'x'.repeat(size - nvlist(pairs).length - 25))]);
  };
  expect(readResumeToken(ofSize(1 << 20))).toMatchObject({ to: '7' });
  expect(readResumeToken(ofSize((1 << 20) + 8))).toEqual({
    unreadable: 'its payload cannot be read: Cannot create a Buffer larger than 1048576 bytes',
  });
});

test('whatever a target claims to be a token, it is read or said to be unreadable', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.nat(hex.length - 1),
      fc.constantFrom(...Array.from('0123456789abcdef')),
      (any, at, digit) => {
        readResumeToken(any);
        const payload = `${hex.slice(0, at)}${digit}${hex.slice(at + 1)}`;
        // With a checksum that is right, so that the payload itself is read.
        const bytes = Buffer.from(payload, 'hex');
        let sum = 0n;
        for (let i = 0; i + 4 <= bytes.length; i += 4) sum += BigInt(bytes.readUInt32LE(i));
        readResumeToken(`1-${sum.toString(16)}-${length}-${payload}`);
      },
    ),
  );
});
