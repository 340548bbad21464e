import type { Command } from '../command.ts';
import { expectWords } from '../command-arguments.ts';
import { UsageError } from '../lab-error.ts';

export const sshConfigCommand: Command = {
  name: 'ssh-config',
  usage: '',
  about: 'print the path of a file for `ssh -F` in which the hosts are',
  examples: ['ssh -F "$(lab/lab ssh-config)" a zpool list', 'zferry --ssh-config "$(lab/lab ssh-config)" …'],
  async run(args, { lab, print }) {
    expectWords(args, []);
    if (lab.list().length === 0) throw new UsageError('There are no hosts: `lab/lab up a b` starts two.');
    print(lab.sshConfig);
    return 0;
  },
};
