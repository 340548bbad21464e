import { expect, test } from 'vitest';
import { portions } from './portions.ts';

test('keeps all names, in their order, in parts that a command can be given', () => {
  const names = Array.from({ length: 3000 }, (_, i) => `tank/home/user${i}@daily-2026-11-20`);
  const parts = portions(names);
  expect(parts.flat()).toEqual(names);
  expect(parts.length).toBe(3);
  expect(Math.max(...parts.map((part) => part.join(' ').length))).toBeLessThan(40_000);
  expect(portions([])).toEqual([[]]);
  expect(portions(['x'.repeat(50_000)])).toHaveLength(1);
});

test('a part can be full to the last byte', () => {
  const name = 'x'.repeat(19_999);
  expect(portions([name, name])).toEqual([[name, name]]);
  expect(portions([name, `${name}y`])).toEqual([[name], [`${name}y`]]);
});
