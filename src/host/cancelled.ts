import { exitCodes, ZferryError } from '../zfs/failure.ts';

/** What a wait ends with after its `AbortSignal` fired. */
export function cancelled(): ZferryError {
  return new ZferryError({ code: 'cancelled', message: 'Cancelled', exitCode: exitCodes.interrupted });
}
