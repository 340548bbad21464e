import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * A UNIX socket's path has 104 bytes on the BSDs, 108 on Linux, and ssh makes its control socket under a name 17
 * bytes longer. A plain path also needs no care in ssh's `%` expansion.
 */
const usable = /^[A-Za-z0-9_./-]{1,40}$/;

export type TempFolder = {
  readonly path: string;
  remove(): void;
};

/**
 * A folder that only this user can enter, removed at the end of the process at the latest. After `kill -9` the next
 * one removes it.
 */
export function tempFolder(): TempFolder {
  const parent = usable.test(tmpdir()) ? tmpdir() : '/tmp';
  const space = processSpace();
  if (space !== undefined) removeLeftOver(parent, space);
  const path = mkdtempSync(join(parent, `zferry-${space ?? 'p'}-${process.pid}-`));
  const remove = (): void => {
    process.off('exit', remove);
    rmSync(path, { recursive: true, force: true });
  };
  process.on('exit', remove);
  return { path, remove };
}

/** Process numbers mean something only within one space: a container that shares our /tmp has its own. */
function processSpace(): string | undefined {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0];
  } catch {
    // Not Linux: nothing tells one space from another, so nothing is removed for others.
    return undefined;
  }
}

function removeLeftOver(parent: string, space: string): void {
  for (const name of readdirSync(parent)) {
    const [, where, pid] = /^zferry-(\d+)-(\d+)-\w{6}$/.exec(name) ?? [];
    if (where !== space || pid === undefined || isAlive(Number(pid))) continue;
    try {
      rmSync(join(parent, name), { recursive: true, force: true });
    } catch (error) {
      // Another user's.
      if (!(error instanceof Error && 'code' in error && (error.code === 'EPERM' || error.code === 'EACCES')))
        throw error;
    }
  }
}

/** Whether a process with this number is there, ours or not. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
