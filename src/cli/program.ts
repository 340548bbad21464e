import { Command, CommanderError } from 'commander';
import { problemOf } from '../engine/problem.ts';
import { type ExitCode, exitCodes, ZferryError } from '../zfs/failure.ts';
import { errorText } from './error-text.ts';
import type { Io } from './io.ts';
import { adoptOptions, holdsCommand, resetCommand } from './other-commands.ts';
import { syncCommand, withPlainWait } from './sync-options.ts';

/** Runs a command line. All that it prints goes to `io`. */
export async function runProgram(io: Io, version: string, args: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.done;
  const program = new Command('zferry')
    .description('Keeps ZFS datasets replicated between machines, and proves the copies.')
    .version(`zferry ${version}`, '--version', 'print the version')
    .addHelpText('after', '\nExample: zferry sync -r tank/home nas:backup/home\nMore:    zferry sync --help');
  // What does the work is loaded when it is needed: asking for help or the version should cost nothing.
  const commands = [
    syncCommand(async (input) => {
      exitCode = await (await import('./sync.ts')).sync(io, input);
    }),
    holdsCommand(async (input) => {
      exitCode = await (await import('./holds.ts')).holds(io, input);
    }),
    resetCommand(async (input) => {
      exitCode = await (await import('./reset.ts')).reset(io, input);
    }),
    adoptOptions(async (input) => {
      exitCode = await (await import('./adopt.ts')).adoptCommand(io, input);
    }),
  ];
  for (const command of commands) program.addCommand(command);
  for (const command of [program, ...commands]) {
    command.configureOutput({
      writeOut: io.out,
      writeErr: io.err,
      outputError: (text, write) => write(usageText(text)),
    });
    command
      .exitOverride()
      .showSuggestionAfterError()
      .showHelpAfterError(`  See: zferry ${command === program ? '' : `${command.name()} `}--help`);
  }

  const [name, ...rest] = args;
  const alone =
    rest.length === 0 && name !== 'holds' ? commands.find((one) => one.name() === name) : undefined;
  const bare = name === undefined ? program : alone;
  if (bare) {
    bare.outputHelp();
    return exitCodes.usage;
  }
  try {
    await program.parseAsync(withPlainWait(args), { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    if (!(error instanceof ZferryError)) throw error;
    io.err(errorText(problemOf(error), args.includes('-v') || args.includes('--verbose')));
    return error.exitCode;
  }
}

function usageText(text: string): string {
  return text.replace(/^error: (.)/, (_, first: string) => `zferry: ${first.toUpperCase()}`);
}
