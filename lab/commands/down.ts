import type { Command } from '../command.ts';

export const down: Command = {
  name: 'down',
  usage: '[HOST…]',
  about: 'end hosts and remove all they had; all of this clone when none is named',
  examples: ['lab/lab down', 'lab/lab down a'],
  changes: true,
  async run(args, { lab }) {
    for (const name of args) if (!lab.leftovers().includes(name)) lab.host(name);
    for (const name of args) await lab.remove(name);
    if (args.length === 0) await lab.removeAll();
    return 0;
  },
};
