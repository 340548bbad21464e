import type { DatasetPlan } from '../plan/dataset-plan.ts';
import type { SyncPlan } from '../plan/sync-plan.ts';
import { type DatasetName, isWithin } from '../zfs/dataset-name.ts';
import { ZferryError } from '../zfs/failure.ts';
import { type Problem, problemOf } from './problem.ts';
import type { RunState } from './run-state.ts';
import { type SendOptions, sendStep } from './send-step.ts';
import type { World } from './world.ts';

export type Sent =
  | { readonly kind: 'done'; readonly ms: number }
  | { readonly kind: 'failed'; readonly problem: Problem }
  | { readonly kind: 'skipped'; readonly reason: string };

/** Sends dataset by dataset, parents first. */
export async function sendAll(
  world: World,
  plan: SyncPlan,
  stuck: ReadonlyMap<DatasetName, Problem>,
  options: Omit<SendOptions, 'properties'>,
  state: RunState,
): Promise<Map<DatasetName, Sent>> {
  const sent = new Map<DatasetName, Sent>();
  let lost: ZferryError | undefined;
  for (const dataset of plan.datasets) {
    const { source, target, decision } = dataset;
    const problem = stuck.get(target);
    if (problem) {
      sent.set(source, { kind: 'failed', problem });
      world.report({ kind: 'dataset-failed', source, target, problem });
      continue;
    }
    if (!isSending(dataset)) continue;
    const first = decision.kind === 'send' && decision.base === undefined;
    const above = first ? failedAbove(plan, sent, target) : undefined;
    const reason = lost ? `not tried: ${lost.message}` : above && `its parent ${above} did not arrive`;
    if (reason !== undefined) {
      sent.set(source, { kind: 'skipped', reason });
      world.report({ kind: 'dataset-skipped', source, target, reason });
      continue;
    }
    const started = world.now();
    const fate = await sendSteps(world, plan, dataset, options, state);
    if (fate.kind === 'done') {
      sent.set(source, { kind: 'done', ms: world.now() - started });
      continue;
    }
    if (fate.kind === 'lost') lost = fate.error;
    const failure = problemOf(fate.error);
    sent.set(source, { kind: 'failed', problem: failure });
    world.report({ kind: 'dataset-failed', source, target, problem: failure });
  }
  return sent;
}

type Fate =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly error: ZferryError }
  /** The connection is gone: the other datasets need not be tried, each with a timeout of its own. */
  | { readonly kind: 'lost'; readonly error: ZferryError };

async function sendSteps(
  world: World,
  plan: SyncPlan,
  dataset: SendingPlan,
  options: Omit<SendOptions, 'properties'>,
  state: RunState,
): Promise<Fate> {
  try {
    for (const [index, step] of dataset.decision.steps.entries()) {
      const properties = index === 0 ? dataset.decision.properties : {};
      const error = await sendStep(world, plan, dataset, step, { ...options, properties }, state);
      if (error) return { kind: 'failed', error };
    }
    return { kind: 'done' };
  } catch (error) {
    if (!(error instanceof ZferryError)) throw error;
    if (error.code !== 'cancelled') return { kind: 'lost', error };
    // Cancelled by the loss of the lock, and not by the user.
    const reason: unknown = world.signal?.reason;
    if (reason instanceof ZferryError) return { kind: 'lost', error: reason };
    throw error;
  }
}

type SendingPlan = DatasetPlan & { readonly decision: { readonly kind: 'send' } };

function isSending(plan: DatasetPlan): plan is SendingPlan {
  return plan.decision.kind === 'send';
}

function failedAbove(
  plan: SyncPlan,
  sent: ReadonlyMap<DatasetName, Sent>,
  target: DatasetName,
): DatasetName | undefined {
  return plan.datasets.find((other) => {
    const fate = sent.get(other.source);
    const first = other.decision.kind === 'send' && other.decision.base === undefined;
    return (
      first &&
      other.target !== target &&
      isWithin(target, other.target) &&
      fate !== undefined &&
      fate.kind !== 'done'
    );
  })?.target;
}
