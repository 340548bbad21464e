import { expect, test } from 'vitest';
import { commandError, filterError } from './problem.ts';

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

test('a filter that fails is named with its host, and its words are not taken for those of ZFS', () => {
  const result = { argv: ['gpg', '-d', '--passphrase', 'x'], stderr: 'gpg: permission denied\n', status: 2 };
  expect(filterError('nas', result, 'Sending')).toMatchObject({
    code: 'filter-failed',
    message: 'Sending failed on nas, in gpg: gpg: permission denied',
  });
  expect(filterError('', { ...result, stderr: '' }, 'Sending').message).toBe(
    'Sending failed on this machine, in gpg: exit status 2',
  );
  expect(filterError('nas', { ...result, stderr: 'Killed\n', status: 137 }, 'Sending')).toMatchObject({
    code: 'killed',
  });
});
