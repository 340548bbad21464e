import { defineConfig } from 'vitest/config';
import { isFull } from './test/variants.ts';

/** What the lab promises of itself and no scenario rests on. */
const labAlone = ['test/lab/cli.test.ts', 'test/lab/lifetime.test.ts'];

/** Scenarios that need nothing of a machine but its ZFS. */
const inSimulator =
  '02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 22 25 26 29 30 31 32 33 34 45 56 57 58 60 66 73 74 75 77 78'.split(
    ' ',
  );

/** `quick` needs no guest; `lab` runs on real OpenZFS in disposable hosts. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'quick',
          include: ['src/**/*.test.ts', 'sim/**/*.test.ts', 'test/house/**/*.test.ts'],
          testTimeout: 20_000,
          // Most of them wait for processes to end.
          maxWorkers: 4,
        },
      },
      {
        // The same texts as on real hosts, in the simulator.
        test: {
          name: 'sim',
          include: inSimulator.map((number) => `test/scenarios/${number}-*.test.ts`),
          env: { ZFERRY_WORLD: 'sim' },
          testTimeout: 20_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          isolate: false,
        },
      },
      {
        test: {
          name: 'lab',
          include: ['test/lab/**/*.test.ts', 'test/scenarios/**/*.test.ts'],
          exclude: isFull ? [] : labAlone,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          // Two files at once, each with two hosts of its own: a scenario seldom keeps more than one of its hosts busy.
          isolate: false,
          maxWorkers: 2,
        },
      },
    ],
  },
});
