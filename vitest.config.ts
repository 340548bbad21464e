import { defineConfig } from 'vitest/config';

/** `quick` needs no guest; `lab` runs on real OpenZFS in disposable hosts, one file after the other. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'quick',
          include: ['src/**/*.test.ts', 'test/house/**/*.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'lab',
          include: ['test/lab/**/*.test.ts', 'test/scenarios/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
          isolate: false,
          maxWorkers: 1,
        },
      },
    ],
  },
});
