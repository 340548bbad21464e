import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Where the lab keeps what took minutes to make, and what its running hosts need. Each user has an own one. */
export function cacheFolder(): string {
  const base = process.env.XDG_CACHE_HOME;
  return join(base !== undefined && isAbsolute(base) ? base : join(homedir(), '.cache'), 'zferry', 'lab');
}
