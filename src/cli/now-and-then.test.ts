import { expect, test } from 'vitest';
import { nowAndThen } from './now-and-then.ts';

test('what is new is said at once, what stays now and then, also by a clock that goes back', () => {
  let clock = 0;
  const isNews = nowAndThen(100, () => clock);
  const at = (time: number, key: string): boolean => {
    clock = time;
    return isNews(key);
  };
  expect(at(10, 'a')).toBe(true);
  expect(at(109, 'a')).toBe(false);
  expect(at(110, 'a')).toBe(true);
  expect(at(150, 'b')).toBe(true);
  expect(at(151, 'a')).toBe(true);
  expect(at(200, 'a')).toBe(false);
  expect(at(-900, 'a')).toBe(true);
});
