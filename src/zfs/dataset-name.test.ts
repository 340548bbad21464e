import { describe, expect, test } from 'vitest';
import {
  ancestorsOf,
  byTreeOrder,
  datasetNameFault,
  highestAbove,
  isWithin,
  lastPart,
  parentOf,
  parseDatasetName,
  parseShortName,
  poolOf,
  rebase,
} from './dataset-name.ts';

const name = parseDatasetName;

describe('parseDatasetName', () => {
  test.each(['tank', 'tank/a b', 'tank/a:b/c.d', 'tank/a-b_c', `t/${'x'.repeat(253)}`])(
    'takes %j',
    (text) => {
      expect(parseDatasetName(text)).toBe(text);
    },
  );

  test.each([
    ['', 'it is empty'],
    ['/tank/home', 'it begins with "/"; give the dataset, not the path where it is mounted'],
    ['tank/', 'it ends with "/"'],
    ['tank//a', 'it holds "//"'],
    ['tank/../a', '".." cannot be a part of it'],
    ['tank/./a', '"." cannot be a part of it'],
    ['tank@now', 'it names a snapshot; give the dataset before the "@"'],
    ['tank#mark', 'it names a bookmark; give the dataset before the "#"'],
    ['1tank', "a pool's name begins with a letter"],
    ['_tank/a', "a pool's name begins with a letter"],
    ['tank/a+b', 'ZFS does not allow "+" in it'],
    ['tank/100%', 'ZFS does not allow "%" in it'],
    ['tank/a\nb', 'ZFS does not allow "\\n" in it'],
    ['tank/ü', 'ZFS does not allow "ü" in it'],
    ['tank/\u{1f4be}', 'ZFS does not allow "\u{1f4be}" in it'],
    [`t/${'x'.repeat(254)}`, 'it is longer than 255 bytes'],
    [`t/${'x'.repeat(251)}.x.`, 'it is longer than 255 bytes'],
    [`t/${'ü'.repeat(127)}`, 'it is longer than 255 bytes'],
  ])('says what is wrong with %j', (text, reason) => {
    expect(() => parseDatasetName(text)).toThrow(
      expect.objectContaining({ code: 'usage', message: `"${text}" is not a dataset's name: ${reason}` }),
    );
  });

  test.each(['tank/.a', 'tank/a..b', 'tank/...', 'p.q/a', `t/${'x'.repeat(251)}.x`])(
    'takes a dot that is not alone: %j',
    (text) => {
      expect(datasetNameFault(text)).toBeUndefined();
    },
  );
});

test('a short name is not empty and holds no separator', () => {
  expect(parseShortName('zferry_ab12_2026-01-01:00 %')).toContain('zferry');
  for (const bad of ['', 'a@b', 'a/b', 'a#b', 'a\tb', 'a\n', '@a']) {
    expect(() => parseShortName(bad)).toThrow(
      expect.objectContaining({ code: 'usage', message: `"${bad}" is not a snapshot's name` }),
    );
  }
});

test('a short name has 255 bytes at most', () => {
  expect(parseShortName('x'.repeat(255))).toHaveLength(255);
  expect(() => parseShortName('x'.repeat(256))).toThrow(/snapshot/);
});

test('a name is inside its ancestors only, not inside one that shares its letters', () => {
  expect(isWithin(name('tank/a/b'), name('tank/a'))).toBe(true);
  expect(isWithin(name('tank/a'), name('tank/a'))).toBe(true);
  expect(isWithin(name('tank/ab'), name('tank/a'))).toBe(false);
});

test('names are taken apart and put together', () => {
  expect(poolOf(name('tank/a/b'))).toBe('tank');
  expect(parentOf(name('tank/a/b'))).toBe('tank/a');
  expect(parentOf(name('tank'))).toBeUndefined();
  expect(lastPart(name('tank/a/b'))).toBe('b');
  expect(lastPart(name('tank'))).toBe('tank');
  expect(ancestorsOf(name('tank/a/b'))).toEqual(['tank', 'tank/a']);
  expect(ancestorsOf(name('tank'))).toEqual([]);
  expect(rebase(name('tank/a/b'), name('tank/a'), name('nas/x'))).toBe('nas/x/b');
  expect(rebase(name('tank/a'), name('tank/a'), name('nas/x'))).toBe('nas/x');
});

test('of those above a name the highest is found, and never the name itself', () => {
  const [root, below, leaf] = [name('tank'), name('tank/a'), name('tank/a/b')];
  expect(highestAbove(leaf, new Set([below, root, leaf]))).toBe('tank');
  expect(highestAbove(leaf, new Set([below, leaf]))).toBe('tank/a');
  expect(highestAbove(leaf, new Set([leaf, name('tank/x')]))).toBeUndefined();
});

test('a parent comes before its children, even where a sibling sorts between them by bytes', () => {
  const tree = ['t/a/b', 't/a-b', 't', 't/a', 't/a b'].map(name);
  expect(tree.sort(byTreeOrder)).toEqual(['t', 't/a', 't/a/b', 't/a b', 't/a-b']);
});
