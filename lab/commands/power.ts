import type { Command } from '../command.ts';
import { expectWords } from '../command-arguments.ts';
import { UsageError } from '../lab-error.ts';

export const reset: Command = {
  name: 'reset',
  usage: 'HOST',
  about: 'a fresh host in its place, with empty disks',
  examples: ['lab/lab reset a'],
  changes: true,
  async run(args, { lab }) {
    const [name] = expectWords(args, ['a host']);
    await lab.host(name).reset();
    return 0;
  },
};

export const cut: Command = {
  name: 'cut',
  usage: 'HOST',
  about: 'cut its power and give it back; the disks keep what was synced',
  details: `What the host had not yet written to its disks is gone, as after a real cut. Its root is as it was when the
host was made. Pools are not imported yet.`,
  examples: ['lab/lab cut a && lab/lab exec a -- zpool import -f -a -d /dev/disk/by-id'],
  changes: true,
  async run(args, { lab }) {
    const [name] = expectWords(args, ['a host']);
    await lab.host(name).cut();
    return 0;
  },
};

export const power: Command = {
  name: 'power',
  usage: 'HOST on|off',
  about: 'one half of a cut',
  examples: ['lab/lab power a off', 'lab/lab power a on'],
  changes: true,
  async run(args, { lab }) {
    const [name, state] = expectWords(args, ['a host', 'on or off']);
    if (state !== 'on' && state !== 'off') throw new UsageError(`Power is on or off, not ${state}.`);
    await lab.host(name).power(state);
    return 0;
  },
};
