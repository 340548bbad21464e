import { spawn } from 'node:child_process';
import type { Command } from '../command.ts';
import { LabError, UsageError } from '../lab-error.ts';
import { commandLine } from '../shell.ts';

export const exec: Command = {
  name: 'exec',
  usage: 'HOST [-- COMMAND [ARGUMENT…]]',
  about: 'run a command on a host as root, or a shell to look around',
  details: `One word after -- is a script for sh; more are a command and its arguments, passed on unchanged.
Without any, it is an interactive shell. The exit status is the command's.`,
  examples: ['lab/lab exec a -- zpool list', "lab/lab exec a -- 'zfs list -t all; df -h'", 'lab/lab exec a'],
  async run(args, { lab }) {
    const [name, separator, ...words] = args;
    if (name === undefined) throw new UsageError('It needs the name of a host.');
    if (separator !== undefined && separator !== '--') {
      throw new UsageError(`Put -- before the command: lab/lab exec ${name} -- ${args.slice(1).join(' ')}`);
    }
    if (!lab.host(name).isOn()) throw new LabError(`The host ${name} is off: \`lab/lab power ${name} on\`.`);
    const [only = ''] = words;
    const script = words.length > 1 ? commandLine(words) : only;
    const remote = script === '' ? [] : [`lab-sh ${Buffer.from(script).toString('base64')}`];
    const ssh = spawn('ssh', ['-F', lab.controlConfig(name), name, ...remote], { stdio: 'inherit' });
    return new Promise((resolve, reject) => {
      ssh.on('error', reject);
      ssh.on('close', (code) => resolve(code ?? 1));
    });
  },
};
