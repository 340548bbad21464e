import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteArgv } from './quote.ts';
import { splitWords } from './split-words.ts';

const split = (text: string): string[] => splitWords(text, '--filter-send');

describe('a command in one string', () => {
  it.each([
    ['gzip', ['gzip']],
    ['  gzip\t-1 \n', ['gzip', '-1']],
    [`sh -c 'tr a b | tr "b" c'`, ['sh', '-c', 'tr a b | tr "b" c']],
    [`sh -c "tr a b | tr 'b' c"`, ['sh', '-c', "tr a b | tr 'b' c"]],
    [`a"b c"'d e'f`, ['ab cd ef']],
    [`x '' ""`, ['x', '', '']],
    [String.raw`x \' \" \\ a\ b \$HOME`, ['x', "'", '"', '\\', 'a b', '$HOME']],
    [String.raw`x "a\"b\\c\n\$d"`, ['x', 'a"b\\c\\n$d']],
    [`x '$HOME \`id\` \\ |'`, ['x', '$HOME `id` \\ |']],
    ['x a=b ~ * # é', ['x', 'a=b', '~', '*', '#', 'é']],
  ])('%s', (text, words) => {
    expect(split(text)).toEqual(words);
  });

  it('is split as a shell splits it', () => {
    const texts = [`a 'b c' "d\\"e" f\\ g`, String.raw`"\a\\\"" '\' x'y'"z"`, "''"];
    for (const text of texts) {
      const seen = execFileSync('sh', ['-c', `printf '%s\\0' p ${text}`], { encoding: 'utf8' });
      expect(split(`p ${text}`)).toEqual(seen.split('\0').slice(0, -1));
    }
  });

  it('gives back what we quote ourselves', () => {
    const word = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', ''));
    fc.assert(
      fc.property(fc.array(word, { minLength: 0 }), (rest) => {
        expect(split(quoteArgv(['program', ...rest]))).toEqual(['program', ...rest]);
      }),
    );
  });

  it.each([
    ['', 'it is empty'],
    ['  ', 'it is empty'],
    ["'' x", 'it is empty'],
    ["x 'y", "a ' is not closed"],
    ['x "y', 'a " is not closed'],
    ['x y\\', 'it ends with a backslash'],
    ['x | y', '| would need a shell'],
    ['x >y', '> would need a shell'],
    ['x $HOME', '$ would need a shell'],
    ['x "$HOME"', '$ would need a shell'],
    ['x; y', '; would need a shell'],
  ])('is refused in words where it makes no sense: %s', (text, words) => {
    expect(() => split(text)).toThrow(`Cannot read the command of --filter-send: ${words}`);
  });
});
