import { describe, expect, test } from 'vitest';
import type { Dataset } from '../zfs/dataset.ts';
import { parseDatasetName } from '../zfs/dataset-name.ts';
import { parseGuid } from '../zfs/guid.ts';
import { resumeToken } from '../zfs/testing.ts';
import { judgeLeftover, type LeftoverFacts } from './leftover.ts';
import { dataset, own, points } from './testing.ts';

const ours = own({ 'zferry:source': '500', 'zferry:id': 'ab12cd' });
const foreign = (what: string) => ({
  kind: 'foreign',
  message: `n/c holds the rest of an interrupted receive that is not zferry's: ${what}`,
});
const letGo = (reason: string, lost: boolean) => ({ kind: 'let-go', reason, lost });

type Given = {
  readonly history?: string;
  readonly copy?: string;
  readonly target?: Partial<Dataset>;
} & Partial<Omit<LeftoverFacts, 'source' | 'target'>>;

/** What is made of the rest of a receive into the copy of `t/s`: `@a,1 @b,2 @c,3`. */
function judged(token: string | undefined, given: Given = {}) {
  const { history = '@a,1 @b,2 @c,3', copy = '@a,1', target, ...differs } = given;
  const source = dataset('t/s', history, { guid: parseGuid('500') });
  return judgeLeftover({
    source,
    root: parseDatasetName('t/s'),
    origin: undefined,
    target: dataset('n/c', copy, { own: ours, resumeToken: token, ...target }),
    wanted: source.snapshots,
    next: undefined,
    raw: false,
    id: 'ab12cd',
    cleanBefore: false,
    ...differs,
  });
}

const token = resumeToken({ to: '2', from: '1', toName: 't/s@b' });
const theirs: Given = { target: { own: new Map() } };
const beginning: Given = { copy: '', target: { inconsistent: true } };
const theirBeginning: Given = { copy: '', target: { inconsistent: true, own: new Map() } };

test('nothing is left', () => {
  expect(judged(undefined)).toEqual({ kind: 'none' });
});

describe('it fits', () => {
  test('of an increment, whoever began it', () => {
    const fits = { kind: 'resume', to: { name: 'b' }, from: { name: 'a' }, token: { text: token } };
    expect(judged(token)).toMatchObject(fits);
    expect(judged(token, theirs)).toMatchObject(fits);
    expect(judged(token, { history: '#m,1 @b,2' })).toMatchObject({ from: { kind: 'bookmark', name: 'm' } });
  });

  test('of a first copy of ours', () => {
    const first = resumeToken({ to: '1', toName: 't/s@a' });
    expect(judged(first, beginning)).toMatchObject({ kind: 'resume', to: { name: 'a' }, from: undefined });
  });

  test('of one that begins as a clone', () => {
    const [origin] = points('@o,9').snapshots;
    const clone = resumeToken({ to: '1', from: '9', toName: 't/s@a' });
    const target = { inconsistent: true, origin: 'n/o@o' };
    expect(judged(clone, { copy: '', target, origin })).toMatchObject({
      kind: 'resume',
      from: { name: 'o' },
    });
    expect(judged(clone, { copy: '', target: { ...target, origin: undefined }, origin })).toEqual(
      letGo('the newest snapshot of n/c is no longer the one it goes onto', false),
    );
    expect(judged(clone, { copy: '', target })).toEqual(
      letGo('its base, the snapshot 9, is gone from the source', true),
    );
  });
});

describe('it is ours, and of no use', () => {
  test.each<[string, string, Given, string, boolean]>([
    ['unreadable', '1-x', {}, 'its token cannot be read (its payload is not hexadecimal)', true],
    [
      'for what is gone',
      resumeToken({ to: '77', from: '1', toName: 't/s@x' }),
      {},
      'the snapshot that it was for, t/s@x, is gone from the source',
      true,
    ],
    [
      'for one of ours that is gone, of a dataset that had another name',
      resumeToken({ to: '77', from: '1', toName: 't/old@zferry_ab12cd_20261120T030405Z' }),
      {},
      'the snapshot that it was for, t/old@zferry_ab12cd_20261120T030405Z, is gone from the source',
      true,
    ],
    [
      'onto what is gone',
      resumeToken({ to: '2', from: '8', toName: 't/s@b' }),
      { copy: '@a,1 @x,8' },
      'its base, @x, is gone from the source',
      true,
    ],
    [
      'onto what is gone from both',
      resumeToken({ to: '2', from: '8', toName: 't/s@b' }),
      {},
      'its base, the snapshot 8, is gone from the source',
      true,
    ],
    [
      'raw',
      resumeToken({ to: '2', from: '1', toName: 't/s@b', raw: true }),
      {},
      'it was sent raw, and would now come in plain',
      false,
    ],
    ['in plain', token, { raw: true }, 'it was sent in plain, and would now come raw', false],
    [
      'onto what is not the newest',
      token,
      { copy: '@a,1 @x,8' },
      'the newest snapshot of n/c is no longer the one it goes onto',
      false,
    ],
    [
      'full, onto something',
      resumeToken({ to: '2', toName: 't/s@b' }),
      {},
      'the newest snapshot of n/c is no longer the one it goes onto',
      false,
    ],
    ['not chosen', token, { wanted: [] }, '@b is no longer among the snapshots to send', false],
  ])('%s', (_, text, given, reason, lost) => {
    expect(judged(text, given)).toEqual(letGo(reason, lost));
  });

  test('since another one comes first', () => {
    const next = points('@a,1 @b,2 @c,3').snapshots[2];
    expect(judged(token, { next })).toEqual(letGo('@c is to come before @b', false));
  });

  test('since nothing of it had arrived: then nobody loses it', () => {
    const empty = resumeToken({ to: '1', toName: 't/s@a', bytes: 0 });
    expect(judged(empty, theirBeginning)).toEqual(letGo('nothing of it had arrived', true));
    expect(judged(empty, beginning)).toMatchObject({ kind: 'resume' });
    // What goes onto something has it.
    const increment = resumeToken({ to: '2', from: '1', toName: 't/s@b', bytes: 0 });
    expect(judged(increment, theirs)).toMatchObject({ kind: 'resume' });
  });
});

describe('it is somebody else’s', () => {
  test.each<[string, string, Given, string]>([
    ['and unreadable', '1-x', theirs, 'its token cannot be read (its payload is not hexadecimal)'],
    [
      'and for what the source has not',
      resumeToken({ to: '77', from: '1', toName: 't/s@x' }),
      theirs,
      'it is for t/s@x (77), which t/s has not',
    ],
    [
      'by its name, though the copy is ours',
      resumeToken({ to: '77', from: '1', toName: 'x/y@z' }),
      {},
      'it is for x/y@z (77), which t/s has not',
    ],
    [
      'by the id in its name',
      resumeToken({ to: '77', from: '1', toName: 'x/y@zferry_zzzzzz_20261120T030405Z' }),
      {},
      'it is for x/y@zferry_zzzzzz_20261120T030405Z (77), which t/s has not',
    ],
    [
      'since the last run left nothing behind',
      resumeToken({ to: '77', from: '1', toName: 't/s@x' }),
      { cleanBefore: true },
      'it is for t/s@x (77), which t/s has not',
    ],
    [
      'a beginning that would fit',
      resumeToken({ to: '1', toName: 't/s@a' }),
      theirBeginning,
      '128.3 KiB of t/s@a, sent by something else, have arrived',
    ],
    [
      'and does not fit',
      resumeToken({ to: '2', from: '1', toName: 't/s@b', raw: true }),
      theirs,
      'it was sent raw, and would now come in plain',
    ],
  ])('%s', (_, text, given, what) => {
    expect(judged(text, given)).toEqual(foreign(what));
  });

  test('a beginning with our mark is ours even where the last run left nothing behind', () => {
    const first = resumeToken({ to: '1', toName: 't/s@a' });
    expect(judged(first, { ...beginning, cleanBefore: true })).toMatchObject({ kind: 'resume' });
    expect(judged('1-x', { ...beginning, cleanBefore: true })).toMatchObject({ kind: 'let-go' });
  });
});
