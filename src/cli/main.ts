import { readFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { exitCodes } from '../zfs/failure.ts';
import { runProgram } from './program.ts';

/** The program: real streams, signals and exit code. */
export async function main(args: readonly string[]): Promise<void> {
  const stop = new AbortController();
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(exitCodes.interrupted);
    stop.abort();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  process.on('SIGHUP', onSignal);
  // Whoever reads our output may go away; that is no reason to leave a replication half done.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  process.exitCode = await runProgram(
    {
      out: (text) => void process.stdout.write(text),
      err: (text) => void process.stderr.write(text),
      errIsTerminal: process.stderr.isTTY ?? false,
      env: process.env,
      uid: process.getuid?.(),
      now: Date.now,
      sleep,
      random: Math.random,
      who: `${userName()}@${hostname()}, process ${process.pid}`,
      // Loaded when it is needed: asking for help or the version should cost nothing.
      openHosts: async (options) => (await import('../host/open-hosts.ts')).openHosts(options),
      signal: stop.signal,
    },
    version,
    args,
  );
}

/** Longer than a timer can be is as good as for ever. */
const longestTimer = 2 ** 31 - 1;

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await setTimeout(Math.min(ms, longestTimer), undefined, signal ? { signal } : {});
  } catch (error) {
    if (!(error instanceof Error && error.name === 'AbortError')) throw error;
  }
}

/** A user without an entry in the system's list has a number only. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'somebody');
  }
}
