import { describe, expect, it } from 'vitest';
import { quoteArgv, quoteWord } from './quote.ts';

describe('quoting for a POSIX shell', () => {
  it.each([
    ['tank/home@a', 'tank/home@a'],
    ['', "''"],
    ['a b', "'a b'"],
    ["it's", "'it'\\''s'"],
    ['~root', "'~root'"],
    ['a\nb', "'a\nb'"],
    ['tank/h#b', "'tank/h#b'"],
  ])('%j becomes %s', (word, quoted) => {
    expect(quoteWord(word)).toBe(quoted);
  });

  it('keeps the first word from being read as grammar', () => {
    expect(quoteArgv(['if', 'if'])).toBe("'if' if");
    expect(quoteArgv(['A=b', 'A=b'])).toBe("'A=b' A=b");
  });

  it('refuses what no program can be given', () => {
    expect(() => quoteArgv(['zfs', 'a\0b'])).toThrow(
      'Cannot run "zfs": one of its arguments contains a NUL byte',
    );
    expect(() => quoteArgv([])).toThrow('Cannot run a command without a name');
  });
});
