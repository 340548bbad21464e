import { describe, expect, test } from 'vitest';
import type { Dataset } from '../zfs/dataset.ts';
import { parseGuid } from '../zfs/guid.ts';
import { findBase } from './base.ts';
import { findConflict, quotedName } from './conflict.ts';
import { dataset, own } from './testing.ts';

type Given = {
  readonly source?: Partial<Dataset>;
  readonly target?: Partial<Dataset>;
  /** What the copy is called. */
  readonly name?: string;
  readonly raw?: boolean;
  readonly impure?: readonly string[];
};

/** What stands between `t/s` and its copy, given the histories of both. */
function found(history: string, copy: string, { source, target, name = 'n/c', raw, impure = [] }: Given) {
  const from = dataset('t/s', history, { guid: parseGuid('500'), ...source });
  const to = dataset(name, copy, target);
  const options = {
    sourceHost: 'web',
    host: 'nas',
    raw: raw ?? false,
    impure: new Set(impure.map(parseGuid)),
  };
  return findConflict(from, to, findBase(from, to, raw ? options.impure : undefined), options);
}

const marked = (more: Parameters<typeof own>[0] = {}): Partial<Dataset> => ({
  own: own({ 'zferry:source': '500', 'zferry:id': 'ab12cd', ...more }),
});
const key = (guid: string) => ({
  encrypted: true,
  key: { guid: parseGuid(guid), root: 'n/c' as never, salt: '1' },
});

const keep =
  'keep what is there under another name and go on: run this again with --on-divergence set-aside (and first with --dry-run, to see it)';
const reset =
  'to have it set aside, so that a copy takes its place: zferry reset nas:n/c (which first says what it would do), then run this again';
const root = "a pool's root cannot be renamed; to put the copy below it, give n/s as the target";

describe('each conflict says what it is, and what to do', () => {
  test.each<[string, string, string, Given, string, string]>([
    [
      'swapped',
      '@a,1 @b,2',
      '@a,1',
      { source: { own: own({ 'zferry:source': '1000' }) } },
      't/s is a copy of n/c, and would now be sent over its own original',
      'if source and target are swapped, turn them round; to get the data back beside the original, choose another target',
    ],
    [
      'swapped',
      '@a,1 @b,2',
      '@a,1',
      { source: { own: own({ 'zferry:source': '1000', 'zferry:id': 'qq' }) } },
      't/s is a copy of n/c, and would now be sent over its own original',
      'if source and target are swapped, turn them round; to get the data back beside the original, choose another target; if t/s was restored from n/c and is the original from now on: zferry holds --release --id qq --yes web:t/s nas:n/c, then zfs set readonly=off t/s on web, then run this again',
    ],
    [
      'mode-changed',
      '@a,1 @b,2',
      '@a,1',
      { target: { ...marked({ 'zferry:mode': 'raw' }), encrypted: true } },
      'n/c was received raw (encrypted as on the source) and would now come in plain, which ZFS cannot do',
      `to have it sent anew the other way, ${keep}`,
    ],
    [
      'mode-changed',
      '@a,1 @b,2',
      '@a,1',
      { source: key('8'), target: { ...marked({ 'zferry:mode': 'raw' }), ...key('8') } },
      'n/c was received raw (encrypted as on the source) and would now come in plain, which ZFS cannot do',
      `to go on with it as it is: --raw auto; to have it sent anew the other way, ${keep}`,
    ],
    [
      'mode-changed',
      '@a,1 @b,2',
      '@a,1',
      { source: key('8'), raw: true },
      'n/c was received in plain and would now come raw, which ZFS cannot do',
      `to go on with it as it is: --raw no; to have it sent anew the other way, ${keep}`,
    ],
    [
      'key-mismatch',
      '@a,1 @b,2',
      '@a,1',
      { source: key('8'), target: { ...marked({ 'zferry:mode': 'raw' }), ...key('9') }, raw: true },
      'n/c is encrypted with another key than t/s, so it cannot go on raw: it was received in plain and encrypted there, or the source was',
      `to go on in plain, with the keys loaded on both sides: --raw no; to have it sent anew raw, ${keep}`,
    ],
    [
      'target-has-no-snapshots',
      '@a,1',
      '',
      { target: { own: own({ 'zferry:placeholder': 'on' }) } },
      'n/c was made to hold what is below it, and a copy is to take its place',
      'run this again',
    ],
    [
      'target-has-no-snapshots',
      '@a,1',
      '',
      { name: 'n', target: { own: own({ 'zferry:placeholder': 'on' }) } },
      'n was made to hold what is below it, and a copy is to take its place',
      root,
    ],
    [
      'target-has-no-snapshots',
      '@a,1',
      '',
      {},
      'n/c exists and has no snapshots to go on from',
      `to put the copy below it, give n/c/s as the target; or ${reset}`,
    ],
    [
      'target-has-no-snapshots',
      '@a,1',
      '',
      { name: 'n' },
      'n exists and has no snapshots to go on from',
      root,
    ],
    [
      'other-source',
      '@a,1',
      '@x,9',
      { target: { own: own({ 'zferry:source': '4' }) } },
      'n/c is already the replica of another source (a dataset with the GUID 4; that of t/s is 500)',
      `choose another target, or ${reset}`,
    ],
    ['no-common-snapshot', '@a,1', '@x,9', {}, 'n/c and its source have no snapshot in common', reset],
    [
      'no-common-snapshot',
      '@a,1',
      '@x,9',
      { target: marked() },
      'n/c and its source have no snapshot in common',
      keep,
    ],
    [
      'no-common-snapshot',
      '@a,1',
      '@x,9',
      { name: 'n' },
      'n and its source have no snapshot in common',
      root,
    ],
    [
      'not-from-raw',
      '@a,1 @b,2 @c,3',
      '@a,1 @x,8 @y,9',
      {
        source: key('8'),
        target: { ...marked({ 'zferry:mode': 'raw' }), ...key('8') },
        raw: true,
        impure: ['9'],
      },
      'nothing raw goes onto @x, @y of n/c, which did not arrive raw; the newest that did is @a',
      keep,
    ],
    [
      'target-newer',
      '@a,1 @b,2',
      '@a,1 @x,9',
      {},
      'n/c has a snapshot that the source has not, newer than the last common one (@a): @x',
      keep,
    ],
    [
      'target-newer',
      '@a,1 @b,2',
      '@a,1 @x,8 @y,9',
      {},
      'n/c has snapshots that the source has not, newer than the last common one (@a): @x, @y',
      keep,
    ],
    [
      'target-newer',
      '@a,1',
      '@a,1 @zferry_ab12cd_20261118T030405Z,8 @zferry_ab12cd_20261119T030405Z,9',
      { target: marked() },
      'n/c has what was sent to it and its source has lost, newer than the last common one (@a): @zferry_ab12cd_20261118T030405Z, @zferry_ab12cd_20261119T030405Z; the source was rolled back, or they were destroyed there',
      keep,
    ],
    [
      'target-newer',
      '@a,1',
      '@a,1 @zferry_ab12cd_20261118T030405Z,8 @mine,9',
      { target: marked() },
      'n/c has snapshots that the source has not, newer than the last common one (@a): @zferry_ab12cd_20261118T030405Z, @mine',
      keep,
    ],
    [
      'target-newer',
      '@a,1',
      '@a,1 @zferry_zzzzzz_20261118T030405Z,8',
      { target: marked() },
      'n/c has a snapshot that the source has not, newer than the last common one (@a): @zferry_zzzzzz_20261118T030405Z',
      keep,
    ],
    [
      'target-written',
      '@a,1',
      '@a,1',
      { target: { written: 1 } },
      'n/c was written to since its newest snapshot (@a)',
      `see on nas what was written: zfs diff n/c@a n/c (it shows nothing where only times of access were); or ${keep}`,
    ],
    [
      'target-written',
      '@a_b,1',
      '@a_b,1',
      { name: 'n/my copy', target: { written: 1 } },
      'n/my copy was written to since its newest snapshot (@a_b)',
      `see on nas what was written: zfs diff 'n/my copy@a_b' 'n/my copy' (it shows nothing where only times of access were); or ${keep}`,
    ],
  ])('%s: %s to %s', (kind, source, target, given, message, next) => {
    expect(found(source, target, given)).toMatchObject({ kind, message, next });
  });

  test('a name with a space is quoted where it is to be pasted', () => {
    expect(found('@a,1', '@x,9', { name: 'n/my copy' })?.next).toBe(
      "to have it set aside, so that a copy takes its place: zferry reset 'nas:n/my copy' (which first says what it would do), then run this again",
    );
    expect(['a/b_c.d:e-f@x%', 'a b', 'a;b', 'a\nb'].map(quotedName)).toEqual([
      'a/b_c.d:e-f@x%',
      "'a b'",
      "'a;b'",
      "'a\nb'",
    ]);
  });
});

describe('nothing stands in the way', () => {
  test.each<[string, string, string, Given]>([
    ['of what has all', '@a,1 @b,2', '@a,1 @b,2', {}],
    ['of what lacks some', '@a,1 @b,2', '@a,1', { target: marked({ 'zferry:mode': 'plain' }) }],
    // The stream has a key of its own, that of the copy's does not matter.
    [
      'of a plain copy that is encrypted there',
      '@a,1',
      '@a,1',
      { target: { ...marked({ 'zferry:mode': 'plain' }), ...key('9') } },
    ],
    ['of a copy in plain of what is encrypted', '@a,1', '@a,1', { source: key('8') }],
    ['of a raw copy', '@a,1', '@a,1', { source: key('8'), target: key('8'), raw: true }],
    [
      'of a raw copy whose key nobody knows',
      '@a,1',
      '@a,1',
      { source: { encrypted: true }, target: { encrypted: true }, raw: true },
    ],
    // It was promoted, or cloned: what it remembers is no matter where a snapshot in common says more.
    [
      'of a copy of another source with a snapshot in common',
      '@a,1',
      '@a,1',
      { target: { own: own({ 'zferry:source': '4' }) } },
    ],
    ['of a base that did not arrive raw, when it goes in plain', '@a,1 @b,2', '@a,1', { impure: ['1'] }],
    [
      'of a placeholder that has become a copy',
      '@a,1',
      '@a,1',
      { target: { own: own({ 'zferry:placeholder': 'on' }) } },
    ],
  ])('%s', (_, source, target, given) => {
    expect(found(source, target, given)).toBeUndefined();
  });

  test('with nothing in common it does not matter how it came, nor what key it has', () => {
    const kind = (given: Given) => found('@a,1', '@x,9', given)?.kind;
    expect(kind({ target: marked({ 'zferry:mode': 'raw' }) })).toBe('no-common-snapshot');
    const raw = { source: key('8'), target: { ...marked({ 'zferry:mode': 'raw' }), ...key('9') }, raw: true };
    expect(kind(raw)).toBe('no-common-snapshot');
  });

  test('what is newer than the base and pure, on a raw copy, is only newer', () => {
    const raw = { source: key('8'), target: { ...marked({ 'zferry:mode': 'raw' }), ...key('8') }, raw: true };
    expect(found('@a,1 @b,2', '@a,1 @x,9', { ...raw, impure: ['77'] })?.kind).toBe('target-newer');
    expect(found('@a,1 @b,2', '@a,1 @x,9', { impure: ['9'] })?.kind).toBe('target-newer');
  });

  test('a copy in plain is told from a raw one by its key where it does not remember', () => {
    const kinds = (source: Partial<Dataset>, target: Partial<Dataset>) =>
      [true, false].map((raw) => found('@a,1', '@a,1', { source, target, raw })?.kind);
    expect(kinds(key('8'), key('8'))).toEqual([undefined, 'mode-changed']);
    expect(kinds(key('8'), key('9'))).toEqual(['mode-changed', undefined]);
    expect(kinds(key('8'), {})).toEqual(['mode-changed', undefined]);
    expect(kinds({}, key('9'))).toEqual(['mode-changed', undefined]);
    // Decrypted on the target since, whatever it remembers.
    expect(kinds(key('8'), marked({ 'zferry:mode': 'raw' }))).toEqual(['mode-changed', undefined]);
    expect(kinds(key('8'), { ...marked({ 'zferry:mode': 'plain' }), ...key('8') })).toEqual([
      'mode-changed',
      undefined,
    ]);
    expect(kinds(key('8'), { ...marked({ 'zferry:mode': 'odd' }), ...key('8') })).toEqual([
      undefined,
      'mode-changed',
    ]);
  });
});

test('the evidence: both histories since what they have in common', () => {
  const conflict = found('@o,5 @a,1 @b,2', '@p,6 @a,1 @x,8 @y,9', { target: { written: 7 } });
  const names = (list: readonly { readonly name: string }[] = []) => list.map(({ name }) => name).join(' ');
  expect(names(conflict?.sourceOnly)).toBe('b');
  expect(names(conflict?.targetOnly)).toBe('x y');
  expect(names(conflict?.source)).toBe('o a b');
  expect(names(conflict?.target)).toBe('p a x y');
  expect(conflict).toMatchObject({ written: 7, clash: undefined, traces: [], details: new Map() });

  // What both have is only on one side of neither, be it that nothing can go on from it.
  const raw = { source: key('8'), target: { ...marked({ 'zferry:mode': 'raw' }), ...key('8') }, raw: true };
  const impure = found('@a,1 @b,2 @c,3', '@a,1 @b,2', { ...raw, impure: ['2'] });
  expect([impure?.kind, impure?.base?.target.name, names(impure?.sourceOnly)]).toEqual([
    'not-from-raw',
    'a',
    'c',
  ]);

  const nothing = found('@a,1 @b,2', '@x,8', {});
  expect(names(nothing?.sourceOnly)).toBe('a b');
  expect(names(nothing?.targetOnly)).toBe('x');
});
