import { expect, test } from 'vitest';
import { usageError, ZferryError } from './failure.ts';

test('an error has all that is known of it, and ends with 1 where nothing else is said', () => {
  const facts = {
    code: 'no-space',
    message: 'Cannot receive',
    host: 'nas',
    command: 'zfs receive dst/a',
    meaning: 'the pool is full',
    next: 'free space',
  };
  const error = new ZferryError(facts);
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({ ...facts, name: 'ZferryError', exitCode: 1 });
});

test('an error ends with the exit code that it is given', () => {
  expect(new ZferryError({ code: 'busy', message: 'x', exitCode: 5 }).exitCode).toBe(5);
});

test('a cause is there only where one was given', () => {
  const cause = new Error('what lies below');
  expect(new ZferryError({ code: 'x', message: 'x', cause }).cause).toBe(cause);
  expect(new ZferryError({ code: 'x', message: 'x' })).not.toHaveProperty('cause');
});

test('a command line that cannot be understood ends with 2', () => {
  expect(usageError('Cannot take it', 'see --help')).toMatchObject({
    code: 'usage',
    message: 'Cannot take it',
    next: 'see --help',
    exitCode: 2,
  });
});
