import type { Command } from '../command.ts';
import { expectWords, takeVersion } from '../command-arguments.ts';
import { prepareLab } from '../prepare-lab.ts';

export const prepare: Command = {
  name: 'prepare',
  usage: '[--zfs 2.1|2.3|2.4]',
  about: 'do now what the first `up` would do: packages, image, saved state',
  details: 'About six minutes from nothing on two cores; needs root and Debian. Kept in ~/.cache/zferry/lab.',
  examples: ['lab/lab prepare', 'lab/lab prepare --zfs 2.4'],
  async run(args, { say, print }) {
    const zfs = takeVersion(args);
    expectWords(args, []);
    await prepareLab(zfs, say);
    print(`the lab is prepared for OpenZFS ${zfs}`);
    return 0;
  },
};
