import type { DatasetPlan } from '../plan/dataset-plan.ts';
import type { SyncPlan } from '../plan/sync-plan.ts';
import type { DatasetName } from '../zfs/dataset-name.ts';
import { ZferryError } from '../zfs/failure.ts';
import { type Placeholders, placeholders } from './placeholders.ts';
import { type Problem, problemOf } from './problem.ts';
import type { RunState } from './run-state.ts';
import { type SendingPlan, sendQueue, type Turn } from './send-queue.ts';
import { type SendOptions, sendStep } from './send-step.ts';
import type { World } from './world.ts';

export type Sent =
  /** `ms`: of all its steps together. */
  | { readonly kind: 'done'; readonly ms: number }
  | { readonly kind: 'failed'; readonly problem: Problem }
  | { readonly kind: 'skipped'; readonly reason: string };

export type SendAllOptions = Omit<SendOptions, 'properties'> & {
  /** How many steps go on at once. */
  readonly parallel: number;
};

/**
 * Sends what the plan says, several datasets at once. One that fails stops only what is to be received below it.
 * @returns what became of each dataset, by its source's name
 */
export async function sendAll(
  world: World,
  plan: SyncPlan,
  stuck: ReadonlyMap<DatasetName, Problem>,
  options: SendAllOptions,
  state: RunState,
): Promise<Map<DatasetName, Sent>> {
  const sent = new Map<DatasetName, Sent>();
  const times = new Map<DatasetName, number>();
  const queue = sendQueue(plan.datasets.filter(isSending));
  const parents = placeholders(world, plan);
  /** Why no further step is started. */
  const stop: { lost?: ZferryError; thrown?: { readonly error: unknown } } = {};

  const fail = ({ source, target }: DatasetPlan, problem: Problem): void => {
    sent.set(source, { kind: 'failed', problem });
    world.report({ kind: 'dataset-failed', source, target, problem });
  };
  const skip = ({ source, target }: DatasetPlan, reason: string): void => {
    sent.set(source, { kind: 'skipped', reason });
    world.report({ kind: 'dataset-skipped', source, target, reason });
  };
  const drop = (dataset: SendingPlan): void => {
    for (const orphan of queue.drop(dataset)) {
      skip(orphan.dataset, `its parent ${orphan.parent} did not arrive`);
    }
  };
  const takeTurn = async (turn: Turn): Promise<void> => {
    const { dataset } = turn;
    const started = world.now();
    const fate = await sendTurn(world, plan, turn, { parents, options, state });
    const ms = (times.get(dataset.source) ?? 0) + world.now() - started;
    times.set(dataset.source, ms);
    if (fate.kind === 'arrived') {
      if (turn.index === dataset.decision.steps.length - 1) sent.set(dataset.source, { kind: 'done', ms });
      queue.arrived(turn);
      return;
    }
    if (fate.kind === 'thrown') {
      stop.thrown ??= fate;
      return;
    }
    fail(dataset, problemOf(fate.error));
    if (fate.kind === 'lost') stop.lost ??= fate.error;
    else drop(dataset);
  };

  for (const dataset of plan.datasets) {
    const problem = stuck.get(dataset.target);
    if (problem === undefined) continue;
    fail(dataset, problem);
    if (isSending(dataset)) drop(dataset);
  }
  const running = new Set<Promise<void>>();
  for (;;) {
    while (running.size < options.parallel && stop.lost === undefined && stop.thrown === undefined) {
      const turn = queue.take();
      if (turn === undefined) break;
      const work = takeTurn(turn).finally(() => running.delete(work));
      running.add(work);
    }
    if (running.size === 0) break;
    await Promise.race(running);
  }
  if (stop.thrown !== undefined) throw stop.thrown.error;
  const { lost } = stop;
  if (lost === undefined) return sent;
  for (const { dataset, begun } of queue.rest()) {
    if (begun) fail(dataset, problemOf(lost));
    else skip(dataset, `not tried: ${lost.message}`);
  }
  return sent;
}

type Sending = {
  readonly parents: Placeholders;
  readonly options: SendAllOptions;
  readonly state: RunState;
};

type Fate =
  | { readonly kind: 'arrived' }
  | { readonly kind: 'failed'; readonly error: ZferryError }
  /** The connection is gone: the other datasets need not be tried, each with a timeout of its own. */
  | { readonly kind: 'lost'; readonly error: ZferryError }
  /** Cancelled by the user, or a fault of ours: ends the run. */
  | { readonly kind: 'thrown'; readonly error: unknown };

async function sendTurn(
  world: World,
  plan: SyncPlan,
  { dataset, step, index }: Turn,
  { parents, options, state }: Sending,
): Promise<Fate> {
  const properties = index === 0 ? dataset.decision.properties : {};
  try {
    const lacking = await parents.above(dataset.target);
    if (lacking) return { kind: 'failed', error: lacking };
    const error = await sendStep(world, plan, dataset, step, { ...options, properties }, state);
    return error ? { kind: 'failed', error } : { kind: 'arrived' };
  } catch (error) {
    if (!(error instanceof ZferryError)) return { kind: 'thrown', error };
    if (error.code !== 'cancelled') return { kind: 'lost', error };
    // Cancelled by the loss of the lock, and not by the user.
    const reason: unknown = world.signal?.reason;
    return reason instanceof ZferryError ? { kind: 'lost', error: reason } : { kind: 'thrown', error };
  }
}

function isSending(plan: DatasetPlan): plan is SendingPlan {
  return plan.decision.kind === 'send';
}
