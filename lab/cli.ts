import type { Command } from './command.ts';
import { openCommandLab } from './command-lab.ts';
import { get, put } from './commands/copy.ts';
import { down } from './commands/down.ts';
import { exec } from './commands/exec.ts';
import { delay, plug, unplug } from './commands/network.ts';
import { cut, power, reset } from './commands/power.ts';
import { prepare } from './commands/prepare.ts';
import { sshConfigCommand } from './commands/ssh-config.ts';
import { status } from './commands/status.ts';
import { up } from './commands/up.ts';
import { LabError, UsageError } from './lab-error.ts';

const commands: readonly Command[] = [
  [up, exec, put, get, sshConfigCommand],
  [reset, cut, power, delay, unplug, plug],
  [status, prepare, down],
].flat();

const isHelp = (word: string | undefined): boolean => word === '--help' || word === '-h';

function overview(): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return `lab/lab: disposable hosts with real OpenZFS and real sshd, on a machine that has none

${commands.map(({ name, about }) => `  ${name.padEnd(width)}  ${about}`).join('\n')}

A first look:
  lab/lab up a b --pools
  lab/lab exec a -- zpool list
  lab/lab down

\`lab/lab COMMAND --help\` says more about one.`;
}

function help({ name, usage, about, details, examples }: Command): string {
  return [
    `lab/lab ${name} ${usage}`.trimEnd(),
    `  ${about}`,
    ...(details === undefined ? [] : ['', details]),
    '',
    'Examples:',
    ...examples.map((example) => `  ${example}`),
  ].join('\n');
}

async function main([word, ...args]: string[]): Promise<number> {
  const print = (line: string): void => console.log(line);
  const say = (line: string): void => console.error(`lab: ${line}`);
  if (word === undefined || isHelp(word)) {
    print(overview());
    return 0;
  }
  const command = commands.find(({ name }) => name === word);
  if (!command) {
    say(`There is no command ${word}: \`lab/lab --help\` lists them.`);
    return 2;
  }
  if (args.slice(0, args.includes('--') ? args.indexOf('--') : undefined).some(isHelp)) {
    print(help(command));
    return 0;
  }
  const lab = openCommandLab();
  const lock = command.changes
    ? await lab.lock(() => say('another `lab/lab` command is at work; waiting for it'))
    : undefined;
  try {
    return await command.run(args, { lab, say, print });
  } catch (error) {
    if (!(error instanceof LabError)) throw error;
    say(error.message);
    if (!(error instanceof UsageError)) return 1;
    say(`\`lab/lab ${command.name} --help\` shows how it is used.`);
    return 2;
  } finally {
    await lock?.release();
  }
}

// The wrapper starts us in the project's folder; paths are meant from where the user is.
if (process.env.LAB_FROM !== undefined) process.chdir(process.env.LAB_FROM);
process.exitCode = await main(process.argv.slice(2));
