import { expect, test } from 'vitest';
import { own, planTree } from '../plan/testing.ts';
import { newRunState } from './run-state.ts';
import { howLeft } from './sync.ts';
import type { SyncResult } from './sync-result.ts';

/** How a run left its target that found it refused, with a snapshot of somebody's after @b, and these snapshots held by it. */
function left(held: readonly string[] | undefined): string {
  const plan = planTree(
    [['t/s', '@a,1 @b,2']],
    [['n/c', '@a,1 @b,2 @x,9', { own: own({ 'zferry:id': 'ab12cd', 'zferry:source': '1000' }) }]],
  );
  const datasets = plan.datasets.flatMap(({ source, target, decision }) =>
    decision.kind === 'refused'
      ? [{ source, target, outcome: { kind: 'refused' as const, conflict: decision.conflict } }]
      : [],
  );
  expect(datasets).toHaveLength(1);
  const result: SyncResult = {
    plan,
    datasets,
    rotated: new Map(),
    pruned: [],
    healed: [],
    startedAt: 0,
    endedAt: 1,
  };
  const state = newRunState(undefined, { heldTargets: held && new Set(held) });
  state.begun = true;
  return howLeft(state, result, true);
}

test('what is refused is left in order where its base is held, and nothing else', () => {
  expect(left(undefined)).toBe('clean');
  expect(left(['n/c@b'])).toBe('clean');
  expect(left(['n/c@a'])).toBe('leave');
  expect(left(['n/c@a', 'n/c@b'])).toBe('leave');
});
