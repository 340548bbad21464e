import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { LabError } from './lab-error.ts';
import { quote } from './quote.ts';
import { type Finished, runCommand } from './run-command.ts';

export interface ExecOptions {
  /** What the script reads; nothing when left out. */
  readonly stdin?: string | Uint8Array;
  /** Returns instead of throwing when the script fails. */
  readonly allowFailure?: boolean;
}

/** Root's shell on one host, over the lab's own network. */
export interface Shell {
  /**
   * Runs a script of `sh`, whatever root's login shell is.
   *
   * @throws LabError with the script's stderr when it fails and `allowFailure` is not set
   */
  exec(script: string, options?: ExecOptions): Promise<Finished>;
  /** Copies a file or folder, `remote:` before the path that is on the host. */
  copy(from: string, to: string): Promise<void>;
  /** Opens a connection that all that follows shares; ten times as fast. It dies with this process. */
  share(): Promise<void>;
  /** Ends the shared connection. */
  close(): Promise<void>;
}

/**
 * @param config a file for `ssh -F` in which `name` is the host
 * @param socket where the shared connection listens
 */
export function openShell(name: string, config: string, socket: string): Shell {
  const options = ['-F', config, '-o', `ControlPath=${socket}`];
  let master: ChildProcess | undefined;
  return {
    async exec(script, { stdin, allowFailure } = {}) {
      const encoded = Buffer.from(script).toString('base64');
      const finished = await runCommand(['ssh', ...options, name, `lab-sh ${encoded}`], {
        ...(stdin !== undefined && { stdin }),
        allowFailure: true,
      });
      if (finished.code !== 0 && allowFailure !== true) {
        const why = finished.stderr.trim() || finished.stdout.trim() || 'it said nothing';
        throw new LabError(`On ${name}, \`${script.trim()}\` ended with status ${finished.code}: ${why}`);
      }
      return finished;
    },
    async copy(from, to) {
      const there = (path: string): string =>
        path.startsWith('remote:') ? `${name}:${path.slice('remote:'.length)}` : path;
      await runCommand(['scp', '-q', '-r', '-p', ...options, '--', there(from), there(to)]);
    },
    async share() {
      master = await openMaster(name, [...options, '-o', 'ControlMaster=yes'], socket);
    },
    async close() {
      const open = master;
      master = undefined;
      // Killed and waited for, not asked to leave: it would take its successor's socket with it.
      if (open?.exitCode === null && open.signalCode === null) {
        const ended = once(open, 'exit');
        open.ref();
        open.kill('SIGKILL');
        await ended;
      }
      rmSync(socket, { force: true });
    },
  };
}

async function openMaster(name: string, options: readonly string[], socket: string): Promise<ChildProcess> {
  const master = spawn('setpriv', ['--pdeathsig', 'KILL', '--', 'ssh', '-N', ...options, name], {
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  let complaint = '';
  let ended = false;
  master.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  master.on('error', (error) => {
    complaint += error.message;
    ended = true;
  });
  master.on('exit', () => {
    ended = true;
  });
  while (!existsSync(socket)) {
    if (ended) throw new LabError(`Cannot log in to ${name}: ${complaint.trim()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  // Nothing of it keeps this process from ending.
  master.unref();
  (master.stderr as unknown as { unref(): void }).unref();
  return master;
}

/** A command line of `sh` from its words. */
export const commandLine = (words: readonly string[]): string => words.map(quote).join(' ');
