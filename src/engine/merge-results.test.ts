import { expect, test } from 'vitest';
import { planSync } from '../plan/sync-plan.ts';
import { dataset, points, side, syncOptions } from '../plan/testing.ts';
import { mergeResults } from './merge-results.ts';
import type { Outcome, SyncResult } from './sync-result.ts';

const { snapshots } = points('@a,1 @b,2');
const [a, b] = snapshots;
const problem = {
  code: 'stalled',
  message: 'x',
  host: '',
  command: undefined,
  meaning: undefined,
  next: undefined,
};
const sent = (...list: typeof snapshots): Outcome => ({ kind: 'sent', snapshots: list, bytes: 5, ms: 7 });
const failed = (...list: typeof snapshots): Outcome => ({ kind: 'failed', problem, snapshots: list });
const nothing: Outcome = { kind: 'nothing', reason: 'up to date' };

function result(outcomes: Readonly<Record<string, Outcome>>, at: number): SyncResult {
  const names = Object.keys(outcomes).map((name) => dataset(name));
  const plan = planSync(side('s', names), side('t', []), syncOptions({ snapshot: 'no' }), new Set());
  const datasets = plan.datasets.map(({ source, target }) => ({
    source,
    target,
    outcome: outcomes[source] ?? nothing,
  }));
  return { plan, datasets, rotated: new Map(), healed: [], pruned: [], startedAt: at, endedAt: at + 1 };
}

const merged = (before: Outcome, after: Outcome): Outcome | undefined =>
  mergeResults(result({ s: before }, 1), result({ s: after }, 10)).datasets[0]?.outcome;

if (!a || !b) throw new Error('no points');
test.each([
  ['sent, then nothing left to do', sent(a), nothing, sent(a)],
  ['a part, then the rest', failed(a), sent(b), { ...sent(a, b) }],
  ['sent, then more', sent(a), sent(b), { kind: 'sent', snapshots: [a, b], bytes: 10, ms: 14 }],
  ['failed twice', failed(a), failed(), failed(a)],
  ['failed, and yet all had arrived', failed(a), nothing, { kind: 'sent', snapshots: [a], bytes: 0, ms: 0 }],
  ['failed with nothing, then nothing to do', failed(), nothing, nothing],
])('%s', (_, before, after, both) => {
  expect(merged(before, after)).toEqual(both);
});

test('what is gone from the source by then is not forgotten', () => {
  const both = mergeResults(result({ s: sent(a), 's/x': failed() }, 1), result({ s: nothing }, 10));
  expect(both.datasets.map(({ source, outcome }) => [source, outcome.kind])).toEqual([
    ['s', 'sent'],
    ['s/x', 'skipped'],
  ]);
  expect(both.startedAt).toBe(1);
});
