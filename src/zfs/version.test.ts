import { expect, test } from 'vitest';
import { isAtLeast, isBetween, parseVersion, versionText } from './version.ts';

test('the kernel module counts, since it does the work', () => {
  const version = parseVersion('zfs-2.3.9-1\nzfs-kmod-2.2.11-1~deb13u1\n');
  expect(version).toEqual({ major: 2, minor: 2, patch: 11 });
  expect(versionText(version)).toBe('2.2.11');
});

test('the tools count where no module says anything', () => {
  expect(parseVersion('zfs-2.1.11-1+deb12u1\n')).toEqual({ major: 2, minor: 1, patch: 11 });
});

test.each([
  'zfs-12.34.56-1',
  'zfs-v12.34.56',
  'zfs-2.1.0-1\nzfs-kmod-12.34.56-1',
  'zfs-2.1.0\nzfs-kmod-v12.34.56-rc1',
])('all digits of %j count', (text) => {
  expect(versionText(parseVersion(text))).toBe('12.34.56');
});

test('what only mentions a release is none', () => {
  expect(parseVersion('cannot find zfs-2.1.11')).toBeUndefined();
  expect(parseVersion('zfs-2.3.9-1\nis not that of zfs-kmod-2.2.11')).toMatchObject({ minor: 3 });
});

test('a system without the command has no known version', () => {
  expect(parseVersion("unrecognized command 'version'")).toBeUndefined();
  expect(versionText(undefined)).toBe('of unknown version');
});

test.each([
  [[2, 2, 0], true],
  [[2, 3, 4], true],
  [[2, 3, 5], false],
  [[3, 0, 0], false],
  [[1, 9, 9], true],
] as const)('2.3.4 is at least %j: %s', (wanted, expected) => {
  expect(isAtLeast({ major: 2, minor: 3, patch: 4 }, wanted)).toBe(expected);
});

test.each([
  [{ major: 2, minor: 1, patch: 0 }, false],
  [{ major: 2, minor: 1, patch: 1 }, true],
  [{ major: 2, minor: 1, patch: 99 }, true],
  [{ major: 2, minor: 2, patch: 7 }, true],
  [{ major: 2, minor: 2, patch: 8 }, false],
])('%j from 2.1.1 on, before 2.2.8: %s', (version, expected) => {
  expect(isBetween(version, [2, 1, 1], [2, 2, 8])).toBe(expected);
});
