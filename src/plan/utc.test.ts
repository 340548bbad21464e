import { expect, test } from 'vitest';
import { minuteText, parseUtc, utcText } from './utc.ts';

const at = Date.UTC(2026, 10, 20, 3, 4, 5);

test('a time as it stands in names and marks, there and back', () => {
  expect(utcText(at + 678)).toBe('20261120T030405Z');
  expect(parseUtc('20261120T030405Z')).toBe(at);
  expect(minuteText(at)).toBe('2026-11-20 03:04 UTC');
});

test.each([
  '',
  '2026-11-20',
  '20261120T030405',
  '20261399T030405Z',
  '20260230T030405Z',
  '20261120T240000Z',
  '20261120T030405Z ',
  ' 20261120T030405Z',
  '20261120T030405Z0',
])('"%s" is none', (text) => {
  expect(parseUtc(text)).toBeUndefined();
});
