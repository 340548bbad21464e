import { describe, expect, test } from 'vitest';
import { parseDatasetName } from '../zfs/dataset-name.ts';
import { asideIn, asideText, isAside, isMeantFor, parseAside, unfinished, unfinishedIn } from './aside.ts';
import { dataset, own } from './testing.ts';

const name = parseDatasetName;
const mark = (original: string, state = 'open') =>
  own({ 'zferry:aside': `20261120T030405Z ${state} 7 ${original}` });
const copy = 'n/c/moved/x_diverged_20261120T030405Z';

describe('the mark of what was set aside', () => {
  test.each([
    ['20261120T030405Z open 7 n/c/x', { state: 'open', base: '7', original: 'n/c/x' }],
    ['20261120T030405Z moved - n/c/my x', { state: 'moved', base: undefined, original: 'n/c/my x' }],
    [
      '20261120T030405Z done 18446744073709551615 n',
      { state: 'done', base: '18446744073709551615', original: 'n' },
    ],
  ])('%s', (text, says) => {
    const aside = parseAside(text);
    expect(aside).toEqual({ since: '20261120T030405Z', ...says });
    expect(aside && asideText(aside)).toBe(text);
  });

  test.each([
    '',
    'on',
    'x 20261120T030405Z open 7 n/c/x',
    'x20261120T030405Z open 7 n/c/x',
    '2026112T030405Z open 7 n/c/x',
    '20261120T03040Z open 7 n/c/x',
    '20261120 open 7 n/c/x',
    '20261120T030405Z closed 7 n/c/x',
    '20261120T030405Z open x n/c/x',
    '20261120T030405Z open -- n/c/x',
    '20261120T030405Z open  n/c/x',
    '20261120T030405Z open 7',
    '20261120T030405Z open 7 ',
    '20261120T030405Z open 7 n/c/x\nmore',
  ])('%j is none', (text) => {
    expect(parseAside(text)).toBeUndefined();
  });

  test('is done when it says so', () => {
    expect(unfinished(name('n/c/y'), '20261120T030405Z open - n/c/x')).toEqual({
      copy: 'n/c/y',
      original: 'n/c/x',
    });
    expect(unfinished(name('n/c/y'), '20261120T030405Z moved 7 n/c/x')).toEqual({
      copy: 'n/c/y',
      original: 'n/c/x',
    });
    expect(unfinished(name('n/c/y'), '20261120T030405Z done 7 n/c/x')).toBeUndefined();
    expect(unfinished(name('n/c/y'), 'something else')).toBeUndefined();
  });
});

test('what has its own name yet was never set aside; what lies below what was, is', () => {
  const listed = [
    dataset('n/c'),
    dataset('n/c/y', '', { own: mark('n/c/x', 'done') }),
    dataset('n/c/y/below'),
    dataset('n/c/yes'),
    dataset('n/c/z', '', { own: mark('n/c/z') }),
    // Nobody of us has written that, and it says that it is no copy all the same.
    dataset('n/c/odd', '', { own: own({ 'zferry:aside': 'x' }) }),
    dataset('n/c/got', '', {
      own: new Map([['zferry:aside', { value: '20261120T030405Z done 7 n/c/x', source: 'received' }]]),
    }),
  ];
  expect([...asideIn(listed)]).toEqual(['n/c/y', 'n/c/y/below', 'n/c/odd']);
  expect(listed.filter(isAside).map((one) => one.name)).toEqual(['n/c/y', 'n/c/odd']);
});

test('what was set aside is found by its mark, under the name that it had', () => {
  const listed = [dataset('n/c'), dataset('n/c/moved'), dataset(copy, '', { own: mark('n/c/moved/x') })];
  expect(unfinishedIn(listed, [dataset('n')])).toEqual([{ copy, original: 'n/c/moved/x' }]);
  expect(unfinishedIn([dataset(copy, '', { own: mark('n/c/moved/x', 'done') })], [])).toEqual([]);
});

test('or by what takes its place', () => {
  const place = dataset('n/c/x', '', { own: own({ 'zferry:rebuilding': 'n/c/x_diverged_1' }) });
  expect(unfinishedIn([dataset('n/c'), place], [dataset('n')])).toEqual([
    { copy: 'n/c/x_diverged_1', original: 'n/c/x' },
  ]);
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

test('not where the parent is only above what is listed, or there is none', () => {
  const aside = dataset('n/x_diverged_1', '', { own: mark('n/x') });
  expect(unfinishedIn([aside], [dataset('n')])).toEqual([{ copy: 'n/x_diverged_1', original: 'n/x' }]);
  const pool = dataset('n/x_diverged_1', '', { own: mark('p') });
  expect(unfinishedIn([pool], [dataset('n')])).toEqual([{ copy: 'n/x_diverged_1', original: 'p' }]);
});

test.each([
  ['n/c/moved/x', 'n/c/moved/x', true],
  ['n/c/old/x', 'n/c/moved/x', true],
  ['n/c/old/x', 'n/c/old/x', true],
  ['n/c/old/y', 'n/c/moved/x', false],
  ['n/c/old/x', 'n/c/other/x', false],
])('a copy that was set aside for %s is meant for %s: %s', (noted, original, meant) => {
  const aside = parseAside(`20261120T030405Z open 7 ${noted}`);
  expect(aside && isMeantFor(aside, { copy: name(copy), original: name(original) })).toBe(meant);
});
