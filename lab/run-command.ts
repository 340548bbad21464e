import { spawn } from 'node:child_process';
import { LabError } from './lab-error.ts';

export interface Finished {
  /** The exit status; 128 + n after signal n, as a shell says it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly stdin?: string | Uint8Array;
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Sees each line of stdout and stderr as it comes. */
  readonly onLine?: (line: string) => void;
  /** Returns instead of throwing when the command fails. */
  readonly allowFailure?: boolean;
}

const signalNumbers: Partial<Record<NodeJS.Signals, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGKILL: 9,
  SIGTERM: 15,
};

/**
 * Runs a command to its end, tied to this process: it is killed when this process dies, however that happens.
 *
 * @throws LabError with the end of its stderr when it cannot be started, or fails and `allowFailure` is not set
 */
export async function runCommand(argv: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', ...argv], {
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(options.env && { env: options.env }),
    ...(options.cwd !== undefined && { cwd: options.cwd }),
  });
  const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  for (const name of ['stdout', 'stderr'] as const) {
    const lines = options.onLine && lineSplitter(options.onLine);
    child[name].on('data', (chunk: Buffer) => {
      output[name].push(chunk);
      lines?.(chunk.toString());
    });
  }
  // A command that ends without reading its input is judged by its status, not by the broken pipe.
  child.stdin.on('error', () => child.stdin.destroy());
  child.stdin.end(options.stdin ?? '');
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', (error) => reject(new LabError(`Cannot run ${argv[0]}: ${error.message}.`)));
    child.on('close', (status, signal) => resolve(status ?? 128 + ((signal && signalNumbers[signal]) ?? 0)));
  });
  const finished = {
    code,
    stdout: Buffer.concat(output.stdout).toString(),
    stderr: Buffer.concat(output.stderr).toString(),
  };
  if (code !== 0 && options.allowFailure !== true) {
    throw new LabError(`${argv.join(' ').slice(0, 300)} ended with status ${code}: ${lastLines(finished)}`);
  }
  return finished;
}

function lineSplitter(onLine: (line: string) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split(/[\r\n]+/);
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') onLine(line);
  };
}

function lastLines({ stdout, stderr }: Finished): string {
  return (stderr.trim() || stdout.trim()).split('\n').slice(-5).join('\n');
}
