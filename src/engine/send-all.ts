import type { DatasetPlan } from '../plan/decision.ts';
import type { SyncPlan } from '../plan/sync-plan.ts';
import { type DatasetName, isWithin } from '../zfs/dataset-name.ts';
import { ZferryError } from '../zfs/failure.ts';
import { type Placeholders, placeholders } from './placeholders.ts';
import { type Problem, problemOf } from './problem.ts';
import type { RunState } from './run-state.ts';
import { type SendingPlan, sendQueue, type Turn } from './send-queue.ts';
import { type Failure, isSmall, type SendOptions, sendTrain, type TrainEnd } from './send-train.ts';
import type { World } from './world.ts';

export type Sent =
  /** `ms`: of all its steps together. */
  | { readonly kind: 'done'; readonly ms: number }
  | { readonly kind: 'failed'; readonly problem: Problem }
  | { readonly kind: 'skipped'; readonly reason: string };

export type SendAllOptions = SendOptions & {
  /** How many pipelines go on at once. */
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
  const queue = sendQueue(plan.datasets.filter(isSending), isSmall);
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
      const what = isWithin(orphan.dataset.target, orphan.parent) ? 'its parent' : 'what it is a clone of,';
      skip(orphan.dataset, `${what} ${orphan.parent} did not arrive`);
    }
  };
  const arrive = (turn: Turn, ms: number): void => {
    const { source, decision } = turn.dataset;
    const sum = (times.get(source) ?? 0) + ms;
    times.set(source, sum);
    if (turn.index === decision.steps.length - 1) sent.set(source, { kind: 'done', ms: sum });
    queue.arrived(turn);
  };
  const giveUp = ({ dataset }: Turn, error: ZferryError): void => {
    fail(dataset, problemOf(error));
    drop(dataset);
  };
  const send = async (turns: readonly Turn[]): Promise<void> => {
    const started = world.now();
    const fate = await sendTurns(world, plan, turns, { parents, options, state });
    if ('thrown' in fate) {
      stop.thrown ??= fate.thrown;
    } else if ('lost' in fate) {
      for (const { dataset } of turns) fail(dataset, problemOf(fate.lost));
      stop.lost ??= fate.lost;
    } else {
      const { arrived, failures } = fate;
      const ms = (world.now() - started) / arrived.length;
      for (const turn of arrived) arrive(turn, ms);
      for (const { turn, error } of failures) giveUp(turn, error);
      const over = new Set([...arrived, ...failures.map(({ turn }) => turn)]);
      queue.again(turns.filter((turn) => !over.has(turn)));
    }
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
      const turns = queue.take(options.parallel - running.size);
      if (turns.length === 0) break;
      const work = send(turns).finally(() => running.delete(work));
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
  | TrainEnd
  /** The connection is gone: the other datasets need not be tried, each with a timeout of its own. */
  | { readonly lost: ZferryError }
  /** Cancelled by the user, or a fault of ours: ends the run. */
  | { readonly thrown: { readonly error: unknown } };

async function sendTurns(
  world: World,
  plan: SyncPlan,
  turns: readonly Turn[],
  { parents, options, state }: Sending,
): Promise<Fate> {
  const able: Turn[] = [];
  const failures: Failure[] = [];
  try {
    for (const turn of turns) {
      const error = await parents.above(turn.dataset.target);
      if (error) failures.push({ turn, error });
      else able.push(turn);
    }
    const end = await sendTrain(world, plan, able, options, state);
    return { ...end, failures: [...failures, ...end.failures] };
  } catch (error) {
    if (!(error instanceof ZferryError)) return { thrown: { error } };
    if (error.code !== 'cancelled') return { lost: error };
    // Cancelled by the loss of the lock, and not by the user.
    const reason: unknown = world.signal?.reason;
    return reason instanceof ZferryError ? { lost: reason } : { thrown: { error } };
  }
}

function isSending(plan: DatasetPlan): plan is SendingPlan {
  return plan.decision.kind === 'send';
}
