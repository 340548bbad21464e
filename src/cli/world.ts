import type { Report } from '../engine/events.ts';
import type { World } from '../engine/world.ts';
import type { Io } from './io.ts';

/**
 * Does something with the hosts that there are, and leaves none of their connections open.
 * @param verbose prints each command as a line that can be pasted into a shell
 */
export async function inWorld<T>(
  io: Io,
  { sshConfig, verbose }: { readonly sshConfig: string | undefined; readonly verbose: boolean },
  report: Report,
  work: (world: World) => Promise<T>,
): Promise<T> {
  const hosts = await io.openHosts({
    sshConfig,
    onCommand: ({ line }) => {
      if (verbose) io.err(`+ ${line}\n`);
    },
  });
  const { now, sleep, random, who, signal } = io;
  try {
    return await work({ hosts, now, sleep, random, who, report, signal });
  } finally {
    await hosts.close();
  }
}

export function printJson(io: Io, value: unknown): void {
  io.out(`${JSON.stringify(value, null, 2)}\n`);
}

/** One of many: a line each. */
export function printJsonLine(io: Io, value: unknown): void {
  io.out(`${JSON.stringify(value)}\n`);
}
