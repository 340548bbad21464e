import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../zfs/snapshot.ts';
import { ownSnapshotName } from './own-snapshot.ts';
import { rotateOwn, spentOf } from './rotate.ts';
import { planTree, points, type Row } from './testing.ts';

const own = (n: number) => ownSnapshotName('ab', Date.UTC(2026, 0, 1, 0, 0, n));
const history = points(`@${own(1)},1 @daily,2 @${own(2)},3 @${own(3)},4 @${own(4)},5`).snapshots;
const guids = (...snapshots: (Snapshot | undefined)[]) =>
  new Set(snapshots.flatMap((s) => (s ? [s.guid] : [])));

test('keeps the newest ones, and what is not own', () => {
  expect(rotateOwn(history, guids(...history), 'ab', 2)).toEqual([own(1), own(2)]);
  expect(rotateOwn(history, guids(...history), 'ab', 9)).toEqual([]);
  expect(rotateOwn(history, guids(...history), 'other', 0)).toEqual([]);
});

test('keeps the base when none are to be kept', () => {
  expect(rotateOwn(history, guids(...history), 'ab', 0)).toEqual([own(1), own(2), own(3)]);
});

test('keeps what the target has not got, and everything while nothing is common', () => {
  const [first, , second] = history;
  expect(rotateOwn(history, guids(first, second), 'ab', 0)).toEqual([own(1)]);
  expect(rotateOwn(history, new Set(), 'ab', 0)).toEqual([]);
});

test('whatever is replicated and kept: never the newest common one, never one that only the source has', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 20 }), fc.nat(20), (replicated, keep) => {
      const { snapshots } = points(replicated.map((_, i) => `@${own(i)},${i + 1}`).join(' '));
      const there = new Set(snapshots.filter((_, i) => replicated[i]).map((s) => s.guid));
      const gone = new Set(rotateOwn(snapshots, there, 'ab', keep));
      const newest = snapshots.findLast((s) => there.has(s.guid));
      expect(newest && gone.has(newest.name)).not.toBe(true);
      for (const s of snapshots) if (!there.has(s.guid)) expect(gone.has(s.name)).toBe(false);
      expect(snapshots.slice(-keep || snapshots.length).some((s) => keep > 0 && gone.has(s.name))).toBe(
        false,
      );
    }),
  );
});

test('what only carried a round goes where something newer is on both sides', () => {
  const [one, , two, three, four] = history;
  const carried = guids(one, three, four);
  const spent = (...args: [typeof carried, typeof carried]) => spentOf(history, ...args, 'ab');
  expect(spent(carried, guids(two, four))).toEqual([own(1), own(3)]);
  expect(spent(carried, guids(one))).toEqual([]);
  expect(spent(carried, new Set())).toEqual([]);
  expect(spent(guids(), guids(...history))).toEqual([]);
  // Somebody has renamed it, so that it is theirs.
  expect(spent(guids(...history), guids(four))).toEqual([own(1), own(2), own(3)]);
});

describe('in a plan', () => {
  const times = [1, 2, 3].map((n) => `@zferry_ab12cd_2026111${n}T030405Z`);
  const history = times.map((one, i) => `${one},${i + 1}`).join(' ');
  const rotate = (copies: Row[], differs: Parameters<typeof planTree>[2]) => [
    ...planTree([['t/s', history]], copies, differs).rotate,
  ];
  const short = (...all: number[]) => all.map((i) => times[i]?.slice(1));

  test('so many are kept, of what both sides have or will have', () => {
    const copy: Row = ['n/c', history];
    expect(rotate([copy], { keep: 2 })).toEqual([['t/s', short(0)]]);
    expect(rotate([copy], { keep: 0 })).toEqual([['t/s', short(0, 1)]]);
    expect(rotate([], { keep: 1 })).toEqual([['t/s', short(0, 1)]]);
    expect(rotate([copy], { keep: 3 })).toEqual([]);
  });

  test('all without being told', () => {
    expect(rotate([['n/c', history]], {})).toEqual([]);
  });

  test('and all where the copy cannot go on', () => {
    expect(rotate([['n/c', history, { written: 1 }]], { keep: 0 })).toEqual([]);
    expect(rotate([['n/c', `${history} @x,9`]], { keep: 0 })).toEqual([]);
  });

  test('what only carried a round goes on both sides, whatever is kept', () => {
    const carried = guids(...points(history).snapshots.slice(0, 2));
    const second = `${times[1]},2`;
    const plan = (copy: string, keep?: number) =>
      planTree([['t/s', history]], [['n/c', copy]], { carried, keep });
    const all = plan(history);
    expect([...all.rotate, ...all.rotateCopies]).toEqual([
      ['t/s', short(0, 1)],
      ['n/c', short(0, 1)],
    ]);
    // The newest that the copy has is what the next increment goes from.
    const behind = plan(`${times[0]},1 ${second}`);
    expect(behind.datasets[0]?.decision.kind).toBe('send');
    expect([...behind.rotate, ...behind.rotateCopies]).toEqual([
      ['t/s', short(0, 1)],
      ['n/c', short(0, 1)],
    ]);
    expect([...plan(history, 3).rotate]).toEqual([['t/s', short(0, 1)]]);
    expect([...plan(history, 0).rotate]).toEqual([['t/s', short(0, 1)]]);
    // It cannot go on: nothing is touched.
    const written = planTree([['t/s', history]], [['n/c', `${times[0]},1`, { written: 1 }]], { carried });
    expect([...written.rotate, ...written.rotateCopies]).toEqual([]);
  });

  test('what is yet to be taken counts', () => {
    expect(rotate([['n/c', history]], { keep: 2, snapshot: 'auto' })).toEqual([['t/s', short(0, 1)]]);
  });
});
