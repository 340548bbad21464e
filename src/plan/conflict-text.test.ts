import { describe, expect, test } from 'vitest';
import { parseDatasetName } from '../zfs/dataset-name.ts';
import { pendingGuid } from '../zfs/guid.ts';
import type { Conflict, SnapshotDetails } from './conflict.ts';
import { conflictText } from './plan-text.ts';
import { own, planTree, points } from './testing.ts';

const name = parseDatasetName;
const marks = own({ 'zferry:id': 'ab12cd', 'zferry:source': '1000' });
const conflictOf = (...args: Parameters<typeof planTree>): Conflict => {
  const decision = planTree(...args).datasets[0]?.decision;
  if (decision?.kind !== 'refused') throw new Error(`not refused but ${decision?.kind}`);
  return decision.conflict;
};

describe('a conflict as text', () => {
  const place = { host: 'nas', dataset: name('n/c') };
  const next =
    'keep what is there under another name and go on: run this again with --on-divergence set-aside (and first with --dry-run, to see it)';

  test('has both histories, what keeps its snapshots, what was written, and what was done to it', () => {
    const conflict = conflictOf(
      [['t/s', '@a,1 @b,2']],
      [['n/c', '@a,1 @x,8 @y,9', { own: marks, written: 2048 }]],
    );
    const details = new Map<never, SnapshotDetails>([
      ['x' as never, { holds: ['keep', 'too'], clones: ['n/k', 'n/l'] }],
      ['y' as never, { holds: [], clones: ['n/m'] }],
      ['z' as never, { holds: ['keep'], clones: [] }],
    ]);
    const traces = [
      { host: 'nas', at: '2026-11-20.03:04:05', user: undefined, command: 'zfs snapshot n/c@x' },
      { host: '', at: '2026-11-20.03:04:06', user: 'ann', command: 'zfs snapshot n/c@y' },
    ];
    expect(conflictText(place, { ...conflict, details, traces })).toBe(
      `n/c cannot go on: n/c has snapshots that the source has not, newer than the last common one (@a): @x, @y
  histories (since the last common snapshot, @a):
    only on the source: @b (2)
    only on the target: @x (8), @y (9)
    @x is held by "keep", "too" and has a clone: n/k, n/l
    @y has a clone: n/m
    @z is held by "keep"
    written on the target since its newest snapshot: 2.0 KiB
  the last that was done to it:
    2026-11-20.03:04:05 on nas: zfs snapshot n/c@x
    2026-11-20.03:04:06 on this machine, ann: zfs snapshot n/c@y
  Nothing of its data was changed.
  What to do: ${next}
`,
    );
  });

  test('says what is in common, and nothing of what is not there', () => {
    const written = conflictOf([['t/s', '@a,1']], [['n/c', '@a,1', { own: marks, written: 1 }]]);
    expect(conflictText(place, written)).toContain(`
  histories (since the last common snapshot, @a):
    only on the source: no snapshot
    only on the target: no snapshot
    written on the target since its newest snapshot: 1 B
  Nothing of its data was changed.
`);
    const nothing = conflictOf([['t/s', '@a,1']], [['n/c', '', { written: 512 }]]);
    expect(conflictText(place, nothing)).toBe(
      `n/c cannot go on: n/c exists and has no snapshots to go on from
  Nothing of its data was changed.
  What to do: ${nothing.next}
`,
    );
    const other = conflictOf([['t/s', '@a,1']], [['n/c', '@x,9']]);
    expect(conflictText(place, other)).toContain('  histories (nothing in common):\n');
    expect(conflictText(place, other)).not.toContain('written on the target');
  });

  test('names the last ten of a long history', () => {
    const history = (count: number) => Array.from({ length: count }, (_, i) => `@s${i},${i + 100}`).join(' ');
    const text = (count: number) =>
      conflictText(place, conflictOf([['t/s', history(count)]], [['n/c', '@x,9']]))
        .split('\n')
        .find((line) => line.includes('only on the source'));
    const all = Array.from({ length: 12 }, (_, i) => `@s${i} (${i + 100})`);
    expect(text(10)).toBe(`    only on the source: ${all.slice(0, 10).join(', ')}`);
    expect(text(12)).toBe(`    only on the source: 2 older, ${all.slice(2).join(', ')}`);
  });
});

test('a snapshot that is not taken yet has no GUID to show', () => {
  const { snapshots } = points('@a,1');
  const conflict = conflictOf([['t/s', '@a,1']], [['n/c', '@x,9']]);
  const pending = snapshots.map((one) => ({ ...one, guid: pendingGuid }));
  expect(conflictText({ host: '', dataset: name('n/c') }, { ...conflict, sourceOnly: pending })).toContain(
    'only on the source: @a\n',
  );
});
