import { describe, expect, test } from 'vitest';
import { parseDatasetName } from '../zfs/dataset-name.ts';
import type { Refusal } from '../zfs/property-output.ts';
import {
  chooseProperties,
  type First,
  firstReceives,
  nothingGiven,
  propertyBytes,
  settleWishes,
  type Wish,
  wishesOf,
  wishesToCheck,
  wishKey,
  withGiven,
} from './given-properties.ts';
import { parsePropertyRequest } from './property-request.ts';
import { planSync } from './sync-plan.ts';
import { dataset, side, syncOptions } from './testing.ts';

const top = parseDatasetName('tank');

function first(name: string, type: First['type'] = 'filesystem', preset: readonly string[] = []): First {
  return {
    source: parseDatasetName(name),
    target: parseDatasetName(`nas/${name}`),
    type,
    preset: new Set(preset),
  };
}

const tree = [first('tank'), first('tank/a'), first('tank/v', 'volume', ['volmode']), first('tank/a/b')];

describe('what arrives for the first time', () => {
  const sources = [dataset('tank/l', '@a,1'), dataset('tank/l/new', '@x,7', { type: 'volume' })];

  test('is not what goes on', () => {
    const source = side('tank/l', sources);
    const target = side('nas/l', [dataset('nas/l', '@a,1')]);
    const plan = planSync(source, target, syncOptions(), new Set());
    expect(firstReceives(plan.datasets, sources)).toEqual([
      {
        source: 'tank/l/new',
        target: 'nas/l/new',
        type: 'volume',
        preset: new Set([
          'readonly',
          'com.sun:auto-snapshot',
          'zferry:id',
          'volmode',
          'zferry:source',
          'zferry:mode',
          'zferry:large-blocks',
        ]),
      },
    ]);
  });

  test('has what it is given beside what it always has, and nothing else has it', () => {
    const source = side('tank/l', sources);
    const target = side('nas/l', [dataset('nas/l', '@a,1')]);
    const given = {
      properties: new Map(sources.map(({ name }) => [name, { volmode: 'dev', 'org.x:a': '1' }])),
      warnings: ['something'],
    };
    const plan = planSync(source, target, syncOptions({ given }), new Set());
    expect(plan.datasets.map(({ decision }) => decision)).toMatchObject([
      { properties: {} },
      { properties: { readonly: 'on', volmode: 'dev', 'org.x:a': '1' } },
    ]);
    expect(plan.warnings).toContain('something');
    expect(withGiven(plan.datasets, nothingGiven)).toEqual(plan.datasets);
  });
});

describe('what is chosen', () => {
  const local = new Map([
    [top, ['compression', 'mountpoint', 'brandnew']],
    [parseDatasetName('tank/a'), ['compression', 'org.x:note']],
  ]);
  const choose = (properties: string[], overrides: string[] = [], firsts = tree) =>
    chooseProperties(parsePropertyRequest(properties, overrides), firsts, local, top);

  test('is set on the dataset itself and asked for; an override stands for all of its name', () => {
    expect(choose(['org.*', 'compression'], ['compression=zstd'])).toEqual({
      chosen: [{ dataset: 'tank/a', name: 'org.x:note' }],
      warnings: [],
    });
  });

  test('what nobody knows is named once, with the first three that have it', () => {
    const named = (count: number) => {
      const firsts = ['tank', 'tank/b', 'tank/c', 'tank/d', 'tank/e']
        .slice(0, count)
        .map((one) => first(one));
      const everywhere = new Map(firsts.map(({ source }) => [source, ['brandnew']]));
      return chooseProperties(parsePropertyRequest(['own'], []), firsts, everywhere, top).warnings;
    };
    const rest = 'is not given to the copy: zferry does not know what it would do there';
    expect(named(3)).toEqual([`brandnew of tank, tank/b, tank/c ${rest}`]);
    expect(named(5)).toEqual([`brandnew of tank, tank/b, tank/c and 2 more ${rest}`]);
  });

  test('what nobody knows is named', () => {
    expect(choose(['own']).warnings).toEqual([
      'brandnew of tank is not given to the copy: zferry does not know what it would do there',
    ]);
  });

  test('a pattern that fits nothing is named with a first copy, not with what comes later', () => {
    expect(choose(['org.y:*']).warnings).toEqual([
      '--properties org.y:* fits nothing that is set on tank or below it and may be given',
    ]);
    expect(choose(['org.y:*'], [], tree.slice(1)).warnings).toEqual([]);
    expect(choose(['org.y:*', 'org.x:*'], [], tree.slice(0, 1)).warnings).toEqual([
      '--properties org.y:* fits nothing that is set on tank and may be given',
      '--properties org.x:* fits nothing that is set on tank and may be given',
    ]);
    expect(choose(['mount*', 'org.x:*'], [], tree).warnings).toEqual([
      '--properties mount* fits nothing that is set on tank or below it and may be given',
    ]);
  });
});

test('what is taken from the source comes before overrides, each with where it is from', () => {
  const [root, a] = tree;
  const values = new Map([
    [
      parseDatasetName('tank/a'),
      new Map([
        ['recordsize', '4096'],
        ['org.x:b', '1'],
      ]),
    ],
  ]);
  const wishes = wishesOf(tree.slice(0, 2), values, parsePropertyRequest([], ['quota=1G']).overrides);
  expect(wishes).toEqual([
    { first: root, name: 'quota', value: '1G', override: true },
    { first: a, name: 'recordsize', value: '4096', override: false },
    { first: a, name: 'org.x:b', value: '1', override: false },
    { first: a, name: 'quota', value: '1G', override: true },
  ]);
});

test('what a property takes of a command line, at most', () => {
  expect(propertyBytes({})).toBe(0);
  expect(propertyBytes({ atime: 'off' })).toBe('atime'.length + 'off'.length + 10);
  // Each byte that a shell could read otherwise, and each of a letter that has two.
  expect(propertyBytes({ 'org.x:a': "a'b" })).toBe('org.x:a'.length + 2 + 20 + 10);
  expect(propertyBytes({ 'org.x:a': 'é' })).toBe('org.x:a'.length + 40 + 10);
  expect(propertyBytes({ atime: 'off', exec: 'on' })).toBe(18 + 16);
});

describe('overrides', () => {
  const set = (word: string, firsts: readonly First[] = tree) =>
    wishesOf(firsts, new Map(), parsePropertyRequest([], [word]).overrides).map(({ first }) => first.source);

  test.each([
    // Inherited from the highest that arrives.
    ['compression=zstd', ['tank']],
    ['org.x:note=1', ['tank']],
    // Each has its own.
    ['reservation=1M', ['tank', 'tank/a', 'tank/v', 'tank/a/b']],
    ['quota=1G', ['tank', 'tank/a', 'tank/a/b']],
    ['volthreading=off', ['tank/v']],
    // Where zferry would set another.
    ['volmode=dev', ['tank', 'tank/v']],
  ])('%s', (word, on) => expect(set(word)).toEqual(on));

  test('what arrives later, below a copy that is there, has it', () => {
    expect(set('compression=zstd', [first('tank/a'), first('tank/a/b'), first('tank/c')])).toEqual([
      'tank/a',
      'tank/c',
    ]);
  });
});

describe('what is set', () => {
  const wish = (one: First | undefined, name: string, value: string, override = false): Wish => ({
    first: one ?? first('none'),
    name,
    value,
    override,
  });
  const [root, a, v] = tree;
  const settle = (wishes: readonly Wish[], refused: readonly [Wish, Refusal][] = []) =>
    settleWishes(wishes, new Map(refused.map(([one, why]) => [wishKey(one), why])));
  const unknown: Refusal = { kind: 'unknown', said: "invalid property 'prefetch'" };
  const bad: Refusal = { kind: 'bad-value', said: "'recordsize' must be power of 2 from 512B to 1M" };
  const other: Refusal = { kind: 'other-type', said: 'does not apply to datasets of this type' };

  test('is what the target takes; the rest is named once', () => {
    const prefetch = [wish(root, 'prefetch', 'none'), wish(a, 'prefetch', 'none')];
    const large = wish(a, 'recordsize', '16777216');
    const note = wish(root, 'org.x:note', 'a\tb');
    const given = settle(
      [...prefetch, large, note],
      [
        [prefetch[0] ?? large, unknown],
        [large, bad],
      ],
    );
    expect([...given.properties]).toEqual([['tank', { 'org.x:note': 'a\tb' }]]);
    expect(given.warnings).toEqual([
      'nas/tank, nas/tank/a: prefetch=none is left out: the ZFS there has no such property',
      "nas/tank/a: recordsize=16777216 is left out: the ZFS there says: 'recordsize' must be power of 2 from 512B to 1M",
    ]);
  });

  test('an override that the release does not know is left out; one that is of the other type, without a word', () => {
    const prefetch = wish(root, 'prefetch', 'none', true);
    expect(settle([prefetch], [[prefetch, unknown]]).warnings).toHaveLength(1);
    const small = wish(v, 'special_small_blocks', '0', true);
    expect(settle([small], [[small, other]])).toEqual(nothingGiven);
  });

  test('an override that cannot be is a usage error', () => {
    const large = wish(root, 'recordsize', '3', true);
    expect(() => settle([large], [[large, bad]])).toThrow(
      expect.objectContaining({
        code: 'usage',
        message:
          "--override recordsize=3: the ZFS of the target does not take it for nas/tank: 'recordsize' must be power of 2 from 512B to 1M",
        next: 'give it another value; nothing was changed',
      }),
    );
    // What the source has is only left out.
    const had = wish(root, 'recordsize', '3');
    expect(settle([had], [[had, other]]).warnings).toEqual([
      'nas/tank: recordsize=3 is left out: the ZFS there says: does not apply to datasets of this type',
    ]);
  });

  test('what no command line could bring is left out', () => {
    const wishes = [
      wish(root, 'org.x:bin', '\uFFFD'),
      wish(root, 'org.x:quotes', "'".repeat(4000)),
      wish(root, 'org.x:small', 'x'),
    ];
    const given = settle(wishes);
    expect([...given.properties]).toEqual([['tank', { 'org.x:small': 'x' }]]);
    expect(given.warnings).toEqual([
      'nas/tank: org.x:bin=\uFFFD is left out: it is not UTF-8',
      expect.stringContaining('is left out: it is too long for a command line'),
    ]);
  });

  test('what is too long by itself, or with what came before it on the same dataset', () => {
    const taken = (...wishes: Wish[]) =>
      [...settle(wishes).properties].map(([name, all]) => [name, Object.keys(all)]);
    expect(taken(wish(root, 'org.x:a', 'x'.repeat(8191)))).toEqual([['tank', ['org.x:a']]]);
    expect(taken(wish(root, 'org.x:a', 'x'.repeat(8192)))).toEqual([]);
    const large = 'x'.repeat(8000);
    const all = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => wish(root, `org.x:${name}`, large));
    expect(taken(...all, wish(a, 'org.x:a', large), wish(root, 'org.x:small', 'x'))).toEqual([
      ['tank', ['org.x:a', 'org.x:b', 'org.x:c', 'org.x:d', 'org.x:e', 'org.x:f', 'org.x:g', 'org.x:small']],
      ['tank/a', ['org.x:a']],
    ]);
    // To the byte: a name, a value and ten for what is around them.
    const rest = (bytes: number) => wish(root, 'org.x:z', 'x'.repeat(bytes - 'org.x:z'.length - 10));
    const used = 7 * (8000 + 'org.x:a'.length + 10);
    expect(taken(...all.slice(0, 7), rest(60_000 - used))[0]?.[1]).toContain('org.x:z');
    expect(taken(...all.slice(0, 7), rest(60_001 - used))[0]?.[1]).not.toContain('org.x:z');
  });

  test('native ones are asked about, each value once a type', () => {
    const wishes = [
      wish(root, 'compression', 'zstd'),
      wish(a, 'compression', 'zstd'),
      wish(v, 'compression', 'zstd'),
      wish(root, 'org.x:note', 'x'),
    ];
    expect(wishesToCheck(wishes).map(({ first: one }) => one.source)).toEqual(['tank', 'tank/v']);
  });
});
