import { expect, test } from 'vitest';
import { count, formatBytes, formatDuration } from './format.ts';

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [1048575, '1.0 MiB'],
  [12.34 * 1024 ** 2, '12.3 MiB'],
  [1.5 * 1024 ** 3, '1.5 GiB'],
  [2 * 1024 ** 4, '2.0 TiB'],
  [3 * 1024 ** 5, '3.0 PiB'],
  [5 * 1024 ** 6, '5120.0 PiB'],
  // What would be rounded to 1024.0 is one of the next unit.
  [1023.94 * 1024, '1023.9 KiB'],
  [1023.95 * 1024, '1.0 MiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [12.6, '13 ms'],
  [999.4, '999 ms'],
  [1000, '1.0 s'],
  [4200, '4.2 s'],
  [59_940, '59.9 s'],
  [59_950, '1 min 0 s'],
  [119_400, '1 min 59 s'],
  [119_600, '2 min 0 s'],
  [200_000, '3 min 20 s'],
  [3_599_400, '59 min 59 s'],
  [3_600_000, '1 h 0 min'],
  [7_500_000, '2 h 5 min'],
])('%d ms are %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test('one and many', () => {
  expect(count(1, 'dataset')).toBe('1 dataset');
  expect(count(2, 'dataset')).toBe('2 datasets');
  expect(count(0, 'copy', 'copies')).toBe('0 copies');
});
