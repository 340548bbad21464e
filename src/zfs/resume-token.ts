import { inflateSync } from 'node:zlib';
import { type Guid, parseGuid } from './guid.ts';
import { type NativeValue, readNativeList } from './native-nvlist.ts';

/**
 * What an interrupted `zfs receive -s` asks for. It is made by the receiver, so nothing in it is trusted before it has been
 * held against the source: a token can name another dataset, or leave out that a stream was raw (openzfs/zfs#14153).
 */
export type ResumeToken = {
  /** As `zfs send -t` takes it. */
  readonly text: string;
  /** The snapshot that was under way; of a stream with many only this one can be resumed. */
  readonly to: Guid;
  /** Its name at that time, `tank/a@b`. ZFS finds the snapshot by its GUID. */
  readonly toName: string;
  /** `undefined` for a full stream. */
  readonly from: Guid | undefined;
  /** Bytes of the stream that had arrived. */
  readonly bytes: number;
  readonly raw: boolean;
};

export type Unreadable = { readonly unreadable: string };

/**
 * Reads a token: `1-<checksum>-<length>-<hex of zlib of an nvlist>`, as `receive_resume_token` shows it.
 * One that cannot be read is an answer too: `zfs send -t` would say that it is corrupt.
 * @see https://github.com/openzfs/zfs/blob/zfs-2.3.0/module/zfs/dsl_dataset.c get_receive_resume_token_impl
 */
export function readResumeToken(text: string): ResumeToken | Unreadable {
  const [version, checksum, length, hex = ''] = text.split('-');
  if (version !== '1') return { unreadable: `its version is ${version || 'missing'}, not 1` };
  if (!/^([0-9a-f]{2})+$/.test(hex)) return { unreadable: 'its payload is not hexadecimal' };
  const packed = Buffer.from(hex, 'hex');
  if (!checksumsOf(packed).includes(checksum ?? '')) return { unreadable: 'its checksum is wrong' };
  try {
    const list = readNativeList(inflateSync(packed, { maxOutputLength: 1 << 20 }));
    if (Number.parseInt(length ?? '', 16) !== list.length) return { unreadable: 'its length is wrong' };
    return tokenOf(text, list.values);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { unreadable: `its payload cannot be read: ${why}` };
  }
}

export function isUnreadable(token: ResumeToken | Unreadable): token is Unreadable {
  return 'unreadable' in token;
}

function tokenOf(text: string, values: ReadonlyMap<string, NativeValue>): ResumeToken | Unreadable {
  const guidAt = (name: string): Guid | undefined => {
    const value = values.get(name);
    return typeof value === 'bigint' ? parseGuid(String(value)) : undefined;
  };
  const to = guidAt('toguid');
  const toName = values.get('toname');
  const bytes = values.get('bytes') ?? 0n;
  if (to === undefined || typeof toName !== 'string' || typeof bytes !== 'bigint') {
    return { unreadable: 'it does not say which snapshot it is for' };
  }
  return { text, to, toName, from: guidAt('fromguid'), bytes: Number(bytes), raw: values.has('rawok') };
}

/**
 * The first word of fletcher4 over the payload, in hexadecimal: the sum of its 32-bit words, those of the receiver's
 * byte order. Up to three bytes at the end are not covered (openzfs/zfs#10517).
 */
function checksumsOf(payload: Buffer): string[] {
  let little = 0n;
  let big = 0n;
  for (let at = 0; at + 4 <= payload.length; at += 4) {
    little += BigInt(payload.readUInt32LE(at));
    big += BigInt(payload.readUInt32BE(at));
  }
  return [little.toString(16), big.toString(16)];
}
