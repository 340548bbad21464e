import { expect, test } from 'vitest';
import { propertyText } from './property-text.ts';

test.each([
  ['zstd-9', 'p=zstd-9'],
  ['', 'p='],
  ['/srv/Übung', 'p=/srv/Übung'],
  ['two words', 'p="two words"'],
  ['a\tb\nc', 'p="a\\tb\\nc"'],
  ['"', 'p="\\""'],
  ['\u001B[2J\u009B\u202Ex', 'p="\\u001b[2J\\u{9b}\\u{202e}x"'],
  ['x'.repeat(201), `p=${'x'.repeat(200)}…`],
])('%j stays on its line, and shows', (value, text) => {
  expect(propertyText('p', value)).toBe(text);
});
