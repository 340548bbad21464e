import { describe, expect, test } from 'vitest';
import { asksForNothing, isAskedFor, isAskedForUnknown, parsePropertyRequest } from './property-request.ts';

const choose = (...words: string[]) => parsePropertyRequest(words, []).choice;

describe('which properties of the source', () => {
  const names = [
    ...'compression recordsize atime mountpoint quota sync readonly canmount volsize filesystem_count keylocation'.split(
      ' ',
    ),
    ...'org.example:note com.sun:auto-snapshot:daily zrep:master zferry:id brandnew'.split(' '),
  ];
  const given = (...words: string[]) => names.filter((name) => isAskedFor(choose(...words), name));

  test.each([
    [[], []],
    [['none'], []],
    [['own'], ['compression', 'recordsize', 'atime', 'org.example:note']],
    // A pattern takes nothing that could do harm; a name does, but what a copy cannot do without.
    [['*'], ['compression', 'recordsize', 'atime', 'org.example:note']],
    [['*:*'], ['org.example:note']],
    [
      ['mountpoint', 'com.sun:auto-snapshot:daily'],
      ['mountpoint', 'com.sun:auto-snapshot:daily'],
    ],
    [
      ['own', 'quota'],
      ['compression', 'recordsize', 'atime', 'quota', 'org.example:note'],
    ],
    [['recordsi?e'], ['recordsize']],
  ])('%j', (words, expected) => expect(given(...words)).toEqual(expected));

  test('one that nobody here knows is not given, and is missed', () => {
    const missed = (...words: string[]) => names.filter((name) => isAskedForUnknown(choose(...words), name));
    expect(missed('own')).toEqual(['brandnew']);
    expect(missed('b*')).toEqual(['brandnew']);
    expect(missed('recordsize')).toEqual([]);
  });
});

test('overrides', () => {
  const words = ['compression=zstd', 'org.x:note=a=b\n', 'org.x:empty='];
  expect([...parsePropertyRequest([], words).overrides]).toEqual([
    ['compression', 'zstd'],
    ['org.x:note', 'a=b\n'],
    ['org.x:empty', ''],
  ]);
  expect(asksForNothing(parsePropertyRequest([], words))).toBe(false);
  expect(asksForNothing(parsePropertyRequest(['none'], []))).toBe(true);
});

const someName =
  'look at: zfs get all; a property of your own has a colon in its name, and only a-z, 0-9 and - _ . :';
const out = 'leave it out';
const usage = (message: string, next: string | undefined) =>
  expect.objectContaining({ code: 'usage', message, next });

test.each<[string[], string, string]>([
  [['none', 'own'], '--properties none excludes any other --properties', 'leave one of them out'],
  [['atime', 'none'], '--properties none excludes any other --properties', 'leave one of them out'],
  [[''], '--properties needs "none", "own", a name or a pattern', 'for instance --properties recordsize'],
  [
    ['readonly'],
    '--properties readonly: readonly is not for a copy to be given: a copy that can be written to cannot go on',
    out,
  ],
  [
    ['zferry:*'],
    '--properties zferry:*: zferry:* is not for a copy to be given: zferry keeps there what it knows of a copy',
    out,
  ],
  [
    ['own', 'volsize'],
    '--properties volsize: volsize is not for a copy to be given: it comes with the data, and a copy cannot have another',
    out,
  ],
  [['atyme'], '--properties atyme: "atyme" is no property that can be set on a copy', someName],
  [['used'], '--properties used: "used" is no property that can be set on a copy', someName],
  [
    ['Org.x:*'],
    '--properties Org.x:*: no property has such a name',
    'names are lower-case, like org.example:*',
  ],
  [['a b?'], '--properties a b?: no property has such a name', 'names are lower-case, like org.example:*'],
])('--properties %j', (words, message, next) => {
  expect(() => parsePropertyRequest(words, [])).toThrow(usage(message, next));
});

const form = 'for instance --override atime=off';

test.each<[string[], string, string | undefined]>([
  [['atime'], '--override atime: it has no NAME=VALUE', form],
  [['=off'], '--override =off: it has no NAME=VALUE', form],
  [['atyme=off'], '--override atyme=off: "atyme" is no property that can be set on a copy', someName],
  [['Org.x:a=1'], '--override Org.x:a=1: "Org.x:a" is no property that can be set on a copy', someName],
  [
    ['canmount=on'],
    '--override canmount=on: canmount is not for a copy to be given: a copy is never mounted by itself; --mount mounts it',
    out,
  ],
  [
    ['zferry:id=x'],
    '--override zferry:id=x: zferry:id is not for a copy to be given: zferry keeps there what it knows of a copy',
    out,
  ],
  [['atime='], '--override atime=: atime needs a value', 'see what it can have: man zfsprops'],
  [[`org.x:a=${'x'.repeat(8192)}`], '--override org.x:a: its value is longer than 8191 bytes', undefined],
  [['atime=on', 'atime=off'], '--override atime is given twice', 'leave one of them out'],
])('--override %j', (words, message, next) => {
  expect(() => parsePropertyRequest([], words)).toThrow(usage(message, next));
});

test('the longest value, and a pattern of ours among others, are taken', () => {
  const longest = 'x'.repeat(8191);
  expect(parsePropertyRequest([], [`org.x:a=${longest}`]).overrides.get('org.x:a')).toBe(longest);
  expect(choose('own', 'org.x-1_a.b:*', 'a?ime')).toEqual({
    own: true,
    patterns: ['org.x-1_a.b:*', 'a?ime'],
  });
  expect(choose('none')).toEqual({ own: false, patterns: [] });
});

test('nothing is asked for only where nothing is', () => {
  const nothing = (...args: Parameters<typeof parsePropertyRequest>) =>
    asksForNothing(parsePropertyRequest(...args));
  expect([nothing([], []), nothing(['own'], []), nothing(['atime'], []), nothing([], ['atime=on'])]).toEqual([
    true,
    false,
    false,
    false,
  ]);
});
