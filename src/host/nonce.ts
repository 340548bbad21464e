import { randomBytes } from 'node:crypto';

/** What tells our markers from everything that a command could print. */
export function newNonce(): string {
  return `zferry-${randomBytes(8).toString('hex')}`;
}
