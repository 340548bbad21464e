import { expect, it } from 'vitest';
import { boundedText } from './bounded-text.ts';

it('keeps a text of up to 32 KiB whole', () => {
  const text = boundedText();
  const whole = 'abcdefgh'.repeat(4096);
  for (const char of whole) text.add(char);
  expect(text.text()).toBe(whole);
});

it('keeps the beginning and the end of a long one and says how much is missing', () => {
  const text = boundedText();
  text.add('first\n');
  for (let line = 0; line < 100_000; line++) text.add(`${line}\n`);
  text.add('last\n');
  const kept = text.text();
  expect(kept.length).toBeLessThan(33_000);
  expect(kept).toMatch(/^first\n0\n1\n/);
  expect(kept).toMatch(/\n99999\nlast\n$/);
  expect(kept).toContain('\n[… 556133 characters left out …]\n');
});
