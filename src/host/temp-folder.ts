import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A UNIX socket's path has 104 bytes on the BSDs, 108 on Linux, and ssh makes its control socket under a name 17
 * bytes longer. A plain path also needs no care in ssh's `%` expansion.
 */
const usable = /^[A-Za-z0-9_./-]{1,60}$/;

export type TempFolder = {
  readonly path: string;
  remove(): void;
};

/** A folder that only this user can enter, removed at the end of the process at the latest (not after `kill -9`). */
export function tempFolder(): TempFolder {
  const parent = usable.test(tmpdir()) ? tmpdir() : '/tmp';
  const path = mkdtempSync(join(parent, 'zferry-'));
  const remove = (): void => {
    process.off('exit', remove);
    rmSync(path, { recursive: true, force: true });
  };
  process.on('exit', remove);
  return { path, remove };
}
