import { arriving, type DatasetPlan, topProperties } from '../plan/dataset-plan.ts';
import { datasetBytes, outstanding, withSizes } from '../plan/sizes.ts';
import { planSync, type SyncPlan, withTaken } from '../plan/sync-plan.ts';
import { createPlaceholderArgs } from '../zfs/change-args.ts';
import { type DatasetName, isWithin } from '../zfs/dataset-name.ts';
import { ZferryError } from '../zfs/failure.ts';
import type { Guid } from '../zfs/guid.ts';
import { holdTag } from '../zfs/hold-args.ts';
import { hasFeature } from '../zfs/pool.ts';
import type { Snapshot } from '../zfs/snapshot.ts';
import { release } from './holds.ts';
import { letGo } from './let-go.ts';
import { checkRoom } from './measure.ts';
import { mountReplica } from './mount.ts';
import { takeOwnSnapshot } from './own-snapshot.ts';
import type { Prepared, SyncRequest } from './prepare-sync.ts';
import { commandError, firstFailure, type Problem, problemOf } from './problem.ts';
import { rotateSource } from './rotate.ts';
import type { RunState } from './run-state.ts';
import { type SendOptions, sendStep } from './send-step.ts';
import type { DatasetResult, Outcome, SyncResult } from './sync-result.ts';
import { listArrived } from './verify.ts';
import type { World } from './world.ts';

/**
 * Carries a plan out, once: own snapshot, what is let go, missing parents, the steps of each dataset, proof, rotation.
 * One dataset's failure is not another's, but for those below it that are not there yet.
 * @throws ZferryError where nothing can go on: no room, no connection, no snapshot, cancelled
 */
export async function carryOut(
  world: World,
  prepared: Prepared,
  request: SyncRequest,
  state: RunState,
): Promise<SyncResult> {
  const startedAt = world.now();
  await checkRoom(world, prepared.plan, prepared.target);
  const plan = await withOwnSnapshot(world, prepared, state);
  world.report({ kind: 'planned', plan });
  state.outstanding = outstanding(plan);
  const stuck = await letGo(world, plan);
  await createParents(world, plan);

  const options = {
    resumable: hasFeature(prepared.target.pool, 'extensible_dataset'),
    limiter: state.limiter,
    stallMs: request.stallMs,
  };
  const sent = await sendAll(world, plan, stuck, options, state);
  const datasets = await proveAll(world, plan, sent);
  const good = datasets.filter(({ outcome }) => isGood(outcome));
  if (request.mount && good.length > 0) {
    const targets = good.map(({ target }) => target);
    await orWarn(world, () => mountReplica(world, plan.target, targets), undefined);
  }
  const sources = new Set(good.map(({ source }) => source));
  await orWarn(world, () => releaseAll(world, plan, sources, state), undefined);
  const rotated = await orWarn(world, () => rotateSource(world, plan, sources), new Map());
  return { plan, datasets, rotated, startedAt, endedAt: world.now() };
}

/** A dataset that is well replicated needs no hold any more. */
async function releaseAll(
  world: World,
  plan: SyncPlan,
  sources: ReadonlySet<DatasetName>,
  { held }: RunState,
): Promise<void> {
  const done = [...held].filter((name) => sources.has(name.slice(0, name.indexOf('@')) as DatasetName));
  const gone = await release(world, plan.source.host, holdTag(plan.id), done);
  if (gone) for (const name of done) held.delete(name);
}

/** What comes after the proof cannot make it undone: what goes wrong there is a warning. */
async function orWarn<T>(world: World, work: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ZferryError) || error.code === 'cancelled') throw error;
    world.report({ kind: 'warning', message: error.message });
    return otherwise;
  }
}

async function withOwnSnapshot(world: World, prepared: Prepared, state: RunState): Promise<SyncPlan> {
  const { plan, source, target, options, received } = prepared;
  const { snapshot } = plan;
  if (snapshot.kind !== 'take') return plan;
  const { taken, sizes } = await takeOwnSnapshot(world, source.place.host, snapshot.name, snapshot.datasets);
  state.taken = taken;
  const now = withTaken(source, taken);
  const again = planSync(now, target, options, received, taken);
  const measured = withSizes(again, now.datasets, new Map([...prepared.sizes, ...sizes]));
  await checkRoom(world, measured, target);
  return measured;
}

async function createParents(world: World, plan: SyncPlan): Promise<void> {
  if (plan.parents.length === 0) return;
  const { host } = plan.target;
  const commands = plan.parents.map((name) => ({
    argv: createPlaceholderArgs(name, name === plan.target.dataset ? topProperties(plan.id) : {}),
  }));
  const { results } = await world.hosts.run({ host, commands }, { signal: world.signal });
  const failed = firstFailure(results);
  if (failed) throw commandError(host, failed, `Creating ${failed.argv.at(-1) ?? ''}`);
  for (const target of plan.parents) world.report({ kind: 'parent-created', target });
}

type Sent =
  | { readonly kind: 'done'; readonly ms: number }
  | { readonly kind: 'failed'; readonly problem: Problem }
  | { readonly kind: 'skipped'; readonly reason: string };

/** Sends dataset by dataset, parents first. */
async function sendAll(
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
    if (!(error instanceof ZferryError) || error.code === 'cancelled') throw error;
    return { kind: 'lost', error };
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

/** What became of each dataset, held against what the target lists now. */
async function proveAll(
  world: World,
  plan: SyncPlan,
  sent: ReadonlyMap<DatasetName, Sent>,
): Promise<DatasetResult[]> {
  const tried = plan.datasets.filter((dataset) =>
    ['done', 'failed'].includes(sent.get(dataset.source)?.kind ?? ''),
  );
  const targets = tried.map((dataset) => dataset.target);
  const arrived = await orUnknown(() => listArrived(world, plan.target, targets));
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
  if (decision.kind !== 'send' && sent?.kind === 'failed') {
    return { kind: 'failed', problem: sent.problem, snapshots: [] };
  }
  switch (decision.kind) {
    case 'up-to-date':
      return { kind: 'nothing', reason: decision.reason };
    case 'refused':
      return { kind: 'refused', conflict: decision.conflict };
    case 'blocked':
      return { kind: 'failed', problem: blockedProblem(decision), snapshots: [] };
    case 'send':
      break;
  }
  if (sent === undefined) return { kind: 'skipped', reason: 'not tried' };
  if (sent.kind === 'skipped') return sent;
  if (there instanceof ZferryError) {
    const problem = sent.kind === 'failed' ? sent.problem : notProven(dataset, there);
    return { kind: 'failed', problem, snapshots: [] };
  }
  const proven = arriving(dataset).filter((snapshot) => there.has(snapshot.guid));
  if (sent.kind === 'failed') return { kind: 'failed', problem: sent.problem, snapshots: proven };
  const missing = arriving(dataset).filter((snapshot) => !there.has(snapshot.guid));
  if (missing.length > 0) return { kind: 'failed', problem: notArrived(dataset, missing), snapshots: proven };
  return { kind: 'sent', snapshots: proven, bytes: datasetBytes(decision), ms: sent.ms };
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

function isGood(outcome: Outcome): boolean {
  return outcome.kind === 'sent' || outcome.kind === 'nothing';
}
