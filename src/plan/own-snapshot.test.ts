import { expect, test } from 'vitest';
import { parseDatasetName, parseShortName } from '../zfs/dataset-name.ts';
import {
  freeSnapshotName,
  isChosen,
  isExcluded,
  isOwnSnapshot,
  ownSnapshotName,
  parseSnapshotChoice,
} from './own-snapshot.ts';
import { dataset } from './testing.ts';

const at = Date.UTC(2026, 10, 20, 3, 4, 5, 678);

test('the name tells whose it is and when it was made, in UTC', () => {
  expect(ownSnapshotName('ab12cd', at)).toBe('zferry_ab12cd_20261120T030405Z');
});

test("another job's snapshot is not own, even with an id that begins alike", () => {
  expect(isOwnSnapshot(ownSnapshotName('ab', at), 'ab')).toBe(true);
  expect(isOwnSnapshot(ownSnapshotName('ab_c', at), 'ab')).toBe(false);
  expect(isOwnSnapshot(parseShortName('zferry_ab_kept-by-hand'), 'ab')).toBe(false);
  expect(isOwnSnapshot(parseShortName('daily'), 'ab')).toBe(false);
  const name = ownSnapshotName('ab', at);
  for (const one of [`x${name}`, `${name}x`, name.replace('ab_', 'ab_x'), name.replace('05Z', '5Z')]) {
    expect(isOwnSnapshot(parseShortName(one), 'ab')).toBe(false);
  }
});

test('two runs in one second get two names', () => {
  const first = ownSnapshotName('ab', at);
  const taken = dataset('tank/a', `@${first},5`);
  expect(freeSnapshotName('ab', at, [taken])).toBe('zferry_ab_20261120T030406Z');
  const next = dataset('tank/b', '@x,1 @zferry_ab_20261120T030406Z,2');
  expect(freeSnapshotName('ab', at, [dataset('tank'), taken, next])).toBe('zferry_ab_20261120T030407Z');
  expect(freeSnapshotName('ab', at, [next])).toBe(first);
});

test('choice of snapshots', () => {
  const own = ownSnapshotName('ab', at);
  const daily = parseShortName('daily-1');
  expect(isChosen(parseSnapshotChoice('all'), daily, 'ab')).toBe(true);
  expect(isChosen(parseSnapshotChoice('own'), daily, 'ab')).toBe(false);
  expect(isChosen(parseSnapshotChoice('own'), own, 'ab')).toBe(true);
  expect(isChosen(parseSnapshotChoice('daily-*'), daily, 'ab')).toBe(true);
  expect(isChosen(parseSnapshotChoice('daily-*'), own, 'ab')).toBe(false);
  expect(() => parseSnapshotChoice('')).toThrow(
    expect.objectContaining({
      code: 'usage',
      message: '--snapshots needs "all", "own" or a pattern',
      next: 'for instance --snapshots "daily-*"',
    }),
  );
});

test.each([
  ['tank/home/ann/cache', ['tank/home/*/cache'], true],
  ['tank/home/ann/cache/deep', ['tank/home/*/cache'], true],
  ['tank/home/ann', ['tank/home/*/cache'], false],
  ['tank/home/ann/cache', ['*/cache'], true],
  ['tank/home/cache', ['cache'], true],
  ['tank/home/ann/cache/deep', ['cache'], true],
  ['tank/home/ann/cached', ['cache'], false],
  ['tank/home/ann/cache', ['home/cache'], false],
  ['tank/home', ['*'], false],
])('excluding %s by %j: %s', (name, patterns, left) => {
  expect(isExcluded(parseDatasetName(name), parseDatasetName('tank/home'), patterns)).toBe(left);
});
