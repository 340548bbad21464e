import { faultText } from '../plan/plan-text.ts';
import { withSizes } from '../plan/sizes.ts';
import { planSync, type SyncPlan, withTaken } from '../plan/sync-plan.ts';
import { type DatasetName, isWithin, rebase } from '../zfs/dataset-name.ts';
import { ZferryError } from '../zfs/failure.ts';
import { holdTag } from '../zfs/hold-args.ts';
import { hasFeature } from '../zfs/pool.ts';
import { anchorAll, markComing } from './anchor.ts';
import { both } from './both.ts';
import { needsHealing, notHealed } from './heal.ts';
import { release } from './holds.ts';
import { knownKey } from './list-side.ts';
import { markVanished } from './mark-vanished.ts';
import { checkRoom } from './measure.ts';
import { mountReplica } from './mount.ts';
import { takeOwnSnapshot } from './own-snapshot.ts';
import { onlyCarries, type Prepared } from './prepare-sync.ts';
import type { Problem } from './problem.ts';
import { proveAll } from './prove.ts';
import { pruneVanished } from './prune-vanished.ts';
import { emptyTheRoot } from './replace-root.ts';
import { reserveVolumes } from './reserve.ts';
import { rotate } from './rotate.ts';
import type { RunState } from './run-state.ts';
import { sendAll } from './send-all.ts';
import type { SyncRequest } from './sync-request.ts';
import type { DatasetResult, Outcome, SyncResult } from './sync-result.ts';
import { finishAll } from './unfinished.ts';
import type { World } from './world.ts';

export type Carrying = {
  /** The world as long as the lock is held: whatever changes something is done in it. */
  readonly under: World;
  readonly mark: string;
  /** Targets where what was to be let go would not go, and why. */
  readonly stuck: ReadonlyMap<DatasetName, Problem>;
  readonly state: RunState;
};

/**
 * Carries a plan out, once: own snapshot, missing parents, the steps of each dataset, proof, release, rotation, and
 * what has vanished.
 * One dataset's failure is not another's, but for those below it that are not there yet.
 * @throws ZferryError where nothing can go on: no room, no connection, no snapshot, cancelled
 */
export async function carryOut(
  world: World,
  prepared: Prepared,
  request: SyncRequest,
  { under, mark, stuck, state }: Carrying,
): Promise<SyncResult> {
  const startedAt = world.now();
  state.prepared = prepared;
  await checkRoom(under, prepared.plan, prepared.target);
  state.begun = true;
  const plan = await withOwnSnapshot(under, prepared, state);
  world.report({ kind: 'planned', plan });
  tellOnce(world, plan, state);
  const root = await emptyTheRoot(under, plan, prepared.target);

  const options = {
    resumable: hasFeature(prepared.target.pool, 'extensible_dataset'),
    limiter: state.limiter,
    stallMs: request.stallMs,
    mark,
    parallel: request.parallel,
    direct: plan.direct,
  };
  const unfit = new Map([...unhealed(plan), ...stuck, ...root.unfit]);
  const now = state.taken ? withTaken(prepared.source, state.taken) : prepared.source;
  const carries = state.carries && onlyCarries(plan);
  const [sent] = await both(
    sendAll(under, plan, unfit, options, state),
    carries ? Promise.resolve() : markComing(under, plan, now, state),
  );
  const done = plan.datasets.filter(({ source }) => sent.get(source)?.kind === 'done');
  await orWarn(world, () => root.restore(new Set(done.map(({ target }) => target))), undefined);
  const datasets = await proveAll(world, plan, sent);
  state.provenAt = world.now();
  await orWarn(world, () => moveBack(under, prepared, datasets, state), undefined);
  const left = new Set(plan.datasets.flatMap((one) => (one.decision.kind === 'left' ? [one.source] : [])));
  const good = datasets.filter(({ source, outcome }) => isGood(outcome) && !left.has(source));
  const arrived = new Set(good.map(({ target }) => target));
  const reserve = plan.reserve.filter((volume) => arrived.has(volume));
  await orWarn(world, () => reserveVolumes(under, plan.target.host, reserve), undefined);
  if (request.mount && good.length > 0) {
    const targets = good.map(({ target }) => target);
    await orWarn(world, () => mountReplica(under, plan.target, targets), undefined);
  }
  const sources = new Set(good.map(({ source }) => source));
  const needless = new Set([...sources, ...unplanned(prepared, request)]);
  await orWarn(world, () => releaseAll(world, plan, needless, state), undefined);
  const allWell = !state.movedBack && datasets.every(({ outcome }) => isGood(outcome));
  const isFine = datasets.every(({ outcome }) => isGood(outcome) || outcome.kind === 'refused');
  const proven = { under, datasets, good, allWell, state };
  const tidy = async (): Promise<Tidied> =>
    await tidyUp(world, { ...prepared, plan, source: now }, request, proven);
  const leaves = carries && isFine;
  const later = isFine ? state.tidyLater : undefined;
  if (!leaves) later?.(tidy());
  else if (plan.rotate.size + plan.rotateCopies.size > 0) {
    const sources = new Set(good.map(({ source }) => source));
    later?.(orWarn(world, () => rotate(under, plan, sources), undefined));
  }
  const tidied = leaves || later !== undefined ? { rotated: new Map(), pruned: [] } : await tidy();
  return { plan, datasets, ...tidied, healed: [...state.healed], startedAt, endedAt: world.now() };
}

type Tidied = Pick<SyncResult, 'rotated' | 'pruned'>;

type Proven = Pick<Carrying, 'under' | 'state'> & {
  readonly datasets: readonly DatasetResult[];
  /** Those of them that are as their source is. */
  readonly good: readonly DatasetResult[];
  readonly allWell: boolean;
};

/** What comes when all that could arrive has arrived: the new base is protected, and what is of no use any more goes. */
async function tidyUp(
  world: World,
  prepared: Prepared,
  { depth }: SyncRequest,
  { under, datasets, good, allWell, state }: Proven,
): Promise<Tidied> {
  const { plan, source, target } = prepared;
  state.tidies = true;
  let isAnchored = false;
  const anchor = async (): Promise<boolean> => {
    const changed = await anchorAll(under, plan, source, target, datasets, state);
    isAnchored = true;
    return changed;
  };
  const marked = await orWarn(world, anchor, true);
  if (!isAnchored) state.leftAnchors = true;
  // ZFS does not say when bookmarks have changed.
  if (marked) world.known?.write(knownKey(plan.source, depth), undefined);
  // What is older may be all that both have, then.
  const safe = new Set(good.filter((one) => !state.gone.has(one.target)).map((one) => one.source));
  const rotated = await orWarn(world, () => rotate(under, plan, safe), new Map());
  await orWarn(world, () => markVanished(under, plan), undefined);
  const pruned = await orWarn(world, () => pruneVanished(under, prepared, allWell), []);
  return { rotated, pruned };
}

/** What was diverged when the plan was made and has no remedy yet: something has changed since it was healed. */
function unhealed({ datasets, renames, target }: SyncPlan): [DatasetName, Problem][] {
  const isRenamed = (name: DatasetName): boolean => renames.some(({ to }) => isWithin(name, to));
  return datasets
    .filter((one) => needsHealing(one) || isRenamed(one.target))
    .map((one) => [one.target, notHealed(target.host, one.target)]);
}

/** Where a full copy has arrived in the place of what was set aside, what was below that comes back. */
async function moveBack(
  world: World,
  { plan, options }: Prepared,
  results: readonly DatasetResult[],
  state: RunState,
): Promise<void> {
  const here = results.filter(({ outcome }) => 'snapshots' in outcome && outcome.snapshots.length > 0);
  const ready = here.flatMap(({ target: original }) => {
    const copy = options.rebuilding.get(original);
    return copy === undefined ? [] : [{ copy, original }];
  });
  const arrived = new Set(here.map(({ target }) => target));
  // What waited for something else than that.
  if (plan.datasets.some(({ decision }) => decision.kind === 'waits' && arrived.has(decision.until)))
    state.movedBack = true;
  const { finished, stuck } = await finishAll(world, plan.target.host, ready);
  for (const { message } of stuck.values()) world.report({ kind: 'warning', message });
  if (finished > 0 && stuck.size === 0) state.movedBack = true;
}

/** What is worth knowing of a plan, and not again of those that a run makes after it. */
function tellOnce(world: World, { datasets, faults, notes, warnings }: SyncPlan, { warned }: RunState): void {
  const left = datasets.flatMap(({ decision }) => (decision.kind === 'left' ? [decision.reason] : []));
  const told = [
    ...[...warnings, ...faults.map(faultText)].map((message) => ({ kind: 'warning' as const, message })),
    ...[...left, ...notes].map((message) => ({ kind: 'note' as const, message })),
  ];
  for (const event of told.filter(({ message }) => !warned.has(message))) {
    warned.add(event.message);
    world.report(event);
  }
}

/** Datasets of the source that this run leaves out, and into whose targets nothing is under way. */
function unplanned({ plan, source, target }: Prepared, { depth }: SyncRequest): DatasetName[] {
  if (depth !== 'tree') return [];
  const planned = new Set(plan.datasets.map((one) => one.source));
  const waiting = new Set(
    target.datasets.filter((one) => one.resumeToken !== undefined).map(({ name }) => name),
  );
  return source.datasets
    .map(({ name }) => name)
    .filter((name) => !planned.has(name))
    .filter((name) => !waiting.has(rebase(name, source.place.dataset, target.place.dataset)));
}

/** What is well replicated needs no hold any more. */
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
    if (!(error instanceof ZferryError) || world.signal?.aborted === true) throw error;
    // Cancelled by the loss of the lock: the next attempt does it.
    if (error.code !== 'cancelled') world.report({ kind: 'warning', message: error.message });
    return otherwise;
  }
}

async function withOwnSnapshot(world: World, prepared: Prepared, state: RunState): Promise<SyncPlan> {
  const { plan, source, target, options, received } = prepared;
  const { snapshot } = plan;
  if (snapshot.kind !== 'take') return plan;
  state.takenAt = world.now();
  state.asked.add(snapshot.name);
  const { host, dataset } = source.place;
  const top = snapshot.datasets.length === source.datasets.length ? dataset : undefined;
  const { taken, sizes } = await takeOwnSnapshot(world, host, snapshot.name, snapshot.datasets, top);
  state.taken = taken;
  const now = withTaken(source, taken);
  const again = planSync(now, target, options, received, taken);
  const measured = withSizes(again, now.datasets, new Map([...prepared.sizes, ...sizes]));
  await checkRoom(world, measured, target);
  return measured;
}

function isGood(outcome: Outcome): boolean {
  return outcome.kind === 'sent' || outcome.kind === 'nothing';
}
