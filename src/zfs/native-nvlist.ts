import { ZferryError } from './failure.ts';

/** A number, a text, or `true` for a name without a value; of other types only that they are there. */
export type NativeValue = bigint | string | true | undefined;

/** Types of values, from sys/nvpair.h. */
const types = { flag: 1, uint64: 8, text: 9 } as const;

/** Bytes before a pair's name: size, name's size, reserved, count of elements, type. */
const pairHeader = 16;

/**
 * The pairs of an nvlist in its native encoding: laid out as the machine that packed it has it in memory, its byte
 * order in the second byte.
 * @returns the values by name, and how many bytes were read
 * @throws ZferryError `bad-output`
 * @see https://github.com/openzfs/zfs/blob/zfs-2.3.0/module/nvpair/nvpair.c nvs_native
 */
export function readNativeList(packed: Buffer): {
  readonly values: ReadonlyMap<string, NativeValue>;
  readonly length: number;
} {
  const [encoding, endian] = packed;
  if (packed.length < 12 || encoding !== 0) throw unreadable('it is no nvlist in native encoding');
  const little = endian === 1;
  const int32 = (at: number): number => (little ? packed.readInt32LE(at) : packed.readInt32BE(at));
  const values = new Map<string, NativeValue>();
  let at = 12;
  for (;;) {
    if (at + 4 > packed.length) throw unreadable('it ends too early');
    const size = int32(at);
    if (size === 0) return { values, length: at + 4 };
    if (size < pairHeader || at + size > packed.length) throw unreadable('a pair in it has a wrong size');
    const pair = packed.subarray(at, at + size);
    const nameSize = little ? pair.readInt16LE(4) : pair.readInt16BE(4);
    const value = align(pairHeader + nameSize);
    if (nameSize < 1 || pairHeader + nameSize > size) throw unreadable('a name in it has a wrong size');
    const name = textOf(pair.subarray(pairHeader, pairHeader + nameSize));
    values.set(name, valueOf(int32(at + 12), pair.subarray(Math.min(value, size)), little));
    at += size;
  }
}

function valueOf(type: number, bytes: Buffer, little: boolean): NativeValue {
  switch (type) {
    case types.flag:
      return true;
    case types.uint64:
      if (bytes.length < 8) throw unreadable('a number in it is too short');
      return little ? bytes.readBigUInt64LE() : bytes.readBigUInt64BE();
    case types.text:
      return textOf(bytes);
    default:
      return undefined;
  }
}

function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  if (end === -1) throw unreadable('a text in it has no end');
  return bytes.toString('utf8', 0, end);
}

function align(size: number): number {
  return (size + 7) & ~7;
}

function unreadable(what: string): ZferryError {
  return new ZferryError({ code: 'bad-output', message: what });
}
