import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { quoteArgv } from './quote.ts';
import { renderLine } from './render.ts';

const loginShells = ['sh', 'bash', 'csh', 'tcsh', 'fish'] as const;

// fish keeps files in the home folder.
const home = mkdtempSync(join(tmpdir(), 'zferry-render-'));
afterAll(() => rmSync(home, { recursive: true }));

/** As sshd does: the login shell gets the line after `-c`. */
async function throughLoginShell(shell: string, line: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    const env = { ...process.env, HOME: home, LC_ALL: 'C.UTF-8' };
    const child = execFile(shell, ['-c', line], { env, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (error.code === 'ENOENT') {
        reject(new Error(`This test needs the shell ${shell}: apt install fish csh tcsh`));
      } else reject(new Error(`${shell} ended with ${error.code}: ${stderr}`));
    });
    child.stdin?.end();
  });
}

const piece = fc.oneof(
  fc.constantFrom(
    ...`'|"|\\|!|!!|!$|$|$HOME|$(id)|\`id\`|%|%s|%b|~|~root|*|?|[a-z]|{a,b}|;|&|&&|<|>|(|)|#|^|=|-|--|-n|-e|@|:|, ,|0|7|8|\\0101|\\n|\\c|\\'`.split(
      '|',
    ),
  ),
  fc.constantFrom(
    '\n',
    '\r',
    '\t',
    '\u0001',
    '\u001b',
    '\u007f',
    '\u0080',
    'é',
    '日本',
    '\u{1f600}',
    '\ufeff',
    '|',
  ),
  fc.string({ unit: 'binary', maxLength: 6 }).map((text) => text.replaceAll('\0', '').toWellFormed()),
);
const hostile = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));

describe('the line for a login shell', () => {
  it('brings ten thousand hostile strings through sh, bash, csh, tcsh and fish unchanged', async () => {
    let seen = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(hostile, { minLength: 250, maxLength: 250 }), async (words) => {
        seen += words.length;
        const line = renderLine(quoteArgv(['printf', '%s\\0', ...words]));
        const outputs = await Promise.all(loginShells.map((shell) => throughLoginShell(shell, line)));
        for (const output of outputs) expect(output.split('\0').slice(0, -1)).toEqual(words);
      }),
      { numRuns: 40 },
    );
    expect(seen).toBeGreaterThanOrEqual(10_000);
  });

  it('brings every single byte that an argument can hold, before and after a digit', async () => {
    const bytes = Array.from({ length: 255 }, (_, index) => String.fromCodePoint(index + 1));
    const words = bytes.flatMap((byte) => [byte, `1${byte}7`]);
    const line = renderLine(quoteArgv(['printf', '%s\\0', ...words]));
    for (const shell of loginShells) {
      expect((await throughLoginShell(shell, line)).split('\0').slice(0, -1), shell).toEqual(words);
    }
  });

  it('is as long as a login shell can take, and refused with a sentence when it is longer', async () => {
    const longest = renderLine(quoteArgv(['printf', '%s', 'x'.repeat(130_500)]));
    for (const shell of loginShells)
      expect(await throughLoginShell(shell, longest), shell).toHaveLength(130_500);
    expect(() => renderLine('x'.repeat(131_000))).toThrow(/^Cannot run a command line of 131\d\d\d bytes$/);
  });

  it('looks like this', () => {
    expect(renderLine("zfs list -o name 'a b'")).toBe(
      `exec sh -c 'eval "$(printf %b "$@")"' zferry 'zfs list -o name \\0047a b\\0047'`,
    );
  });

  it('never splits an escape between two parts', () => {
    const parts = renderLine('!'.repeat(1000)).split(' zferry ')[1]?.split(' ') ?? [];
    expect(parts.length).toBe(6);
    for (const part of parts) expect(part).toMatch(/^'(\\0041){1,180}'$/);
  });
});
