import { expect, test } from 'vitest';
import { parseDatasetName } from '../zfs/dataset-name.ts';
import type { Fate, Vanished } from './vanished.ts';
import { keptText, lossText, vanishedJson, vanishedLine } from './vanished-text.ts';

const at = Date.UTC(2026, 10, 20, 3, 4, 5);
const gone = (fate: Fate, since?: number): Vanished => ({
  name: parseDatasetName('n/c/x'),
  since,
  marks: false,
  fate,
});
const kept: Fate = { kind: 'kept' };
const waits: Fate = { kind: 'waits', until: at + 86_400_000 };
const stays: Fate = { kind: 'stays', reason: 'because' };
const destroyed: Fate = { kind: 'destroyed', datasets: 1, snapshots: 2, used: 4096 };

test.each([
  ['kept', gone(kept), '  keep      n/c/x: its source is gone; it stays as it is', 'n/c/x'],
  [
    'kept, and known to be gone',
    gone(kept, at),
    '  keep      n/c/x: its source is gone since 2026-11-20 03:04 UTC; it stays as it is',
    'n/c/x (since 2026-11-20 03:04 UTC)',
  ],
  [
    'waits',
    gone(waits, at),
    '  keep      n/c/x: its source is gone since 2026-11-20 03:04 UTC; it stays as it is until 2026-11-21 03:04 UTC',
    'n/c/x (since 2026-11-20 03:04 UTC; until 2026-11-21 03:04 UTC)',
  ],
  ['stays', gone(stays), '  keep      n/c/x: its source is gone; it stays: because', 'n/c/x (because)'],
  [
    'destroyed',
    gone(destroyed, at),
    '  destroy   n/c/x: its source is gone since 2026-11-20 03:04 UTC; LOSES 2 snapshots of 1 dataset, 4.0 KiB',
    'n/c/x (since 2026-11-20 03:04 UTC)',
  ],
])('%s: in the plan, and at the end of a run', (_, one, line, end) => {
  expect([vanishedLine(one), keptText(one)]).toEqual([line, end]);
});

test('what is lost', () => {
  expect(lossText({ datasets: 2, snapshots: 1, used: 5 })).toBe('1 snapshot of 2 datasets, 5 B');
});

test('as plain data', () => {
  const name = 'n/c/x';
  expect(vanishedJson(gone(kept))).toEqual({ name, since: null, fate: 'kept' });
  const since = '2026-11-20T03:04:05.000Z';
  expect(vanishedJson(gone(waits, at))).toEqual({
    name,
    since,
    fate: 'waits',
    until: '2026-11-21T03:04:05.000Z',
  });
  expect(vanishedJson(gone(stays, at))).toEqual({ name, since, fate: 'stays', reason: 'because' });
  expect(vanishedJson(gone(destroyed, at))).toEqual({
    name,
    since,
    fate: 'destroyed',
    datasets: 1,
    snapshots: 2,
    used: 4096,
  });
});
