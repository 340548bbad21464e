import { describe, expect, test } from 'vitest';
import { readNativeList } from './native-nvlist.ts';

/** Two pairs as a machine of that byte order has them in memory: a number, a text, a name without a value, an array. */
function list(little: boolean): Buffer {
  const number = Buffer.alloc(8);
  if (little) number.writeBigUInt64LE(2n ** 64n - 2n);
  else number.writeBigUInt64BE(2n ** 64n - 2n);
  return Buffer.concat([
    Buffer.from([0, little ? 1 : 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
    pair(little, 'toguid', 8, number),
    pair(little, 'name', 9, Buffer.from('tank/a@b\0')),
    pair(little, 'rawok', 1, Buffer.alloc(0)),
    pair(little, 'snaps', 17, number),
    Buffer.alloc(4),
  ]);
}

function pair(little: boolean, name: string, type: number, value: Buffer): Buffer {
  const start = Math.ceil((16 + name.length + 1) / 8) * 8;
  const bytes = Buffer.alloc(Math.ceil((start + value.length) / 8) * 8);
  const write = (number: number, at: number) =>
    little ? bytes.writeInt32LE(number, at) : bytes.writeInt32BE(number, at);
  write(bytes.length, 0);
  if (little) bytes.writeInt16LE(name.length + 1, 4);
  else bytes.writeInt16BE(name.length + 1, 4);
  write(type, 12);
  bytes.write(name, 16);
  value.copy(bytes, start);
  return bytes;
}

test.each([
  ['little', true],
  ['big', false],
])('reads what a machine with its %s end first has packed', (_, little) => {
  const packed = list(little);
  const { values, length } = readNativeList(Buffer.concat([packed, Buffer.from('more')]));
  expect([...values]).toEqual([
    ['toguid', 2n ** 64n - 2n],
    ['name', 'tank/a@b'],
    ['rawok', true],
    ['snaps', undefined],
  ]);
  expect(length).toBe(packed.length);
});

test('reads a list without pairs, a pair of the shortest name, and one that ends with the buffer', () => {
  const head = Buffer.from([0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  expect(readNativeList(Buffer.concat([head, Buffer.alloc(4)]))).toEqual({ values: new Map(), length: 16 });
  const flag = pair(true, '', 1, Buffer.alloc(0));
  expect([...readNativeList(Buffer.concat([head, flag, Buffer.alloc(4)])).values]).toEqual([['', true]]);
});

describe('what is no list is refused', () => {
  /** The list above with one 16-bit number changed. */
  const changed = (at: number, value: number): Buffer => {
    const packed = list(true);
    packed.writeInt16LE(value, at);
    return packed;
  };
  const short = pair(true, 'toguid', 8, Buffer.alloc(0));
  const endless = pair(true, 'name', 9, Buffer.from('abcdefgh'));
  const head = list(true).subarray(0, 12);
  test.each([
    ['nothing', Buffer.alloc(0), 'no nvlist'],
    ['less than a head', Buffer.alloc(11), 'no nvlist'],
    ['another encoding', changed(0, 0x0101), 'no nvlist'],
    ['only a head', head, 'ends too early'],
    ['no end', list(true).subarray(0, -4), 'ends too early'],
    ['half an end', list(true).subarray(0, -1), 'ends too early'],
    ['a pair shorter than its head', changed(12, 15), 'wrong size'],
    ['a pair of a negative size', changed(14, -1), 'wrong size'],
    ['a pair beyond the end', changed(12, 4000), 'a pair in it has a wrong size'],
    ['a name of no size', changed(16, 0), 'a name in it has a wrong size'],
    ['a name of a negative size', changed(16, -3), 'a name in it has a wrong size'],
    ['a name beyond its pair', changed(16, 17), 'a name in it has a wrong size'],
    ['a number of no bytes', Buffer.concat([head, short, Buffer.alloc(4)]), 'too short'],
    ['a text without its end', Buffer.concat([head, endless, Buffer.alloc(4)]), 'no end'],
  ])('%s', (_, packed, why) => {
    expect(() => readNativeList(packed)).toThrow(
      expect.objectContaining({ code: 'bad-output', message: expect.stringContaining(why) }),
    );
  });
});
