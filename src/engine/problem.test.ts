import { expect, test } from 'vitest';
import { commandError } from './problem.ts';

test('a text over several lines is understood, whatever else is said beside it', () => {
  const stderr = `12:00:00   1.5M   tank/a@s
cannot open 'dst/x': dataset does not exist
cannot receive new filesystem stream: unable to restore to destination
`;
  const result = { argv: ['zfs', 'receive', 'dst/x/y'], stderr, status: 1 };
  expect(commandError('nas', result, 'Sending')).toMatchObject({
    code: 'no-parent',
    message: 'Sending failed on nas: the parent "dst/x" does not exist',
    next: 'on nas: create the parent first',
  });
});
