import { describe, expect, test } from 'vitest';
import {
  ancestorsOf,
  byTreeOrder,
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
    ['', 'empty'],
    ['/tank/home', 'path where it is mounted'],
    ['tank/', 'ends with'],
    ['tank//a', '"//"'],
    ['tank/../a', '".." cannot be a part'],
    ['tank/./a', '"." cannot be a part'],
    ['tank@now', 'names a snapshot'],
    ['tank#mark', 'names a bookmark'],
    ['1tank', 'begins with a letter'],
    ['tank/a+b', 'does not allow "+"'],
    ['tank/100%', 'does not allow "%"'],
    ['tank/a\nb', 'does not allow "\\n"'],
    ['tank/ü', 'does not allow "ü"'],
    [`t/${'x'.repeat(254)}`, 'longer than 255'],
  ])('says what is wrong with %j', (text, reason) => {
    expect(() => parseDatasetName(text)).toThrow(reason);
  });
});

test('a short name is not empty and holds no separator', () => {
  expect(parseShortName('zferry_ab12_2026-01-01:00 %')).toContain('zferry');
  for (const bad of ['', 'a@b', 'a/b', 'a#b', 'a\tb']) expect(() => parseShortName(bad)).toThrow(/snapshot/);
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
