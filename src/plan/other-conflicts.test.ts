import { describe, expect, test } from 'vitest';
import { findBase } from './base.ts';
import { findRunning, findTakenName, isPlaceholder } from './conflict.ts';
import { dataset, own, points } from './testing.ts';

test('a placeholder has no snapshots, and says so itself', () => {
  const mark = own({ 'zferry:placeholder': 'on' });
  expect(isPlaceholder(dataset('n/c', '', { own: mark }))).toBe(true);
  expect(isPlaceholder(dataset('n/c', '@a,1', { own: mark }))).toBe(false);
  expect(isPlaceholder(dataset('n/c', '', { own: own({ 'zferry:placeholder': 'off' }) }))).toBe(false);
  const inherited = new Map([
    ['zferry:placeholder' as const, { value: 'on', source: { inheritedFrom: 'n' as never } }],
  ]);
  expect(isPlaceholder(dataset('n/c', '', { own: inherited }))).toBe(false);
});

describe('a receive that has not ended', () => {
  const source = dataset('t/s', '@a,1 @b,2');
  const wait = 'wait until it has ended; leave the dataset as it is meanwhile';

  test('is known by its process', () => {
    const process = { pid: 7, elapsed: '01:02', line: 'zfs receive -s n/c', mark: undefined };
    expect(findRunning(source, dataset('n/c', '@a,1'), process)).toMatchObject({
      kind: 'being-received',
      message: 'n/c is being received into right now: process 7, for 01:02: zfs receive -s n/c',
      next: wait,
      base: { target: { name: 'a' } },
    });
  });

  test('or by a beginning without a token', () => {
    const partial = (token: string | undefined) => ({ inconsistent: true, resumeToken: token });
    expect(findRunning(source, dataset('n/c', '', partial(undefined)), undefined)).toMatchObject({
      kind: 'being-received',
      message: 'a first copy is being received into n/c right now',
      next: wait,
      base: undefined,
    });
    expect(findRunning(source, dataset('n/c', '', partial('1-a')), undefined)).toBeUndefined();
    expect(findRunning(source, dataset('n/c', '@a,1'), undefined)).toBeUndefined();
  });
});

describe('a name that is taken', () => {
  const taken = (history: string, copy: string, sending: string, name = 'n/c') => {
    const [source, target] = [dataset('t/s', history), dataset(name, copy)];
    const base = findBase(source, target);
    if (base === undefined) throw new Error('no base');
    return findTakenName(source, target, base, points(sending).snapshots, 'nas');
  };

  test('is told with the snapshot that has it', () => {
    expect(taken('@a,1 @b,2 @c,3', '@c,9 @a,1', '@b,2 @c,3')).toMatchObject({
      kind: 'name-taken',
      message: "n/c@c is another snapshot than the source's of that name",
      next: 'rename it on nas: zfs rename n/c@c n/c@c_other; or run this again with --on-divergence set-aside, which does that',
      clash: { name: 'c', guid: '9' },
      base: { target: { name: 'a' } },
    });
    expect(taken('@a,1 @b,2', '@b,9 @a,1', '@b,2', 'n/my copy')?.next).toContain(
      "zfs rename 'n/my copy@b' 'n/my copy@b_other'",
    );
  });

  test('the first that would come to it is the one that is told', () => {
    expect(taken('@a,1 @b,2 @c,3', '@c,9 @b,8 @a,1', '@b,2 @c,3')?.clash?.name).toBe('b');
  });

  test('not by itself, nor by what is not sent', () => {
    expect(taken('@a,1 @b,2', '@b,9 @a,1', '')).toBeUndefined();
    expect(taken('@a,1 @b,2', '@a,1 @b,2', '@b,2')).toBeUndefined();
  });
});
