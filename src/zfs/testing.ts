import { deflateSync } from 'node:zlib';
import { datasetProperties } from './list-args.ts';

/** What `zfs get` prints of a plain, clean filesystem but for what is given; of a property of ours, its value and source. */
export function printedDataset(
  differs: Readonly<
    Partial<Record<(typeof datasetProperties)[number], string | readonly [value: string, source: string]>>
  >,
): string {
  const usual: typeof differs = {
    type: 'filesystem',
    guid: '1000',
    createtxg: '1',
    used: '9',
    available: '9',
    referenced: '9',
    written: '0',
    readonly: 'off',
    mounted: 'no',
    encryption: 'off',
    inconsistent: '0',
    keyguid: '0',
    pbkdf2salt: '0',
  };
  return datasetProperties
    .map((property) => {
      const [value, source] = [differs[property] ?? usual[property] ?? '-'].flat();
      return `${property}\t${value}\t${source ?? '-'}\n`;
    })
    .join('');
}

/** A resume token as OpenZFS makes it, for what it says. */
export function resumeToken(says: {
  readonly to: string;
  readonly toName: string;
  readonly from?: string;
  readonly bytes?: number;
  readonly raw?: boolean;
}): string {
  return tokenOf([
    ...(says.from === undefined ? [] : [number('fromguid', says.from)]),
    number('object', 2),
    number('offset', 131_072),
    number('bytes', says.bytes ?? 131_384),
    number('toguid', says.to),
    text('toname', says.toName),
    ...(says.raw ? [flag('rawok')] : []),
  ]);
}

/** A token of any names and values, with a checksum and a length that are right. */
export function tokenOf(pairs: readonly Buffer[], packed?: Buffer): string {
  const list = nvlist(pairs);
  const payload = packed ?? deflateSync(list);
  let sum = 0n;
  for (let at = 0; at + 4 <= payload.length; at += 4) sum += BigInt(payload.readUInt32LE(at));
  return `1-${sum.toString(16)}-${list.length.toString(16)}-${payload.toString('hex')}`;
}

export function nvlist(pairs: readonly Buffer[]): Buffer {
  return Buffer.concat([Buffer.from([0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]), ...pairs, Buffer.alloc(4)]);
}

export function number(name: string, value: string | number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return pair(name, 8, bytes);
}

export function text(name: string, value: string): Buffer {
  return pair(name, 9, Buffer.from(`${value}\0`));
}

export function flag(name: string): Buffer {
  return pair(name, 1, Buffer.alloc(0));
}

/** A name with its value, as an nvlist has it in memory: each part begins at a multiple of eight. */
function pair(name: string, type: number, value: Buffer): Buffer {
  const aligned = (size: number): number => (size + 7) & ~7;
  const start = aligned(16 + name.length + 1);
  const bytes = Buffer.alloc(aligned(start + value.length));
  bytes.writeInt32LE(bytes.length, 0);
  bytes.writeInt16LE(name.length + 1, 4);
  bytes.writeInt32LE(1, 8);
  bytes.writeInt32LE(type, 12);
  bytes.write(name, 16);
  value.copy(bytes, start);
  return bytes;
}
