import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { LabError } from './lab-error.ts';

export interface FileLock {
  /** Gives the lock back. Safe to call more than once. */
  release(): Promise<void>;
}

/**
 * Takes an exclusive lock on a file (made when missing) and waits for it as long as another process has it.
 * The kernel holds it for a helper process that dies with this one, so a lock of a dead process stops nobody.
 *
 * @param onWait called once when somebody else has it
 * @throws LabError when `flock` or `setpriv` (util-linux) is missing or the file cannot be opened
 */
export async function lockFile(file: string, onWait: () => void = () => undefined): Promise<FileLock> {
  mkdirSync(dirname(file), { recursive: true });
  const holder = spawn(
    'setpriv',
    [
      '--pdeathsig',
      'KILL',
      '--',
      'flock',
      '--exclusive',
      '--no-fork',
      file,
      'sh',
      '-c',
      'echo; exec cat >&2',
    ],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  const ended = new Promise<void>((resolve) => {
    holder.on('close', () => resolve());
  });
  const waiting = setTimeout(onWait, 300);
  let complaint = '';
  holder.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  try {
    await new Promise<void>((resolve, reject) => {
      const refuse = (why: string): void => reject(new LabError(`Cannot lock ${file}: ${why}`));
      holder.once('error', (error) => refuse(error.message));
      holder.once('close', () => refuse(complaint.trim()));
      holder.stdout.once('data', () => resolve());
    });
  } finally {
    clearTimeout(waiting);
  }
  return {
    async release() {
      holder.stdin.destroy();
      await ended;
    },
  };
}
