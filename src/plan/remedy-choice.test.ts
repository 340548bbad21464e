import { describe, expect, test } from 'vitest';
import type { Dataset } from '../zfs/dataset.ts';
import { parseGuid } from '../zfs/guid.ts';
import type { Base } from './base.ts';
import { findBase } from './base.ts';
import { type Conflict, conflictKinds, describeConflict, type SnapshotDetails } from './conflict.ts';
import { chooseRemedy, healed, type OnDivergence, type RemedyFacts } from './remedy.ts';
import { dataset, own, points } from './testing.ts';

const stamp = '20261120T030405Z';
const marks = own({ 'zferry:id': 'ab12cd', 'zferry:source': '500' });

type Given = {
  readonly kind?: Conflict['kind'];
  readonly copy?: string;
  readonly name?: string;
  readonly target?: Partial<Dataset>;
  readonly placeholder?: boolean;
  readonly clash?: string;
  readonly details?: Readonly<Record<string, Partial<SnapshotDetails>>>;
};

/** What is chosen for a copy of `t/s` (`@a,1 @b,2`) that has diverged. */
function chosen(onDivergence: OnDivergence, given: Given = {}) {
  const { kind = 'target-newer', copy = '@a,1 @x,9', name = 'n/c', target, placeholder = false } = given;
  const source = dataset('t/s', '@a,1 @b,2', { guid: parseGuid('500') });
  const there = dataset(name, copy, { own: marks, ...target });
  const clash = there.snapshots.find((one) => one.name === given.clash);
  const conflict = describeConflict(kind, '', '', source, there, findBase(source, there), clash);
  const details = new Map(
    Object.entries(given.details ?? {}).map(([key, value]) => [
      key as never,
      { holds: [], clones: [], ...value },
    ]),
  );
  const facts: RemedyFacts = {
    source,
    target: there,
    onDivergence,
    now: Date.UTC(2026, 10, 20, 3, 4, 5),
    id: 'ab12cd',
    placeholder,
  };
  return chooseRemedy({ ...conflict, details }, facts);
}

test('only what is the state of the target itself is put right, and only when asked', () => {
  const kinds = (onDivergence: OnDivergence) =>
    conflictKinds.filter((kind) => chosen(onDivergence, { kind, target: { written: 1 } }) !== undefined);
  const curable = [
    'key-mismatch',
    'mode-changed',
    'name-taken',
    'no-common-snapshot',
    'not-from-raw',
    'promoted-away',
    'target-has-no-snapshots',
    'target-newer',
    'target-written',
  ];
  expect(kinds('set-aside')).toEqual(curable);
  expect(kinds('rollback')).toEqual(curable);
  expect(kinds('stop')).toEqual([]);
});

describe('what is nobody’s loss is moved unasked', () => {
  test('a placeholder', () => {
    expect(chosen('stop', { kind: 'target-has-no-snapshots', copy: '', placeholder: true })).toMatchObject({
      remedy: { kind: 'set-aside', empty: true, base: undefined },
    });
    expect(chosen('stop', { kind: 'target-has-no-snapshots', copy: '' })).toBeUndefined();
    expect(chosen('stop', { kind: 'target-written', placeholder: true })).toBeUndefined();
    // Even where what is not empty would be rolled back.
    expect(
      chosen('rollback', { kind: 'target-has-no-snapshots', copy: '', placeholder: true }),
    ).toMatchObject({
      remedy: { kind: 'set-aside' },
    });
  });

  test('what its history was promoted from, as long as nothing was written to it', () => {
    const given = { kind: 'promoted-away', copy: '', target: { own: own({}) } } as const;
    expect(chosen('stop', given)).toMatchObject({ remedy: { kind: 'set-aside', empty: true } });
    const written = { ...given, target: { written: 1 } };
    expect(chosen('stop', written)).toBeUndefined();
    expect(chosen('set-aside', written)).toMatchObject({ remedy: { kind: 'set-aside', empty: false } });
  });
});

describe('set aside', () => {
  test('under a name with the time, for a clone of what both have', () => {
    expect(chosen('set-aside')).toMatchObject({
      remedy: {
        kind: 'set-aside',
        copy: `n/c_diverged_${stamp}`,
        base: { target: { name: 'a' } },
        since: stamp,
        empty: false,
        conflict: { kind: 'target-newer' },
      },
    });
  });

  test.each(['mode-changed', 'key-mismatch'] as const)(
    'for a full copy where the other way is wanted: %s',
    (kind) => {
      expect(chosen('set-aside', { kind })).toMatchObject({ remedy: { kind: 'set-aside', base: undefined } });
    },
  );

  test.each<[string, Partial<Dataset>, boolean]>([
    ['remembers its source', { own: marks }, true],
    ['was made to hold others', { own: own({ 'zferry:placeholder': 'off' }) }, true],
    ['remembers another source', { own: own({ 'zferry:source': '7' }) }, false],
    ['remembers nothing', { own: own({}) }, false],
  ])('with nothing in common only what %s', (_, target, can) => {
    const found = chosen('set-aside', { kind: 'no-common-snapshot', copy: '@z,9', target });
    expect(found).toMatchObject(
      can
        ? { remedy: { kind: 'set-aside', base: undefined } }
        : {
            why: 'nothing says that n/c is a copy of t/s; to have it replaced, "zferry reset" sets it aside',
          },
    );
    // A snapshot in common says enough.
    expect(chosen('set-aside', { target })).toMatchObject({ remedy: { kind: 'set-aside' } });
  });

  test('a snapshot in the way is renamed', () => {
    expect(chosen('set-aside', { kind: 'name-taken', copy: '@b,9 @a,1', clash: 'b' })).toMatchObject({
      remedy: {
        kind: 'rename-snapshot',
        from: 'b',
        to: `b_diverged_${stamp}`,
        conflict: { kind: 'name-taken' },
      },
    });
  });

  test('not with a name that ZFS would not take', () => {
    const long = (length: number) => `n/${'c'.repeat(length - 2)}`;
    const suffix = `_diverged_${stamp}`.length;
    expect(chosen('set-aside', { name: 'n' })).toEqual({ why: 'the root of a pool cannot be renamed' });
    const fits = long(255 - suffix - 2);
    expect(chosen('set-aside', { name: fits })).toHaveProperty('remedy');
    expect(chosen('set-aside', { name: fits, copy: '@a,1 @xy,9' })).toEqual({
      why: `it cannot be renamed to ${fits}_diverged_${stamp}: with @xy that name would be too long`,
    });
    const tooLong = long(256 - suffix);
    expect(chosen('set-aside', { name: tooLong })).toEqual({
      why: `it cannot be renamed to ${tooLong}_diverged_${stamp}: it is longer than 255 bytes`,
    });
    const clash = (name: string) =>
      chosen('set-aside', { kind: 'name-taken', copy: '@b,9 @a,1', clash: 'b', name });
    expect(clash(long(255 - suffix - 2))).toHaveProperty('remedy');
    expect(clash(long(256 - suffix - 2))).toEqual({ why: `the name @b_diverged_${stamp} would be too long` });
  });
});

describe('rolled back', () => {
  test('to what both have, with all that is lost by it', () => {
    expect(chosen('rollback', { copy: '@a,1 @x,8 @y,9', target: { written: 7 } })).toMatchObject({
      remedy: {
        kind: 'rollback',
        base: { target: { name: 'a' } },
        loses: [{ name: 'x' }, { name: 'y' }],
        written: 7,
      },
    });
  });

  test.each<[string, Given, string]>([
    [
      'received the other way',
      { kind: 'mode-changed' },
      'what was received one way cannot go on the other way',
    ],
    ['of another key', { kind: 'key-mismatch' }, 'what was received one way cannot go on the other way'],
    ['nothing in common', { copy: '@z,9' }, 'nothing is in common that it could be rolled back to'],
    [
      'a name in the way',
      { kind: 'name-taken', copy: '@b,9 @a,1', clash: 'b' },
      '@b is older than what both sides have in common, and would stay',
    ],
    ['a hold', { details: { x: { holds: ['zferry_ab12cd', 'keep'] } } }, '@x is held by "keep"'],
    [
      'a clone',
      { details: { x: { holds: ['zferry_ab12cd'], clones: ['n/k', 'n/l'] } } },
      '@x has a clone: n/k, n/l',
    ],
    [
      'a newer bookmark',
      { target: { bookmarks: points('@a,1 #m,5').bookmarks } },
      'its bookmark #m is newer than that, and would go, too',
    ],
    [
      'what did not arrive raw',
      { kind: 'not-from-raw' },
      'what would be lost has not been shown by a dry run',
    ],
  ])('not with %s', (_, given, why) => {
    expect(chosen('rollback', given)).toEqual({ why });
  });

  test('our own hold, a hold of what stays, and an older bookmark are nothing in the way', () => {
    expect(chosen('rollback', { details: { x: { holds: ['zferry_ab12cd'] } } })).toHaveProperty('remedy');
    expect(chosen('rollback', { details: { a: { holds: ['keep'], clones: ['n/k'] } } })).toHaveProperty(
      'remedy',
    );
    expect(chosen('rollback', { target: { bookmarks: points('#m,5').bookmarks } })).toHaveProperty('remedy');
  });
});

describe('what a target is after it', () => {
  const { snapshots, bookmarks } = points('@a,1 #m,1 @b,2 @x,9 #n,9');
  const target = dataset('n/c', '', {
    snapshots,
    bookmarks,
    written: 5,
    resumeToken: '1-a',
    inconsistent: true,
    own: marks,
  });
  const [, b] = snapshots;
  if (b === undefined) throw new Error('no snapshot');
  const base: Base = { source: b, target: b };
  const conflict = {} as Conflict;
  const aside = { kind: 'set-aside', copy: 'n/x', since: stamp, empty: false, conflict } as const;

  test.each([
    ['rolled back', { kind: 'rollback', base, loses: [], written: 5, conflict } as const],
    ['a clone of what was set aside', { ...aside, copy: target.name, base }],
  ])('%s: what both have, and nothing that was under way', (_, remedy) => {
    expect(healed(target, remedy)).toEqual({
      ...target,
      written: 0,
      resumeToken: undefined,
      inconsistent: false,
      snapshots: snapshots.slice(0, 2),
      bookmarks: bookmarks.slice(0, 1),
    });
  });

  test('gone from its place, for a full copy', () => {
    expect(healed(target, { ...aside, copy: target.name, base: undefined })).toBeUndefined();
  });

  test('with another name for one snapshot, and all else as it was', () => {
    const remedy = { kind: 'rename-snapshot', from: b.name, to: 'b2' as typeof b.name, conflict } as const;
    const after = healed(target, remedy);
    expect(after).toEqual({ ...target, snapshots: snapshots.with(1, { ...b, name: remedy.to }) });
  });
});
