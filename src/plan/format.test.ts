import { expect, test } from 'vitest';
import { count, formatBytes, formatDuration } from './format.ts';

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [1048575, '1.0 MiB'],
  [12.34 * 1024 ** 2, '12.3 MiB'],
  [5 * 1024 ** 6, '5120.0 PiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [12.6, '13 ms'],
  [4200, '4.2 s'],
  [59_960, '1 min 0 s'],
  [200_000, '3 min 20 s'],
  [7_500_000, '2 h 5 min'],
])('%d ms are %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test('one and many', () => {
  expect(count(1, 'dataset')).toBe('1 dataset');
  expect(count(0, 'copy', 'copies')).toBe('0 copies');
});
