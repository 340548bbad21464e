import { ZferryError } from './failure.ts';

declare const guidBrand: unique symbol;

/**
 * The identity of a dataset, snapshot, bookmark or pool: an unsigned 64-bit number kept as decimal text, because a
 * JavaScript number is exact only to 2^53. A bookmark carries the GUID of its snapshot.
 */
export type Guid = string & { readonly [guidBrand]: 'Guid' };

/** 2^64-1. Of two numbers with as many digits, the text of the smaller one comes first. */
const largest = '18446744073709551615';

/** @throws ZferryError `bad-output` for anything but 1 to 2^64-1 in decimal. */
export function parseGuid(text: string): Guid {
  if (!/^[1-9][0-9]{0,19}$/.test(text) || (text.length === largest.length && text > largest)) {
    throw new ZferryError({ code: 'bad-output', message: `Cannot read "${text}" as a GUID` });
  }
  return text as Guid;
}

/** Stands for the GUID of a snapshot that is planned and not taken yet. ZFS itself never gives a zero. */
export const pendingGuid = '0' as Guid;
