import { ZferryError } from './failure.ts';

/**
 * Bytes of the whole stream, from the last line of `zfs send -nP`: `size\t8421376`. About half a percent low.
 * @throws ZferryError `bad-output`
 */
export function parseEstimate(text: string): number {
  const found = /^size[\t ]+(\d+)$/m.exec(text);
  if (found?.[1] === undefined) {
    throw new ZferryError({
      code: 'bad-output',
      message: `Cannot read the size in ${JSON.stringify(text.slice(0, 200))}`,
    });
  }
  return Number(found[1]);
}

export type SendProgress = { readonly snapshot: string; readonly bytes: number };

/**
 * A line that `zfs send -vP` prints each second, `12:33:15\t134256\ttank/a@s1`: bytes of this snapshot so far.
 * `undefined` for any other line.
 */
export function parseProgress(line: string): SendProgress | undefined {
  const found = /^\d{2}:\d{2}:\d{2}\t(\d+)\t(?:\d+\t)?(.+@.+)$/.exec(line);
  return found?.[1] === undefined || found[2] === undefined
    ? undefined
    : { bytes: Number(found[1]), snapshot: found[2] };
}

const sizeOrHeader = /^(full|incremental|size)\t|^TIME\s+SENT/;

/** What `zfs send -vP -t` says of its token. */
const tokenTalk = /^(resume token contents:|nvlist version: \d+|\s*\w+ = \S+)$/;

/** Lines that `zfs send -vP` prints beside its errors: the token, the header, the sizes and the progress. */
export function isSendTalk(line: string): boolean {
  return parseProgress(line) !== undefined || sizeOrHeader.test(line) || tokenTalk.test(line);
}
