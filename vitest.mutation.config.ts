import { defineConfig } from 'vitest/config';

const folder = process.env['ZFERRY_MUTATED'] ?? '{plan,zfs}';

/** The tests beside what is mutated: what only others notice counts as unnoticed. Node itself loads them, which takes a fraction of the time. */
export default defineConfig({
  test: {
    include: [`src/${folder}/**/*.test.ts`],
    // Asks only that nothing is thrown, of everything, and takes as long as all the others.
    exclude: ['src/zfs/any-text.test.ts'],
    testTimeout: 20_000,
    isolate: false,
    experimental: { viteModuleRunner: false },
  },
});
