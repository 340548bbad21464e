import { arriving, type DatasetPlan } from '../plan/decision.ts';
import { datasetBytes } from '../plan/sizes.ts';
import type { SyncPlan } from '../plan/sync-plan.ts';
import type { DatasetName } from '../zfs/dataset-name.ts';
import { ZferryError } from '../zfs/failure.ts';
import type { Guid } from '../zfs/guid.ts';
import type { Snapshot } from '../zfs/snapshot.ts';
import { type Problem, problemOf } from './problem.ts';
import type { Sent } from './send-all.ts';
import type { DatasetResult, Outcome } from './sync-result.ts';
import { listArrived } from './verify.ts';
import type { World } from './world.ts';

/** What became of each dataset, held against what the target lists now. */
export async function proveAll(
  world: World,
  plan: SyncPlan,
  sent: ReadonlyMap<DatasetName, Sent>,
): Promise<DatasetResult[]> {
  const tried = plan.datasets.filter((dataset) =>
    ['done', 'failed'].includes(sent.get(dataset.source)?.kind ?? ''),
  );
  const wanted = new Map(tried.map((dataset) => [dataset.target, arriving(dataset)]));
  const arrived = await orUnknown(() => listArrived(world, plan.target, wanted));
  return plan.datasets.map((dataset) => {
    const there = arrived instanceof ZferryError ? arrived : (arrived.get(dataset.target) ?? new Set<Guid>());
    const outcome = outcomeOf(dataset, sent.get(dataset.source), there);
    if (outcome.kind === 'sent') {
      world.report({ kind: 'verified', target: dataset.target, snapshots: outcome.snapshots });
    } else if (outcome.kind === 'failed' && provingCodes.has(outcome.problem.code)) {
      const { source, target } = dataset;
      world.report({ kind: 'dataset-failed', source, target, problem: outcome.problem });
    }
    return { source: dataset.source, target: dataset.target, outcome };
  });
}

/** Problems that only the proof finds. */
const provingCodes = new Set(['not-arrived', 'not-proven']);

/** Without an answer nothing is proven, and what was sent is not forgotten for it. */
async function orUnknown<T>(ask: () => Promise<T>): Promise<T | ZferryError> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof ZferryError) || error.code === 'cancelled') throw error;
    return error;
  }
}

function outcomeOf(
  dataset: DatasetPlan,
  sent: Sent | undefined,
  there: ReadonlySet<Guid> | ZferryError,
): Outcome {
  const { decision } = dataset;
  const planned = datasetBytes(decision);
  if (decision.kind !== 'send' && sent?.kind === 'failed') {
    return { kind: 'failed', problem: sent.problem, snapshots: [] };
  }
  switch (decision.kind) {
    case 'left':
    case 'up-to-date':
      return { kind: 'nothing', reason: decision.reason };
    case 'refused':
      return { kind: 'refused', conflict: decision.conflict };
    case 'waits':
      return { kind: 'skipped', reason: decision.reason };
    case 'blocked':
      return decision.parent === undefined
        ? { kind: 'failed', problem: blockedProblem(decision), snapshots: [] }
        : { kind: 'skipped', reason: decision.reason };
    case 'send':
      break;
  }
  if (sent === undefined) return { kind: 'skipped', reason: 'not tried' };
  if (sent.kind === 'skipped') return sent;
  if (there instanceof ZferryError) {
    const problem = sent.kind === 'failed' ? sent.problem : notProven(dataset, there);
    return { kind: 'failed', problem, snapshots: [], planned };
  }
  const proven = arriving(dataset).filter((snapshot) => there.has(snapshot.guid));
  if (sent.kind === 'failed') return { kind: 'failed', problem: sent.problem, snapshots: proven, planned };
  const missing = arriving(dataset).filter((snapshot) => !there.has(snapshot.guid));
  if (missing.length > 0)
    return { kind: 'failed', problem: notArrived(dataset, missing), snapshots: proven, planned };
  return { kind: 'sent', snapshots: proven, bytes: planned, ms: sent.ms };
}

function blockedProblem({ reason, next }: { readonly reason: string; readonly next: string }): Problem {
  return { code: 'blocked', message: reason, next, host: undefined, command: undefined, meaning: undefined };
}

function notProven({ source, target }: DatasetPlan, error: ZferryError): Problem {
  return {
    ...problemOf(error),
    code: 'not-proven',
    message: `${source} was sent to ${target}, but whether it arrived cannot be asked: ${error.message}`,
    next: 'once the host answers, run the same command again: it sends only what is missing',
  };
}

function notArrived({ target }: DatasetPlan, missing: readonly Snapshot[]): Problem {
  const names = missing.map((snapshot) => `@${snapshot.name}`).join(', ');
  return {
    code: 'not-arrived',
    message: `${target} has not got ${names}, although every command ended well`,
    meaning: 'older releases of OpenZFS skip a snapshot without a word (openzfs/zfs#12661)',
    next: 'run the same command again: it plans anew from what is there now',
    host: undefined,
    command: undefined,
  };
}
