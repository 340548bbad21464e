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

test.each([
  ['none', 'own', /excludes any other/],
  ['', /needs "none", "own", a name or a pattern/],
  ['readonly', /a copy that can be written to cannot go on/],
  ['zferry:*', /zferry keeps there/],
  ['keylocation', /arrive as they are, with their own key/],
  ['volsize', /comes with the data/],
  ['atyme', /"atyme" is no property that can be set on a copy/],
  ['used', /is no property that can be set/],
  ['Org.x:*', /no property has such a name/],
])('--properties %j', (...given) => {
  const words = given.filter((one) => typeof one === 'string');
  expect(() => parsePropertyRequest(words, [])).toThrow(given.at(-1));
});

test.each([
  ['atime', /it has no NAME=VALUE/],
  ['=off', /it has no NAME=VALUE/],
  ['atyme=off', /"atyme" is no property/],
  ['rdonly=off', /"rdonly" is no property/],
  ['Org.x:a=1', /"Org.x:a" is no property/],
  ['readonly=off', /cannot go on/],
  ['canmount=on', /--mount mounts it/],
  ['zferry:id=x', /zferry keeps there/],
  ['encryption=off', /as they are/],
  ['atime=', /needs a value/],
  [`org.x:a=${'x'.repeat(8192)}`, /longer than 8191 bytes/],
])('--override %s', (word, message) => {
  expect(() => parsePropertyRequest([], [word])).toThrow(message);
});

test('an override that is given twice', () => {
  expect(() => parsePropertyRequest([], ['atime=on', 'atime=off'])).toThrow(/given twice/);
});
