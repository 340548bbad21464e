import { ZferryError } from '../zfs/failure.ts';
import type { Command, CommandResult } from './hosts.ts';

/**
 * Runs commands in one shell line, or in several where no shell takes them in one; in order, and no more than the
 * first line where a command of it failed.
 * @param run throws `command-too-long` before anything ran.
 */
export async function runInParts(
  commands: readonly Command[],
  run: (commands: readonly Command[]) => Promise<readonly CommandResult[]>,
): Promise<readonly CommandResult[]> {
  try {
    return await run(commands);
  } catch (error) {
    const tooLong = error instanceof ZferryError && error.code === 'command-too-long';
    if (!tooLong || commands.length < 2) throw error;
  }
  const half = Math.ceil(commands.length / 2);
  const rest = commands.slice(half);
  const first = await runInParts(commands.slice(0, half), run);
  const stopped = first.some(({ status }, index) => status !== 0 && commands[index]?.optional !== true);
  if (!stopped) return [...first, ...(await runInParts(rest, run))];
  return [...first, ...rest.map(({ argv }) => ({ argv, status: undefined, stdout: '', stderr: '' }))];
}
