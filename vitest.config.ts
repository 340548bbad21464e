import { defineConfig } from 'vitest/config';
import { isFull } from './test/variants.ts';

/** What the lab promises of itself and no scenario rests on. */
const labAlone = ['test/lab/cli.test.ts', 'test/lab/lifetime.test.ts'];

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
