import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markedReader } from './marked-reader.ts';
import { splitMarked } from './split-marked.ts';

const printed = 'greeting\nN begin 0\nfirst\n\nN 0 0\nno newline\nN 1 3\n\nN end 0\n';

describe('reading a stderr with markers', () => {
  it('splits it by command and gives back exactly what each printed', () => {
    const reader = markedReader('N');
    reader.feed(`\n${printed}`);
    reader.end();
    expect([reader.greeting(), reader.text(0), reader.text(1)]).toEqual([
      '\ngreeting',
      'first\n',
      'no newline',
    ]);
    expect(reader.statuses).toEqual([0, 3]);
    expect(reader.all()).toBe('first\nno newline');
    expect(reader.complete).toBe(true);
  });

  it('does not care how the text is cut into chunks, nor what the commands print', () => {
    const text = fc.array(fc.constantFrom('a', '\n', 'N 0 0', 'N', ' ', 'begin'), { maxLength: 8 });
    const texts = fc.array(
      text.map((parts) => parts.join('')),
      { minLength: 1, maxLength: 4 },
    );
    fc.assert(
      fc.property(texts, fc.array(fc.nat(9)), (wanted, cuts) => {
        const nonce = 'zferry-1';
        const marks = wanted.map((one, index) => `${one}\n${nonce} ${index} 0\n`);
        let rest = `hello\n${nonce} begin 0\n${marks.join('')}\n${nonce} end 0\n`;
        expect(splitMarked(rest, nonce)).toMatchObject({ texts: wanted, complete: true });
        const reader = markedReader(nonce);
        for (const cut of cuts) {
          reader.feed(rest.slice(0, cut));
          rest = rest.slice(cut);
        }
        reader.feed(rest);
        reader.end();
        expect(wanted.map((_, index) => reader.text(index))).toEqual(wanted);
      }),
    );
  });

  it('tells each line at once, without markers and empty lines', () => {
    const lines: string[] = [];
    const reader = markedReader('N', (line) => lines.push(line));
    reader.feed('motd\n\nN begin 0\n12:33:15\t134256\ttank@a\n');
    expect(lines).toEqual(['12:33:15\t134256\ttank@a']);
    reader.feed('\nN 0 0\n\nN end 0\nlate\n');
    expect(lines).toHaveLength(1);
  });

  it('sees that the end is missing', () => {
    const reader = markedReader('N');
    reader.feed('\nN begin 0\nhalf');
    reader.end();
    expect([reader.began, reader.complete, reader.text(0)]).toEqual([true, false, 'half']);
  });

  it('does not wait for the newline of what has none', () => {
    const reader = markedReader(undefined);
    for (let count = 0; count < 1000; count++) reader.feed('x'.repeat(1024));
    expect(reader.all().length).toBeGreaterThan(30_000);
  });
});

describe('splitting a stdout with markers', () => {
  it('tells the greeting from the answer', () => {
    expect(splitMarked(printed, 'N')).toEqual({
      greeting: 'greeting',
      texts: ['first\n', 'no newline'],
      statuses: [0, 3],
      began: true,
      complete: true,
    });
  });

  it('takes a text without markers for a greeting', () => {
    expect(splitMarked('This account is currently not available.\n', 'N')).toEqual({
      greeting: 'This account is currently not available.\n',
      texts: [],
      statuses: [],
      began: false,
      complete: false,
    });
  });
});
