import { expect, it } from 'vitest';
import { exitStatus } from './exit-status.ts';

it.each([
  ['0', 0],
  ['1', 1],
  ['141', 141],
  ['255', 255],
  ['269', 141],
  ['397', 141],
  ['265', 137],
])('a status of %s is %i', (text, status) => {
  expect(exitStatus(text)).toBe(status);
});
