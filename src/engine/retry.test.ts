import { expect, test } from 'vitest';
import { backoff, mayPass } from './retry.ts';

test('waits longer each time, never twice the same, at most a minute and a half', () => {
  expect([1, 2, 3, 4, 9].map((failures) => backoff('stalled', failures, 0.5))).toEqual([
    2000, 6000, 18_000, 54_000, 60_000,
  ]);
  expect(backoff('stalled', 1, 0)).toBe(1000);
  expect(backoff('stalled', 9, 0.999)).toBeLessThan(90_000);
});

test('plans anew at once where the plan was outdated, but not over and over', () => {
  expect(backoff('snapshot-gone', 1, 0.5)).toBe(100);
  expect(backoff('snapshot-gone', 2, 0.5)).toBe(6000);
});

test('tries again what may pass, and nothing that needs a person', () => {
  for (const code of ['connection-lost', 'snapshot-gone', 'stalled']) expect(mayPass(code)).toBe(true);
  for (const code of [
    'no-space',
    'not-permitted',
    'host-key-changed',
    'key-refused',
    'locked',
    'cancelled',
    'usage',
  ])
    expect(mayPass(code)).toBe(false);
});
