import { describe, expect, test } from 'vitest';
import { parseDatasetName } from '../zfs/dataset-name.ts';
import { type Found, type Holding, judgeHoldings, toRelease } from './holdings.ts';

const name = parseDatasetName;

type Marks = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What one host has; bookmarks and holds as `dataset#name time` or `dataset@name tag time`, the time for their transaction group, too. */
function found(
  host: string,
  given: {
    readonly marks?: Marks;
    readonly bookmarks?: string[];
    readonly holds?: string[];
    readonly used?: number;
  },
): Found {
  const point = (full: string, time: string) => ({
    dataset: name(full.replace(/[@#].*/, '')),
    name: full,
    createtxg: Number(time),
    creation: Number(time),
  });
  return {
    host,
    marks: Object.entries(given.marks ?? {}).flatMap(([dataset, own]) =>
      Object.entries(own).map(([property, value]) => ({ name: name(dataset), property, value })),
    ),
    bookmarks: (given.bookmarks ?? []).map((text) => {
      const [full = '', time = ''] = text.split(' ');
      return point(full, time);
    }),
    holds: (given.holds ?? []).map((text) => {
      const [full = '', tag = '', time = ''] = text.split(' ');
      return { ...point(full, time), tag };
    }),
    used: new Map(Object.keys(given.marks ?? {}).map((dataset) => [name(dataset), given.used ?? 0])),
  };
}

/** `kind name id state: reason` of each. */
const told = (...all: Found[]): string[] =>
  judgeHoldings(all).map((one) => `${one.kind} ${one.name} ${one.id} ${one.state}: ${one.reason}`);

const replica = found('nas', { marks: { 'n/c': { 'zferry:id': 'ab12cd' } } });
const top = 'properties n/c ab12cd in use: marks a replica';

describe('marks', () => {
  test('of a replica: its top, its parts, what only holds them, and what has lost its source', () => {
    const marks: Marks = {
      'n/c': { 'zferry:id': 'ab12cd', 'zferry:source': '5' },
      'n/c/a': { 'zferry:source': '6', 'zferry:mode': 'raw' },
      'n/c/p': { 'zferry:placeholder': 'on' },
      'n/c/q': { 'zferry:placeholder': 'off', 'zferry:source': '8' },
      'n/c/gone': { 'zferry:source': '7', 'zferry:vanished': '20261120T030405Z' },
      'n/c/odd': { 'zferry:vanished': 'yesterday' },
    };
    const all = judgeHoldings([found('nas', { marks })]);
    expect(all.map((one) => [one.name, one.reason, one.since])).toEqual([
      ['n/c', 'marks a replica', undefined],
      ['n/c/a', 'marks a part of a replica', undefined],
      ['n/c/p', 'only holds what is below it', undefined],
      ['n/c/q', 'marks a part of a replica', undefined],
      ['n/c/gone', 'marks a part of a replica, its source is gone', Date.UTC(2026, 10, 20, 3, 4, 5) / 1000],
      ['n/c/odd', 'marks a part of a replica', undefined],
    ]);
    expect(all[1]).toEqual({
      host: 'nas',
      dataset: 'n/c/a',
      name: 'n/c/a',
      id: 'ab12cd',
      reason: 'marks a part of a replica',
      since: undefined,
      state: 'in use',
      kind: 'properties',
      properties: ['zferry:source', 'zferry:mode'],
    });
    expect(new Set(all.map((one) => `${one.id} ${one.state} ${one.kind}`))).toEqual(
      new Set(['ab12cd in use properties']),
    );
  });

  test('belong to the nearest replica above, and to none where there is none', () => {
    const marks: Marks = {
      'n/c': { 'zferry:id': 'ab12cd' },
      'n/c/below': { 'zferry:id': 'zzzzzz' },
      'n/c/below/x': { 'zferry:source': '5' },
      'n/c2': { 'zferry:source': '6' },
    };
    expect(judgeHoldings([found('', { marks })]).map(({ id }) => id)).toEqual([
      'ab12cd',
      'zzzzzz',
      'zzzzzz',
      undefined,
    ]);
    const turned = Object.fromEntries(Object.entries(marks).toReversed());
    expect(judgeHoldings([found('', { marks: turned })]).map(({ id }) => id)).toEqual([
      undefined,
      'zzzzzz',
      'zzzzzz',
      'ab12cd',
    ]);
  });
});

describe('what was set aside', () => {
  const aside = (state: string, dataset: string) =>
    judgeHoldings([
      found('nas', {
        marks: { [dataset]: { 'zferry:aside': `20261120T030405Z ${state} 7 n/c`, 'zferry:id': 'ab12cd' } },
        used: 4096,
      }),
    ]);

  test('is data, with how much it is, and what it was', () => {
    expect(aside('done', 'n/my c')).toEqual([
      {
        host: 'nas',
        dataset: 'n/my c',
        name: 'n/my c',
        id: 'ab12cd',
        reason: "set aside, it was n/c; when nobody needs it: zfs destroy -r 'n/my c'",
        since: Date.UTC(2026, 10, 20, 3, 4, 5) / 1000,
        state: 'in use',
        kind: 'copy',
        used: 4096,
      },
    ]);
    expect(aside('open', 'n/x')).toMatchObject([
      { kind: 'copy', reason: 'set aside until a new copy is at n/c' },
    ]);
    expect(aside('moved', 'n/x')).toMatchObject([{ reason: 'set aside until a new copy is at n/c' }]);
  });

  test('not where it was never moved, or where the mark is none of ours', () => {
    expect(aside('open', 'n/c')).toMatchObject([{ kind: 'properties', reason: 'marks a replica' }]);
    const odd = found('', { marks: { 'n/x': { 'zferry:aside': 'something' } } });
    expect(told(odd)).toEqual(['properties n/x undefined in use: marks a part of a replica']);
  });

  test('of which nobody knows how much it is, is nothing', () => {
    const one = found('', { marks: { 'n/x': { 'zferry:aside': '20261120T030405Z done - n/c' } } });
    expect(judgeHoldings([{ ...one, used: new Map() }])).toMatchObject([{ kind: 'copy', used: 0 }]);
  });
});

describe('holds', () => {
  test('on the replica: the newest is in use, older ones are superseded', () => {
    const there = found('nas', {
      marks: { 'n/c': { 'zferry:id': 'ab12cd' } },
      holds: [
        'n/c/d@a zferry_ab12cd 5',
        'n/c/d@b zferry_ab12cd 6',
        'n/c@z zferry_ab12cd 1',
        'n/c/d@c mine 9',
      ],
    });
    expect(told(there)).toEqual([
      top,
      'hold n/c/d@a ab12cd left over: superseded by a newer one; the next run lets go of it',
      'hold n/c/d@b ab12cd in use: the newest that the replica and its source have',
      'hold n/c@z ab12cd in use: the newest that the replica and its source have',
    ]);
    expect(judgeHoldings([there])[1]).toEqual({
      host: 'nas',
      dataset: 'n/c/d',
      name: 'n/c/d@a',
      id: 'ab12cd',
      since: 5,
      state: 'left over',
      reason: 'superseded by a newer one; the next run lets go of it',
      kind: 'hold',
      tag: 'zferry_ab12cd',
    });
  });

  test('on its source: each may be of use, whatever comes later', () => {
    const source = found('', { holds: ['t/s@a zferry_ab12cd 5', 't/s@b zferry_ab12cd 6'] });
    expect(told(replica, source)).toEqual([
      top,
      'hold t/s@a ab12cd in use: being sent, or to be gone on with',
      'hold t/s@b ab12cd in use: being sent, or to be gone on with',
    ]);
  });

  test('of one replica do not supersede those of another', () => {
    const there = found('nas', {
      marks: { 'n/c': { 'zferry:id': 'ab12cd' } },
      holds: ['n/c@a zferry_ab12cd 5', 'n/c@b zferry_zzzzzz 6'],
    });
    expect(told(there)).toEqual([
      top,
      'hold n/c@a ab12cd in use: the newest that the replica and its source have',
      'hold n/c@b zzzzzz no replica here: its replica is on none of these hosts',
    ]);
  });
});

describe('bookmarks', () => {
  const source = (...bookmarks: string[]) => found('', { bookmarks });

  test('the newest is in use, older ones are superseded; others are nobody’s business', () => {
    const one = source(
      't/s#zferry_ab12cd_7 5',
      't/s#zferry_ab12cd_8 6',
      't/s/d#zferry_ab12cd_9 1',
      't/s#mine 9',
    );
    expect(told(replica, one)).toEqual([
      top,
      'bookmark t/s#zferry_ab12cd_7 ab12cd left over: superseded by a newer one; the next run lets go of it',
      'bookmark t/s#zferry_ab12cd_8 ab12cd in use: the base of the next increment',
      'bookmark t/s/d#zferry_ab12cd_9 ab12cd in use: the base of the next increment',
    ]);
    expect(judgeHoldings([replica, one])[1]).toEqual({
      host: '',
      dataset: 't/s',
      name: 't/s#zferry_ab12cd_7',
      id: 'ab12cd',
      since: 5,
      state: 'left over',
      reason: 'superseded by a newer one; the next run lets go of it',
      kind: 'bookmark',
    });
  });

  test('of one replica do not supersede those of another', () => {
    expect(told(source('t/s#zferry_ab12cd_7 5', 't/s#zferry_zzzzzz_8 6'))).toEqual([
      'bookmark t/s#zferry_ab12cd_7 ab12cd no replica here: its replica is on none of these hosts',
      'bookmark t/s#zferry_zzzzzz_8 zzzzzz no replica here: its replica is on none of these hosts',
    ]);
  });

  test('a replica without a mark is known by its hold, of something made in the same second', () => {
    const held = (hold: string) => told(source('t/s#zferry_ab12cd_7 5'), found('nas', { holds: [hold] }))[0];
    expect(held('n/c@a zferry_ab12cd 5')).toContain(' in use: ');
    expect(held('n/c@a zferry_ab12cd 6')).toContain(' no replica here: ');
    expect(held('n/c@a zferry_zzzzzz 5')).toContain(' no replica here: ');
    expect(held('n/c@a mine 5')).toContain(' no replica here: ');
    // That is the source itself, which holds what it sends.
    expect(held('t/s@a zferry_ab12cd 5')).toContain(' no replica here: ');
  });
});

test('let go is what is superseded, and all of the replicas that are named; never data', () => {
  const all = judgeHoldings([
    found('nas', {
      marks: {
        'n/c': { 'zferry:id': 'ab12cd' },
        'n/x': { 'zferry:aside': '20261120T030405Z done - n/c', 'zferry:id': 'ab12cd' },
        'n/none': { 'zferry:source': '5' },
      },
      bookmarks: ['t/s#zferry_ab12cd_7 5', 't/s#zferry_ab12cd_8 6', 't/s#zferry_zzzzzz_9 6'],
    }),
  ]);
  const names = (list: readonly Holding[]) => list.map((one) => one.name);
  expect(names(toRelease(all, []))).toEqual(['t/s#zferry_ab12cd_7']);
  expect(names(toRelease(all, ['zzzzzz']))).toEqual(['t/s#zferry_ab12cd_7', 't/s#zferry_zzzzzz_9']);
  expect(names(toRelease(all, ['ab12cd']))).toEqual(['n/c', 't/s#zferry_ab12cd_7', 't/s#zferry_ab12cd_8']);
});
