import { quoteArgv } from '../host/quote.ts';
import { onHost } from '../plan/place.ts';
import type { DatasetName } from '../zfs/dataset-name.ts';
import { ZferryError } from '../zfs/failure.ts';
import { abortReceiveArgs } from '../zfs/receive-args.ts';

/** Where a target ran full: what has arrived holds room, too, and there is a way to get it back. */
export function withKeptCopy(error: ZferryError, target: DatasetName, resumable: boolean): ZferryError {
  if (!resumable || !['no-space', 'quota'].includes(error.code)) return error;
  const free = quoteArgv(abortReceiveArgs(target));
  return new ZferryError({
    code: error.code,
    message: error.message,
    host: error.host,
    command: error.command,
    meaning: error.meaning,
    next:
      `${error.next}; then run this again: the part of ${target} that has arrived is kept to go on from, and holds its room. ` +
      `To have that room back and lose that part, ${onHost(error.host ?? '')}: ${free}`,
    exitCode: error.exitCode,
    cause: error,
  });
}
