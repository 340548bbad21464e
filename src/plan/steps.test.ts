import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { relativeName, type Snapshot } from '../zfs/snapshot.ts';
import { cloneSteps, firstSteps, resumeSteps, type Step, stepsFrom, takesMany } from './steps.ts';
import { points } from './testing.ts';

function written(steps: readonly Step[]): string[] {
  return steps.map(({ stream }) => {
    switch (stream.kind) {
      case 'full':
        return stream.to.name;
      case 'increment':
        return `-i ${relativeName(stream.from)} ${stream.to.name}`;
      case 'increments':
        return `-I ${relativeName(stream.from)} ${stream.to.name}`;
      case 'resume':
        return `-t ${stream.to.name}`;
    }
  });
}

function plan(history: string, from: string, wanted: (name: string) => boolean = () => true): string[] {
  const { snapshots, bookmarks } = points(history);
  const base = [...snapshots, ...bookmarks].find((point) => relativeName(point) === from);
  if (!base) throw new Error(`no ${from} in ${history}`);
  return written(
    stepsFrom(
      base,
      snapshots.filter((s) => wanted(s.name)),
      snapshots,
      'why',
    ),
  );
}

test.each([
  ['one newer', '@a,1 @b,2', '@a', ['-i @a b']],
  ['several newer', '@a,1 @b,2 @c,3', '@a', ['-I @a c']],
  ['nothing newer', '@a,1', '@a', []],
  ['from a bookmark, one', '#a,1 @b,2', '#a', ['-i #a b']],
  ['from a bookmark, several', '#a,1 @b,2 @c,3 @d,4', '#a', ['-i #a b', '-I @b d']],
])('%s', (_, history, from, expected) => {
  expect(plan(history, from)).toEqual(expected);
});

const daily = (name: string) => name.startsWith('d');

test('only dailies wanted: the hourly between two of them is not taken along', () => {
  expect(plan('@d1,1 @h1,2 @d2,3 @d3,4 @d4,5', '@d1', daily)).toEqual(['-i @d1 d2', '-I @d2 d4']);
  expect(plan('@d1,1 @d2,2 @h1,3 @h2,4', '@d1', daily)).toEqual(['-i @d1 d2']);
  expect(plan('@h0,1 @d1,2 @h1,3 @d2,4', '@h0', daily)).toEqual(['-i @h0 d1', '-i @d1 d2']);
});

test('first steps', () => {
  const { snapshots } = points('@a,1 @b,2 @c,3');
  expect(written(firstSteps(snapshots, snapshots, 'all'))).toEqual(['a', '-I @a c']);
  expect(written(firstSteps(snapshots, snapshots, 'newest'))).toEqual(['c']);
  expect(firstSteps([], snapshots, 'all')).toEqual([]);
});

test('any choice out of any history: exactly the wanted snapshots arrive, each from the one before it', () => {
  const history = fc.array(fc.boolean(), { maxLength: 30 });
  fc.assert(
    fc.property(history, fc.boolean(), (choice, fromBookmark) => {
      const names = choice.map((_, i) => `@s${i},${i + 2}`);
      const { snapshots, bookmarks } = points([fromBookmark ? '#base,1' : '@base,1', ...names].join(' '));
      const base = bookmarks[0] ?? snapshots[0];
      if (!base) throw new Error('no base');
      const later = snapshots.filter((s) => s.createtxg > 1);
      const wanted = later.filter((_, i) => choice[i]);
      const steps = stepsFrom(base, wanted, snapshots, 'why');
      expect(steps.flatMap((step) => step.snapshots)).toEqual(wanted);
      let at: Snapshot | typeof base = base;
      for (const { stream, snapshots: arriving } of steps) {
        if (stream.kind === 'full') throw new Error('a full stream in an incremental plan');
        expect(stream.from).toEqual(at);
        if (stream.kind === 'increments') {
          const from = stream.from.createtxg;
          expect(later.filter((s) => s.createtxg > from && s.createtxg <= stream.to.createtxg)).toEqual(
            arriving,
          );
        }
        at = stream.to;
      }
    }),
  );
});

test('a target that can lose one of many gets them one by one', () => {
  const { snapshots } = points('@a,1 @b,2 @c,3 @d,4');
  const wanted = snapshots.filter(({ name }) => name !== 'c');
  expect(written(firstSteps(wanted, snapshots, 'all', false))).toEqual(['a', '-i @a b', '-i @b d']);
  const fits = (major: number, minor: number) => takesMany({ major, minor, patch: 5 });
  expect([fits(0, 8), fits(2, 0), fits(2, 1), fits(2, 2), fits(2, 4), takesMany(undefined)]).toEqual([
    true,
    false,
    false,
    true,
    true,
    true,
  ]);
});

describe('each step says why', () => {
  const { snapshots } = points('@a,1 @b,2 @c,3 @d,4');
  const [a, b, , d] = snapshots;
  if (!a || !b || !d) throw new Error('no points');
  const one = [a];
  const said = (steps: readonly Step[]) => steps.map(({ reason }, i) => `${written(steps)[i]}: ${reason}`);

  test('an increment', () => {
    const wanted = snapshots.filter((snapshot) => snapshot !== a && snapshot.name !== 'c');
    expect(said(stepsFrom(a, wanted, snapshots, 'why'))).toEqual([
      '-i @a b: why',
      '-i @b d: goes on from @b',
    ]);
  });

  test('a first copy', () => {
    expect(said(firstSteps(one, one, 'all'))).toEqual(['a: the target is not there yet: a full copy']);
    expect(said(firstSteps(snapshots, snapshots, 'all'))).toEqual([
      'a: the target is not there yet: the oldest snapshot first',
      '-I @a d: goes on from @a',
    ]);
    expect(said(firstSteps(snapshots, snapshots, 'newest'))).toEqual([
      'd: the target is not there yet; only the newest snapshot was asked for',
    ]);
  });

  test('a copy that begins as a clone, of what is newer than its origin', () => {
    const rest = snapshots.slice(1);
    const why = 'the target is not there yet: begins as a clone of n/o@a, and shares what that has';
    expect(said(cloneSteps(a, 'n/o@a', rest, snapshots, 'all'))).toEqual([
      `-i @a b: ${why}`,
      '-I @b d: goes on from @b',
    ]);
    expect(said(cloneSteps(a, 'n/o@a', rest, snapshots, 'all', false))).toEqual([
      `-i @a b: ${why}`,
      '-i @b c: goes on from @b',
      '-i @c d: goes on from @c',
    ]);
    expect(cloneSteps(a, 'n/o@a', rest, snapshots, 'newest')).toMatchObject([
      { stream: { kind: 'increment', from: a, to: d }, snapshots: [d] },
    ]);
    expect(cloneSteps(a, 'n/o@a', [], snapshots, 'all')).toEqual([]);
    expect(cloneSteps(a, 'n/o@a', [], snapshots, 'newest')).toEqual([]);
  });

  test('the rest of what was cut off, and what comes after it', () => {
    const token = { text: '1-x', to: b.guid, toName: 't@b', from: a.guid, bytes: 2048, raw: false };
    const stream = { kind: 'resume', token, from: a, to: b } as const;
    const why = '-t b: goes on where it was cut off, 2.0 KiB of it had arrived';
    expect(said(resumeSteps(stream, snapshots, snapshots))).toEqual([why, '-I @b d: goes on from @b']);
    expect(said(resumeSteps(stream, snapshots, snapshots, false))).toEqual([
      why,
      '-i @b c: goes on from @b',
      '-i @c d: goes on from @c',
    ]);
    expect(resumeSteps(stream, snapshots, snapshots)[0]?.snapshots).toEqual([b]);
  });
});

test('what is as old as the base is not sent again', () => {
  const { snapshots } = points('@a,1 @b,2 @c,3');
  const same = snapshots.map((one) => (one.name === 'b' ? { ...one, createtxg: 1 } : one));
  const [base] = same;
  if (base === undefined) throw new Error('no base');
  expect(written(stepsFrom(base, same, same, 'why'))).toEqual(['-i @a c']);
});
