import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { LabHost } from '../../lab/host.ts';
import { quote } from '../../lab/quote.ts';
import { linesOf } from './side.ts';
import { toolsFolder } from './tools-image.ts';

const bin = fileURLToPath(new URL('../../bin/zferry', import.meta.url));

/** Halves what a start of zferry costs here. */
const compiled = fileURLToPath(new URL('../../node_modules/.cache/zferry/compiled', import.meta.url));

/** How one call of zferry ended. */
export type Run = {
  readonly code: number;
  readonly out: string;
  /** Without the lines of `-v`. */
  readonly err: string;
  /** The lines of `-v`: each start of a shell or an ssh session. */
  readonly commands: string[];
};

/**
 * Runs zferry on this machine, which has no ZFS: both ends are reached by ssh.
 * @param meanwhile what goes on while it runs; gets its process id
 */
export async function runHere(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  meanwhile?: (pid: number) => Promise<unknown>,
): Promise<Run> {
  const child = spawn(bin, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_COMPILE_CACHE: compiled, ...env },
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => resolve(status ?? 128 + constants.signals[signal ?? 'SIGKILL']));
  });
  try {
    await meanwhile?.(child.pid ?? 0);
  } catch (error) {
    child.kill('SIGKILL');
    throw new Error(`what was to happen meanwhile failed; zferry said: ${Buffer.concat(err).toString()}`, {
      cause: error,
    });
  }
  const code = await ended;
  return runOf(code, Buffer.concat(out).toString(), Buffer.concat(err).toString());
}

/** Runs the packed zferry on a host of the lab. */
export async function runOn(host: LabHost, args: readonly string[]): Promise<Run> {
  const words = [`${toolsFolder}/package/bin/zferry`, ...args].map(quote).join(' ');
  const result = await host.exec(`NODE_COMPILE_CACHE=/root/.node PATH=${toolsFolder}/bin:$PATH ${words}`, {
    allowFailure: true,
  });
  return runOf(result.code ?? 128, result.stdout, result.stderr);
}

export function runOf(code: number, out: string, err: string): Run {
  const lines = linesOf(err);
  return {
    code,
    out,
    err: lines.filter((line) => !line.startsWith('+ ')).join('\n'),
    commands: lines.filter((line) => line.startsWith('+ ')).map((line) => line.slice(2)),
  };
}
