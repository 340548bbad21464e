import { describe, expect, test } from 'vitest';
import type { FeatureState } from '../zfs/pool.ts';
import { planSync } from './sync-plan.ts';
import { dataset, own, planTree, type Row, side, syncOptions } from './testing.ts';

const marks = own({ 'zferry:id': 'ab12cd', 'zferry:source': '1000' });
const marked = { own: marks, readonly: true };
const encrypt = { keyformat: 'raw', keylocation: 'file:///k' } as const;
const locked = { encrypted: true, keyLoaded: false };
const inRoot = (root: string) => ({ key: { root: root as never, guid: '5' as never, salt: '1' } });
const first = (...args: Parameters<typeof planTree>) => planTree(...args).datasets[0]?.decision;
const blocked = (reason: string, next: string) => ({ kind: 'blocked', reason, next });

describe('the source’s encryption stands in the way', () => {
  test('of what may only be sent raw', () => {
    const decision = blocked(
      't/s is not encrypted, and only what is may be sent (--raw yes)',
      'leave it out with --exclude, or leave --raw out',
    );
    expect(first([['t/s', '@a,1']], [], { raw: 'yes' })).toEqual(decision);
    expect(first([['t/s', '@a,1 @b,2']], [['n/c', '@a,1', marked]], { raw: 'yes' })).toEqual(decision);
    expect(first([['t/s', '@a,1', { encrypted: true }]], [], { raw: 'yes' })?.kind).toBe('send');
  });

  test('of what is sent in plain, without its key', () => {
    const decision = (root: string) =>
      blocked(
        't/s is to be sent in plain, and its key is not loaded on this machine',
        `load it there: zfs load-key ${root}; or leave --raw out: it is then sent raw, without its key`,
      );
    expect(first([['t/s', '@a,1', locked]], [], { raw: 'no' })).toEqual(decision('t/s'));
    expect(first([['t/s', '@a,1', { ...locked, ...inRoot('t/my keys') }]], [], { raw: 'no' })).toEqual(
      decision("'t/my keys'"),
    );
    expect(first([['t/s', '@a,1', locked]], [])?.kind).toBe('send');
    expect(first([['t/s', '@a,1', { encrypted: true }]], [], { raw: 'no' })?.kind).toBe('send');
  });

  test('of a copy that is to be encrypted and is there in plain', () => {
    expect(first([['t/s', '@a,1 @b,2']], [['n/c', '@a,1', marked]], { encrypt })).toEqual(
      blocked(
        'n/c is there already, and is not encrypted',
        'it cannot be encrypted afterwards: leave --encrypt out, or choose another target for an encrypted copy',
      ),
    );
    const open = { ...marked, encrypted: true };
    expect(first([['t/s', '@a,1 @b,2']], [['n/c', '@a,1', open]], { encrypt })?.kind).toBe('send');
  });

  test('of a child that would be encrypted, and its parent is not', () => {
    const sources: Row[] = [
      ['t/s', '@a,1'],
      ['t/s/d', '@b,2'],
    ];
    expect(planTree(sources, [['n/c', '@a,1', marked]], { encrypt }).datasets[1]?.decision).toEqual(
      blocked(
        'n/c/d is to be encrypted (--encrypt), and what is above it on the target is not',
        'a copy is encrypted from its first dataset on: choose another target for an encrypted copy of the whole, or leave --encrypt out',
      ),
    );
    const open = { ...marked, encrypted: true };
    expect(planTree(sources, [['n/c', '@a,1', open]], { encrypt }).datasets[1]?.decision.kind).toBe('send');
    const raw: Row[] = [sources[0] ?? ['t/s'], ['t/s/d', '@b,2', { encrypted: true }]];
    expect(planTree(raw, [['n/c', '@a,1', marked]], { encrypt }).datasets[1]?.decision.kind).toBe('send');
  });

  test('of what goes onto a copy without its key', () => {
    const copy = { ...marked, ...locked };
    const sources: Row[] = [['t/s', '@a,1 @b,2']];
    expect(first(sources, [['n/c', '@a,1', copy]])).toEqual(
      blocked(
        'n/c is encrypted with a key that is not loaded there',
        'load it on this machine: zfs load-key n/c',
      ),
    );
    expect(first(sources, [['n/c', '@a,1', { ...copy, ...inRoot('n/my keys') }]])).toMatchObject({
      next: "load it on this machine: zfs load-key 'n/my keys'",
    });
    expect(first(sources, [['n/c', '@a,1', { ...copy, keyLoaded: true }]])?.kind).toBe('send');
    const raw = { ...copy, own: own({ 'zferry:id': 'ab12cd', 'zferry:mode': 'raw' }) };
    expect(first([['t/s', '@a,1 @b,2', { encrypted: true }]], [['n/c', '@a,1', raw]])?.kind).toBe('send');
    expect(first([['t/s', '@a,1']], [['n/c', '@a,1', copy]])?.kind).toBe('up-to-date');
  });
});

describe('a feature that the stream needs', () => {
  const withFeatures = (place: string, history: string | undefined, all: Record<string, FeatureState>) => {
    const one = side(
      place,
      history === undefined ? [] : [dataset(place, history, place === 'n/c' ? marked : {})],
    );
    return { ...one, pool: { ...one.pool, features: new Map(Object.entries(all)) } };
  };
  const decided = (all: Record<string, FeatureState>, history: string | undefined) =>
    planSync(
      withFeatures('t/s', '@a,1 @b,2', { large_dnode: 'active', longname: 'active' }),
      withFeatures('n/c', history, all),
      syncOptions({ snapshot: 'no' }),
      new Set(),
    ).datasets[0]?.decision;

  test.each([
    ['a first copy', undefined],
    ['an increment', '@a,1'],
  ])('is not known there: %s', (_, history) => {
    expect(decided({}, history)).toEqual(
      blocked(
        'OpenZFS 2.3.9 of the target does not know large_dnode, longname, which the stream needs',
        'update OpenZFS on the target, or copy it to a host with a newer one',
      ),
    );
    expect(decided({ large_dnode: 'disabled' }, history)).toMatchObject({
      reason: 'OpenZFS 2.3.9 of the target does not know longname, which the stream needs',
    });
  });

  test.each([
    ['a first copy', undefined],
    ['an increment', '@a,1'],
  ])('is not enabled there: %s', (_, history) => {
    expect(decided({ large_dnode: 'disabled', longname: 'disabled' }, history)).toEqual(
      blocked(
        'the pool n has not enabled large_dnode, longname, which the stream needs',
        'enable it on the target: zpool set feature@large_dnode=enabled n; zpool set feature@longname=enabled n',
      ),
    );
    expect(decided({ large_dnode: 'enabled', longname: 'active' }, history)?.kind).toBe('send');
  });
});

describe('a first copy that is not allowed', () => {
  test('is refused with what to do', () => {
    expect(first([['t/s', '@a,1']], [], { initial: 'fail' })).toMatchObject({
      kind: 'refused',
      conflict: {
        kind: 'initial-not-allowed',
        message: 'n/c is not there yet, and a first full copy is not allowed (--initial fail)',
        next: 'if the name of the target is right, run it once with --initial all or --initial newest',
        base: undefined,
        sourceOnly: [{ name: 'a' }],
        targetOnly: [],
        written: 0,
      },
    });
    expect(first([['t/s', '@a,1 @b,2']], [['n/c', '@a,1', marked]], { initial: 'fail' })?.kind).toBe('send');
  });
});

describe('why it goes on from there', () => {
  const reason = (history: string, copy: string) => {
    const decision = first([['t/s', history]], [['n/c', copy, marked]]);
    return decision?.kind === 'send' ? decision.steps[0]?.reason : decision;
  };

  test.each([
    ['the same name', '@a,1 @b,2', '@a,1', '@a is the newest that both sides have'],
    [
      'another name',
      '@a,1 @b,2',
      '@r,1',
      '@a is the newest that both sides have (@r on the target, the same by its GUID)',
    ],
    [
      'a bookmark',
      '#m,1 @b,2',
      '@a,1',
      '@a is the newest on the target; the source has only its bookmark #m left',
    ],
  ])('%s', (_, history, copy, why) => {
    expect(reason(history, copy)).toBe(why);
  });
});

describe('nothing to send', () => {
  const choice = { kind: 'glob', pattern: 'z' } as const;
  const idle = (...args: Parameters<typeof planTree>) => {
    const decision = first(...args);
    return decision?.kind === 'up-to-date' ? decision.reason : decision;
  };

  test('is said with its reason', () => {
    expect(idle([['t/s', '@a,1']], [['n/c', '@r,1', marked]])).toBe('the target has all up to @r');
    expect(idle([['t/s', '@a,1 @b,2']], [['n/c', '@a,1', marked]], { choice })).toBe(
      "none of the source's 2 snapshots is chosen",
    );
  });

  test('of what begins as a clone: what is older than that is not sent', () => {
    const { datasets } = planTree(
      [
        ['t/s', '@x,9'],
        ['t/s/new', '@z,1 @b,2 @c,3'],
        ['t/s/old', '', { origin: 't/s/new@b' }],
      ],
      [
        ['n/c', '@x,9', marked],
        ['n/c/old', '@z,1 @b,2'],
      ],
      { choice },
    );
    expect(datasets[1]?.decision).toEqual({
      kind: 'up-to-date',
      reason: 'no snapshot is chosen that is newer than @b, at which it begins as a clone of n/c/old@b',
    });
  });
});
