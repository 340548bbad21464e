import type { Command } from '../command.ts';
import { expectWords } from '../command-arguments.ts';

export const delay: Command = {
  name: 'delay',
  usage: 'HOST TIME|none',
  about: 'delay all it sends to other hosts and to its ssh port',
  details: 'It lasts until the host is reset or cut. `lab/lab exec` is not delayed.',
  examples: ['lab/lab delay a 25ms', 'lab/lab delay a none'],
  async run(args, { lab }) {
    const [name, time] = expectWords(args, ['a host', 'a time such as 25ms, or none']);
    await lab.host(name).delay(time === 'none' ? undefined : time);
    return 0;
  },
};

export const unplug: Command = {
  name: 'unplug',
  usage: 'HOST',
  about: 'take its network cable out; `lab/lab exec` still works',
  examples: ['lab/lab unplug a'],
  async run(args, { lab }) {
    const [name] = expectWords(args, ['a host']);
    await lab.host(name).unplug();
    return 0;
  },
};

export const plug: Command = {
  name: 'plug',
  usage: 'HOST',
  about: 'put the cable in again',
  examples: ['lab/lab plug a'],
  async run(args, { lab }) {
    const [name] = expectWords(args, ['a host']);
    await lab.host(name).plug();
    return 0;
  },
};
