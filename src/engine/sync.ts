import { placeText } from '../plan/place.ts';
import type { Side } from '../plan/side.ts';
import { cutOff } from '../plan/sizes.ts';
import type { SyncPlan } from '../plan/sync-plan.ts';
import type { DatasetName } from '../zfs/dataset-name.ts';
import { ZferryError } from '../zfs/failure.ts';
import { holdTag } from '../zfs/hold-args.ts';
import { carryOut } from './attempt.ts';
import { both } from './both.ts';
import { refuseSamePlace } from './check-request.ts';
import { eitherSignal } from './either-signal.ts';
import { heal, needsHealing, within } from './heal.ts';
import { findHeld } from './holds.ts';
import { letGo } from './let-go.ts';
import { listSide } from './list-side.ts';
import type { ReplicaLock } from './lock.ts';
import { checkRoom } from './measure.ts';
import { mergeResults } from './merge-results.ts';
import { type Prepared, prepareSync } from './prepare-sync.ts';
import { type Problem, problemOf } from './problem.ts';
import { type KeptLock, type Locks, replicaLocks, underLock } from './replica-locks.ts';
import { backoff, mayPass } from './retry.ts';
import { newRunState, type RunState } from './run-state.ts';
import type { SyncRequest } from './sync-request.ts';
import type { SyncResult } from './sync-result.ts';
import { finishAll } from './unfinished.ts';
import { readyWay } from './way.ts';
import type { World } from './world.ts';

/**
 * Replicates now: takes the lock, and tries until all is done, something needs a person, or trying again got nowhere too often.
 * Every attempt plans anew from fresh listings.
 * @param ready settles before anything is changed
 * @throws ZferryError where nothing can go on: no connection from the start, no room, locked, cancelled
 */
export async function sync(
  world: World,
  request: SyncRequest,
  ready: Promise<unknown> = Promise.resolve(),
): Promise<SyncResult> {
  refuseSamePlace(request);
  const state = newRunState(await readyWay(world, request));
  const locks = replicaLocks(world, request);
  let result: SyncResult | undefined;
  try {
    result = await tryUntilDone(world, request, { state, locks, ready });
    return result;
  } finally {
    const released = locks.release((cleanBefore) => howLeft(state, result, cleanBefore));
    // Who wants to stop does not wait for a host that may be gone.
    if (world.signal?.aborted !== true) await released;
  }
}

/** What the next run is told: whether it has to look for what this one left behind. */
export function howLeft(
  state: RunState,
  result: SyncResult | undefined,
  cleanBefore: boolean,
): 'clean' | 'leave' | 'undo' {
  if (!state.begun) return 'undo';
  if (result === undefined || state.held.size > 0 || state.leftAnchors) return 'leave';
  if (holdsTwice(state.heldTargets) || holdsOther(state.heldTargets, result)) return 'leave';
  const kinds = new Set(result.datasets.map(({ outcome }) => outcome.kind));
  if (kinds.has('failed') || kinds.has('skipped')) return 'leave';
  return (kinds.has('refused') || state.leftTokens) && !cleanBefore ? 'undo' : 'clean';
}

/** Whether a dataset has holds of more than its base: nothing is let go of where it is refused. */
function holdsTwice(held: RunState['heldTargets']): boolean {
  const datasets = [...(held ?? [])].map((name) => name.slice(0, name.indexOf('@')));
  return new Set(datasets).size < datasets.length;
}

/** Whether something that is refused has a hold of another snapshot than its base: the run that held it did not come to its end. */
function holdsOther(held: RunState['heldTargets'], { datasets }: SyncResult): boolean {
  const bases = new Map(
    datasets.flatMap(({ target, outcome }) =>
      outcome.kind === 'refused' ? [[target as string, outcome.conflict.base?.target.name] as const] : [],
    ),
  );
  return [...(held ?? [])].some((full) => {
    const [dataset = '', name] = full.split('@');
    return bases.has(dataset) && bases.get(dataset) !== name;
  });
}

/** Whether all that is held still has the name that it was found by. */
function areThere(held: RunState['heldTargets'], { datasets }: Side): boolean {
  if (held === undefined) return true;
  const names = new Set(
    datasets.flatMap(({ name, snapshots }) => snapshots.map((one) => `${name}@${one.name}`)),
  );
  return [...held].every((name) => names.has(name));
}

/** What a run works with, over all its attempts. */
export type Run = {
  readonly state: RunState;
  readonly locks: Locks;
  readonly ready: Promise<unknown>;
  /** Asks for the end: no attempt is made after the one that goes on. */
  readonly stop?: AbortSignal;
};

type Attempt =
  | { readonly kind: 'result'; readonly result: SyncResult }
  | { readonly kind: 'error'; readonly error: ZferryError };

/**
 * One run, with a lock that may be kept for others.
 * @throws ZferryError as `sync`
 */
export async function tryUntilDone(world: World, request: SyncRequest, run: Run): Promise<SyncResult> {
  const { state } = run;
  let done: SyncResult | undefined;
  let failures = 0;
  for (;;) {
    const before = state.cutOff;
    const attempt = await tryOnce(world, request, run);
    if (attempt.kind === 'result') done = done ? mergeResults(done, attempt.result) : attempt.result;

    const problem = passingProblem(attempt);
    failures = gotOn(before, state.cutOff, attempt) ? 1 : failures + 1;
    if (attempt.kind === 'result') learn(attempt.result, state);
    if (state.movedBack) {
      state.movedBack = false;
      // What is held in there has its names again.
      state.searched = false;
      failures = 0;
      continue;
    }
    const end = (): SyncResult =>
      attempt.kind === 'result' ? (done ?? attempt.result) : giveUp(world, done, attempt.error);
    // What never worked in this run is more often misspelt than gone for a moment.
    if (problem === undefined || !state.begun || failures > request.retries || isOver(run)) return end();
    if (problem.code === 'busy' || problem.code === 'interrupted-receive') state.sawBusy = true;
    const ms = backoff(problem.code, failures, world.random());
    world.report({ kind: 'retrying', problem, ms, failures, of: request.retries });
    await world.sleep(ms, eitherSignal(world.signal, run.stop));
    if (isOver(run)) return end();
  }
}

function isOver({ stop }: Run): boolean {
  return stop?.aborted === true;
}

/** Whether something has arrived: whole snapshots in this attempt, or more of one that was cut off before it. */
function gotOn(
  before: ReadonlyMap<string, number>,
  now: ReadonlyMap<string, number>,
  attempt: Attempt,
): boolean {
  const arrived =
    attempt.kind === 'result' &&
    attempt.result.datasets.some(({ outcome }) => 'snapshots' in outcome && outcome.snapshots.length > 0);
  return arrived || [...now].some(([snapshot, bytes]) => bytes > (before.get(snapshot) ?? 0));
}

/** What an earlier attempt brought is not forgotten for what stopped the last one. */
function giveUp(world: World, done: SyncResult | undefined, error: ZferryError): SyncResult {
  if (done === undefined) throw error;
  const next = error.next === undefined ? '' : `. What to do: ${error.next}`;
  world.report({ kind: 'warning', message: `the last attempt ended early: ${error.message}${next}` });
  return { ...done, endedAt: world.now() };
}

/**
 * What only trying shows: where ZFS would not take a raw increment, the next attempt looks for what the last raw one was; where the user
 * may not hold, it does without `-I`.
 */
function learn({ datasets }: SyncResult, state: RunState): void {
  for (const { target, outcome } of datasets) {
    if (outcome.kind !== 'failed') continue;
    if (outcome.problem.code === 'not-from-raw') state.notRaw.add(target);
    if (outcome.problem.code === 'may-not-hold') state.mayNotHold = true;
  }
}

/** What stopped an attempt, where it may be gone by the next. */
function passingProblem(attempt: Attempt): Problem | undefined {
  if (attempt.kind === 'error') {
    return mayPass(attempt.error.code) ? problemOf(attempt.error) : undefined;
  }
  for (const { outcome } of attempt.result.datasets) {
    if (outcome.kind === 'failed' && mayPass(outcome.problem.code)) return outcome.problem;
  }
  return undefined;
}

async function tryOnce(world: World, request: SyncRequest, run: Run): Promise<Attempt> {
  const { state, locks, ready } = run;
  let under = world;
  try {
    const lock = await lockAndReach(world, request, locks);
    under = underLock(world, lock);
    const prepare = async (again: boolean): Promise<Prepared> => {
      // What is rotated away is left to a run that tidies up.
      const asked = state.carries ? { ...request, keep: undefined } : request;
      const prepared = await prepareSync(under, asked, {
        cleanBefore: lock.cleanBefore && !state.begun,
        taken: state.taken,
        settle: { deadMark: lock.deadMark, always: state.sawBusy },
        again,
        suspects: state.notRaw,
        mayNotHold: state.mayNotHold,
        traces: state.traces,
        carried: state.carries ? new Set() : state.carried,
      });
      state.traces = prepared.options.traces;
      return prepared;
    };
    const stuck = new Map<DatasetName, Problem>();
    let prepared = await prepare(state.begun);
    await ready;
    const finish = async (): Promise<void> => {
      const { plan, toFinish } = prepared;
      const going = await finishAll(under, plan.target.host, toFinish);
      for (const [top, problem] of going.stuck) {
        for (const name of within(plan, top)) stuck.set(name, problem);
      }
      if (going.finished === 0) return;
      // What is held in there has its names again.
      state.searched = false;
      prepared = await prepare(true);
    };
    await finish();
    // What was held has been given another name since.
    if (!areThere(state.heldTargets, prepared.target)) state.searched = false;
    if (!state.carries && (state.begun || !lock.cleanBefore)) await searchHolds(under, prepared, state);
    tellLeftovers(world, prepared, lock, state);
    state.cutOff = cutOff(prepared.plan);
    // Renames and promotes, then what is to be done about what is found after them.
    for (let round = 0; round < 3 && stuck.size === 0 && changesTarget(prepared.plan); round++) {
      await checkRoom(under, prepared.plan, prepared.target);
      state.begun = true;
      // What is held can have another name then.
      if (state.heldTargets !== undefined) state.searched = false;
      const { plan, target } = prepared;
      for (const [name, problem] of [
        ...(await letGo(under, plan)),
        ...(await heal(under, plan, target, state)),
      ]) {
        stuck.set(name, problem);
      }
      prepared = await prepare(true);
      await finish();
      if (state.heldTargets !== undefined) await searchHolds(under, prepared, state);
    }
    state.leftTokens = leavesTokens(prepared);
    const result = await carryOut(world, prepared, request, { under, mark: lock.mark, stuck, state });
    return { kind: 'result', result };
  } catch (error) {
    if (!(error instanceof ZferryError) || world.signal?.aborted === true) throw error;
    // Cancelled, and not by the user: by the loss of the lock.
    const lost: unknown = error.code === 'cancelled' ? under.signal?.reason : undefined;
    return { kind: 'error', error: lost instanceof ZferryError ? lost : error };
  }
}

/** Whether something stays that only the run which began it, and those after it, may go on with. */
function leavesTokens({ plan, target }: Prepared): boolean {
  const going = new Set(
    plan.datasets.filter(({ decision }) => decision.kind === 'send').map((one) => one.target),
  );
  return target.datasets.some(({ name, resumeToken }) => resumeToken !== undefined && !going.has(name));
}

/** Whether something is done to datasets of the target before anything is sent. */
function changesTarget({ datasets, renames, promotes, makes }: SyncPlan): boolean {
  return (
    renames.length + promotes.length + makes.length > 0 ||
    datasets.some((one) => one.letGo !== undefined || needsHealing(one))
  );
}

/**
 * The lock, with the source's host reached meanwhile. Both sides are listed only after it: what is older can have been changed by the run
 * before. Who is to wait for the lock is told of a source that cannot be listed before that.
 */
async function lockAndReach(world: World, request: SyncRequest, locks: Locks): Promise<KeptLock> {
  const { source, depth, waitMs } = request;
  const { hosts, signal } = world;
  if (waitMs > 0) {
    await listSide(hosts, source, 'source', { depth, signal });
    return await locks.take();
  }
  const [, lock] = await both(hosts.connect(source.host, { signal }), locks.take());
  return lock;
}

/** Says so where a run before this one left something to go on from. */
function tellLeftovers(
  world: World,
  { plan, target }: Prepared,
  { dead }: ReplicaLock,
  state: RunState,
): void {
  if (dead === undefined || state.begun || dead.startsWith(`${world.who},`)) return;
  const left = state.held.size > 0 || target.datasets.some((one) => one.resumeToken !== undefined);
  if (!left) return;
  const message = `the last run to ${placeText(plan.target)} (${dead}) did not come to its end; this one goes on from what it left`;
  world.report({ kind: 'note', message });
}

/**
 * Holds that an earlier run left, or an attempt before this one, are taken over: they are let go of when what they are for has arrived, or is
 * superseded.
 */
async function searchHolds(world: World, { plan, source, target }: Prepared, state: RunState): Promise<void> {
  if (state.searched) return;
  const tag = holdTag(plan.id);
  const [held, onTarget] = await both(findHeld(world, source, tag), findHeld(world, target, tag));
  for (const name of held) state.held.add(name);
  state.heldTargets = new Set(onTarget);
  state.searched = true;
}
