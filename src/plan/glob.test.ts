import { expect, test } from 'vitest';
import { fitsGlob } from './glob.ts';

test.each([
  ['tank/home/ann/cache', 'tank/home/*/cache', true],
  ['tank/home/ann/x/cache', 'tank/home/*/cache', false],
  ['tank/home/ann/x/cache', 'tank/home/**/cache', true],
  ['tank/home', 'tank/**', true],
  ['daily-1', 'daily-?', true],
  ['daily-10', 'daily-?', false],
  ['a.b', 'a?b', true],
  ['axb', 'a.b', false],
  ['a+b(c)[d]', 'a+b(c)[d]', true],
  ['cache', 'cach', false],
])('%j and %j: %s', (name, pattern, fits) => {
  expect(fitsGlob(name, pattern)).toBe(fits);
});
