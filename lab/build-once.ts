import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { lockFile } from './file-lock.ts';
import { runCommand } from './run-command.ts';
import type { Say } from './say.ts';

/**
 * Makes a folder once, for all processes of this user: `build` fills a folder beside it that gets the real name
 * only when it is complete. What an interrupted build left is never taken for the result; the next try removes it.
 *
 * @param folder where the result is to be
 * @param build fills the folder it is given, or throws
 * @returns `folder`
 */
export async function buildOnce(
  folder: string,
  what: string,
  say: Say,
  build: (unfinished: string) => Promise<void>,
): Promise<string> {
  if (existsSync(folder)) return folder;
  const lock = await lockFile(`${folder}.lock`, () =>
    say(`another process is making ${what}; waiting for it`),
  );
  try {
    if (existsSync(folder)) return folder;
    const unfinished = `${folder}.unfinished`;
    await removeTree(unfinished);
    mkdirSync(unfinished, { recursive: true, mode: 0o700 });
    try {
      await build(unfinished);
    } catch (error) {
      await removeTree(unfinished);
      throw error;
    }
    renameSync(unfinished, folder);
    return folder;
  } finally {
    await lock.release();
  }
}

/** Never leaves the file system: a root that was being built may still have others mounted in it. */
async function removeTree(path: string): Promise<void> {
  await runCommand(['rm', '-rf', '--one-file-system', '--', path]);
}
