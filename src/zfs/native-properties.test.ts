import { expect, test } from 'vitest';
import { isUserProperty, nativeProperty, settableValue } from './native-properties.ts';

test('what can have it, and whether those below have it, too', () => {
  expect(nativeProperty('recordsize')).toEqual({ types: 'filesystem', inherits: true });
  expect(nativeProperty('quota')).toEqual({ types: 'filesystem', inherits: false });
  expect(nativeProperty('compression')).toEqual({ types: 'both', inherits: true });
  for (const name of ['volsize', 'used', 'rdonly', 'toString', 'org.x:y']) {
    expect(nativeProperty(name)).toBeUndefined();
  }
});

test('names of user properties', () => {
  for (const name of ['a:b', 'org.example:note-1', ':x']) expect(isUserProperty(name)).toBe(true);
  for (const name of ['a', 'A:b', '-a:b', 'a:b c', 'a:b=', `a:${'x'.repeat(254)}`]) {
    expect(isUserProperty(name)).toBe(false);
  }
});

test('no limit is printed as 0, and set as none', () => {
  expect(settableValue('quota', '0')).toBe('none');
  expect(settableValue('refreservation', '0')).toBe('none');
  expect(settableValue('quota', '1048576')).toBe('1048576');
  expect(settableValue('org.x:quota', '0')).toBe('0');
});

test.each([
  ['context', 'both', false],
  ['snapshot_limit', 'both', false],
  ['refreservation', 'both', false],
  ['volthreading', 'volume', false],
] as const)('%s is for %s and is not inherited', (name, types, inherits) => {
  expect(nativeProperty(name)).toEqual({ types, inherits });
});

test('only what ends as a limit is set as none', () => {
  expect(settableValue('quota_of_something', '0')).toBe('0');
  expect(settableValue('copies', '0')).toBe('0');
});
