import type { DatasetResult, Outcome, SyncResult } from './sync-result.ts';

/** What two attempts of one run did together: how it stands after the second, and all that arrived in either. */
export function mergeResults(earlier: SyncResult, later: SyncResult): SyncResult {
  const before = new Map(earlier.datasets.map((one) => [one.source, one.outcome]));
  const datasets = later.datasets.map((one): DatasetResult => {
    const outcome = before.get(one.source);
    return outcome === undefined ? one : { ...one, outcome: mergeOutcomes(outcome, one.outcome) };
  });
  const there = new Set(later.datasets.map(({ source }) => source));
  const gone = earlier.datasets
    .filter(({ source }) => !there.has(source))
    .map((one): DatasetResult => ({ ...one, outcome: withoutSource(one.outcome) }));
  const snapshot = earlier.plan.snapshot.kind === 'taken' ? earlier.plan.snapshot : later.plan.snapshot;
  const rotated = new Map(earlier.rotated);
  for (const [dataset, names] of later.rotated) {
    rotated.set(dataset, [...(rotated.get(dataset) ?? []), ...names]);
  }
  return {
    ...later,
    plan: { ...later.plan, snapshot },
    datasets: [...datasets, ...gone],
    rotated,
    pruned: [...earlier.pruned, ...later.pruned],
    startedAt: earlier.startedAt,
  };
}

/** Of a dataset that the later attempt did not find any more. */
function withoutSource(before: Outcome): Outcome {
  const over = before.kind === 'sent' || before.kind === 'nothing';
  return over ? before : { kind: 'skipped', reason: 'it is gone from the source' };
}

function mergeOutcomes(before: Outcome, after: Outcome): Outcome {
  const arrived = 'snapshots' in before ? before.snapshots : [];
  switch (after.kind) {
    case 'sent':
      return {
        ...after,
        snapshots: [...arrived, ...after.snapshots],
        ...(before.kind === 'sent' ? { bytes: before.bytes + after.bytes, ms: before.ms + after.ms } : {}),
        // What was cut off and went on is all of what was to come at first.
        ...(before.kind === 'failed' ? { bytes: Math.max(before.planned ?? 0, after.bytes) } : {}),
      };
    case 'failed':
      return {
        ...after,
        snapshots: [...arrived, ...after.snapshots],
        ...(before.kind === 'failed' && before.planned !== undefined ? { planned: before.planned } : {}),
      };
    case 'nothing':
      // What it failed with is over: all that was to come is there.
      if (before.kind === 'sent') return before;
      return before.kind === 'failed' && arrived.length > 0
        ? { kind: 'sent', snapshots: arrived, bytes: before.planned ?? 0, ms: 0 }
        : after;
    case 'refused':
    case 'skipped':
      return after;
  }
}
