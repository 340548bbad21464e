/**
 * What a shell printed for `$?`, as most count: 128 + n for an end by signal n. ksh93, the sh of illumos, says 256 + n, and yash
 * 384 + n (both seen).
 */
export function exitStatus(text: string | undefined): number {
  const status = Number(text);
  return status > 255 ? 128 + (status & 127) : status;
}
