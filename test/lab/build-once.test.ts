import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { buildOnce } from '../../lab/build-once.ts';
import { silent } from '../../lab/say.ts';

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'zferry-build-'));
});
afterEach(() => rmSync(base, { recursive: true }));

const build = (text: string) => async (unfinished: string) => {
  writeFileSync(join(unfinished, 'half'), text);
  await new Promise((resolve) => setTimeout(resolve, 200));
  writeFileSync(join(unfinished, 'whole'), text);
};

/** A process of its own that begins a build and never ends it. */
function hangingBuilder(folder: string) {
  const script = `
    import { writeFileSync } from 'node:fs';
    import { buildOnce } from ${JSON.stringify(join(import.meta.dirname, '../../lab/build-once.ts'))};
    await buildOnce(process.argv[1], 'it', () => {}, async (unfinished) => {
      writeFileSync(unfinished + '/half', 'of the dead');
      console.log('half');
      await new Promise(() => setInterval(() => {}, 1000));
    });`;
  return spawn(process.execPath, ['--input-type=module', '-e', script, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

test('what a killed build left is not taken for the result, and its lock stops nobody', async () => {
  const folder = join(base, 'image');
  const dead = hangingBuilder(folder);
  await once(dead.stdout, 'data');
  dead.kill('SIGKILL');
  await once(dead, 'exit');
  expect(existsSync(folder)).toBe(false);

  await buildOnce(folder, 'it', silent, build('of the living'));
  expect(readdirSync(folder).sort()).toEqual(['half', 'whole']);
  expect(readFileSync(join(folder, 'half'), 'utf8')).toBe('of the living');
  expect(readdirSync(base).sort()).toEqual(['image', 'image.lock']);
});

test('a build that fails leaves nothing, and the next one can succeed', async () => {
  const folder = join(base, 'image');
  const fails = buildOnce(folder, 'it', silent, async (unfinished) => {
    writeFileSync(join(unfinished, 'half'), '');
    throw new Error('no mirror');
  });
  await expect(fails).rejects.toThrow('no mirror');
  expect(readdirSync(base)).toEqual(['image.lock']);
  await buildOnce(folder, 'it', silent, build('now'));
  expect(existsSync(join(folder, 'whole'))).toBe(true);
});

test('two at once build it once, and the second says that it waits', async () => {
  const folder = join(base, 'image');
  const said: string[] = [];
  let built = 0;
  const one = () =>
    buildOnce(
      folder,
      'the image',
      (line) => said.push(line),
      async () => {
        built++;
        await new Promise((resolve) => setTimeout(resolve, 1000));
      },
    );
  await Promise.all([one(), one()]);
  expect(built).toBe(1);
  expect(said).toEqual(['another process is making the image; waiting for it']);
});
