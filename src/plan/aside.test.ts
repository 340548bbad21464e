import { expect, test } from 'vitest';
import { parseDatasetName } from '../zfs/dataset-name.ts';
import { isMeantFor, parseAside, unfinishedIn } from './aside.ts';
import { dataset, own } from './testing.ts';

const mark = (original: string) => own({ 'zferry:aside': `20261120T030405Z open 7 ${original}` });
const copy = 'n/c/moved/x_diverged_20261120T030405Z';

test('what was set aside is found by its mark, under the name that it had', () => {
  const listed = [dataset('n/c'), dataset('n/c/moved'), dataset(copy, '', { own: mark('n/c/moved/x') })];
  expect(unfinishedIn(listed, [dataset('n')])).toEqual([{ copy, original: 'n/c/moved/x' }]);
});

test('where its parent was renamed since, it belongs beside its copy, with which it went along', () => {
  const listed = [
    dataset('n/c'),
    dataset('n/c/moved'),
    dataset('n/c/moved/x', '', { own: own({ 'zferry:rebuilding': 'n/c/old/x_diverged_20261120T030405Z' }) }),
    dataset(copy, '', { own: mark('n/c/old/x') }),
  ];
  expect(unfinishedIn(listed, [dataset('n')])).toEqual([{ copy, original: 'n/c/moved/x' }]);
});

test.each([
  ['n/c/moved/x', 'n/c/moved/x', true],
  ['n/c/old/x', 'n/c/moved/x', true],
  ['n/c/old/x', 'n/c/old/x', true],
  ['n/c/old/y', 'n/c/moved/x', false],
  ['n/c/old/x', 'n/c/other/x', false],
])('a copy that was set aside for %s is meant for %s: %s', (noted, original, meant) => {
  const aside = parseAside(`20261120T030405Z open 7 ${noted}`);
  const names = { copy: parseDatasetName(copy), original: parseDatasetName(original) };
  expect(aside && isMeantFor(aside, names)).toBe(meant);
});
