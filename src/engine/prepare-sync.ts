import { anchorId } from '../plan/anchors.ts';
import type { Unfinished } from '../plan/aside.ts';
import type { DatasetPlan } from '../plan/decision.ts';
import { nothingGiven } from '../plan/given-properties.ts';
import { goesDirect } from '../plan/route.ts';
import type { Side } from '../plan/side.ts';
import { type SnapshotSizes, withSizes } from '../plan/sizes.ts';
import { planSync, type SyncOptions, type SyncPlan, type Taken } from '../plan/sync-plan.ts';
import type { DatasetName } from '../zfs/dataset-name.ts';
import { ZferryError } from '../zfs/failure.ts';
import type { Guid } from '../zfs/guid.ts';
import { both } from './both.ts';
import {
  refuseInsisting,
  refuseOverlap,
  refuseReadonlyPool,
  refuseSamePlace,
  warnOfUnusedExcludes,
  warnOfUnusedPattern,
} from './check-request.ts';
import { listDetails } from './details.ts';
import { findGiven } from './find-given.ts';
import { findTraces, type Traces } from './find-traces.ts';
import { findImpure } from './impure.ts';
import { findReceived, listSide } from './list-side.ts';
import { measure } from './measure.ts';
import { findOccupied } from './occupied.ts';
import { findReceives, settleReceives } from './receives.ts';
import { marksIn, replicaId } from './replica-id.ts';
import type { SyncRequest } from './sync-request.ts';
import { tryDirect } from './try-direct.ts';
import { findUnfinished } from './unfinished.ts';
import type { KnownListings, World } from './world.ts';

export type PrepareOptions = {
  /** The last run to this target left nothing behind, so far as this one can know. */
  readonly cleanBefore?: boolean;
  /** The snapshot that this run took before. */
  readonly taken?: Taken | undefined;
  /** Wait for receives that go on there, and end those of the run that has this mark. */
  readonly settle?: { readonly deadMark: string | undefined; readonly always: boolean };
  /** It has been prepared before, in the same run. */
  readonly again?: boolean;
  /** Targets that took no raw increment. */
  readonly suspects?: ReadonlySet<DatasetName>;
  /** The user may not hold on the source. */
  readonly mayNotHold?: boolean;
  /** Everything is listed anew, whatever is known from before. */
  readonly afresh?: boolean;
  /** What was found out before, in the same run, of what others did. */
  readonly traces?: Traces;
  /** GUIDs of own snapshots that only carried a round. */
  readonly carried?: ReadonlySet<Guid>;
};

/** A plan with the listings that it was made from. */
export type Prepared = {
  readonly plan: SyncPlan;
  readonly source: Side;
  readonly target: Side;
  readonly options: SyncOptions;
  readonly received: ReadonlySet<DatasetName>;
  readonly sizes: SnapshotSizes;
  /** Set-asides that were begun and have to be gone on with before anything is sent. */
  readonly toFinish: readonly Unfinished[];
};

/**
 * Lists both sides at once and makes the plan. Changes no data.
 * @throws ZferryError where a side cannot be listed, or the request makes no sense
 */
export async function prepareSync(
  world: World,
  request: SyncRequest,
  options: PrepareOptions = {},
): Promise<Prepared> {
  const { known } = world;
  let remembers = false;
  const read = (key: string): ReturnType<KnownListings['read']> => {
    const found = known?.read(key);
    remembers ||= typeof found === 'object';
    return found;
  };
  try {
    const asked = known === undefined ? world : { ...world, known: { read, write: known.write } };
    const prepared = await prepareOnce(asked, request, options);
    const { source, target, plan } = prepared;
    // What is known from before is good enough to go on with, and not to conclude anything else from.
    const remembered = source.remembered || target.remembered;
    if (!remembered || (goesOn(plan) && leavesAll(plan) && goesFromMarked(plan, source))) return prepared;
  } catch (error) {
    if (!remembers || !(error instanceof ZferryError) || error.code !== 'snapshot-gone') throw error;
  }
  return await prepareOnce(world, request, { ...options, again: true, afresh: true });
}

/** Whether each dataset gets what comes next for it, and nothing else is done for that. */
function goesOn(plan: SyncPlan): boolean {
  return onlyCarries(plan) && !plan.datasets.some(isIdle);
}

/** The same, but for those that nothing is done for at all. */
export function onlyCarries({ datasets, renames, promotes, parents }: SyncPlan): boolean {
  const isNext = ({ decision, remedies, letGo }: DatasetPlan): boolean =>
    (decision.kind === 'up-to-date' || decision.kind === 'send') &&
    decision.base !== undefined &&
    remedies === undefined &&
    letGo === undefined;
  const changes = renames.length + promotes.length + parents.length;
  return changes === 0 && datasets.every((one) => isNext(one) || isIdle(one));
}

function isIdle({ decision }: DatasetPlan): boolean {
  return decision.kind === 'refused' || decision.kind === 'left';
}

/**
 * Whether each base is the one that the last run has bookmarked, where it has. Where something is to be sent, ZFS takes it from no other base than
 * the newest; where nothing is, nothing else tells.
 */
function goesFromMarked({ id, datasets }: SyncPlan, { datasets: listed }: Side): boolean {
  const decisions = new Map(datasets.map(({ source, decision }) => [source, decision]));
  return listed.every(({ name, bookmarks }) => {
    const own = bookmarks.filter((one) => anchorId(one.name) === id);
    const decision = decisions.get(name);
    const base = decision && 'base' in decision ? decision.base?.source.guid : undefined;
    if (own.length === 0) return base === undefined || decision?.kind === 'send';
    return base === undefined || own.some(({ guid }) => guid === base);
  });
}

/** Whether nothing is to be tidied up afterwards. */
function leavesAll({ rotate, rotateCopies, vanished, returned }: SyncPlan): boolean {
  return rotate.size + rotateCopies.size + vanished.length + returned.length === 0;
}

async function prepareOnce(
  world: World,
  request: SyncRequest,
  {
    cleanBefore = false,
    taken,
    settle,
    again = false,
    suspects = new Set(),
    mayNotHold = false,
    afresh = again,
    traces: before = new Map(),
    carried = new Set(),
  }: PrepareOptions,
): Promise<Prepared> {
  const { source: from, target: to } = request;
  refuseSamePlace(request);
  const [source, target] = await listBoth(world, request, settle, afresh);
  refuseOverlap(from, to, source.pool.guid === target.pool.guid);
  refuseReadonlyPool(target);
  if (goesDirect(request) && !again) await tryDirect(world, source, target);

  const received =
    request.snapshot === 'no'
      ? new Set<DatasetName>()
      : await findReceived(world.hosts, from.host, source.datasets, world.signal);
  refuseInsisting(request, source, received);
  if (!again) warnOfUnusedExcludes(world, request, source);
  const marks = target.datasets.length === 0 ? await marksIn(world, target) : [];
  const id = replicaId(source, target, marks);
  const { toFinish, ...standing } = await findUnfinished(world, target, marks);
  if (!again) warnOfUnusedPattern(world, request, source, id);
  const impure = await findImpure(world, source, target, suspects);
  const bare: SyncOptions = {
    ...request,
    ...standing,
    impure,
    occupied: new Set(),
    traces: before,
    mayNotHold,
    carried,
    id,
    cleanBefore,
    now: world.now(),
    given: nothingGiven,
  };
  const there = stillThere(source, taken);
  const first = planSync(source, target, bare, received, there);
  const occupied = await findOccupied(world, first);
  const second = occupied.size > 0 ? planSync(source, target, { ...bare, occupied }, received, there) : first;
  const [details, traces] = await both(
    listDetails(world, second),
    findTraces(world, second, source, target, before),
  );
  const known = { ...target, details };
  const told = { ...bare, occupied, traces };
  const isMore = details.size > 0 || traces !== before;
  const detailed = isMore ? planSync(source, known, told, received, there) : second;
  const given = await findGiven(world, request.give, detailed, source, target);
  const options = { ...told, given };
  const plan = given === nothingGiven ? detailed : planSync(source, known, options, received, there);
  const sizes = await measure(world, plan, source);
  return {
    plan: withSizes(plan, source.datasets, sizes),
    source,
    target: known,
    options,
    received,
    sizes,
    toFinish,
  };
}

/** One listing of each side; where something had to be waited for, one that was made after it. */
async function listBoth(
  world: World,
  request: SyncRequest,
  settle: PrepareOptions['settle'],
  afresh: boolean,
): Promise<readonly [Side, Side]> {
  const { source, target, depth } = request;
  const known = world.known && (afresh ? forgetful(world.known) : world.known);
  const list = async (): Promise<readonly [Side, Side]> => {
    const [from, to] = await both(
      listSide(world.hosts, source, 'source', { depth, signal: world.signal, known }),
      listSide(world.hosts, target, 'target', { depth, signal: world.signal, known }),
    );
    return [from, { ...to, receives: await findReceives(world, to, settle?.always) }];
  };
  const listed = await list();
  const waited = settle && (await settleReceives(world, listed[1], request.waitMs, settle));
  return waited ? await list() : listed;
}

/** Knows no histories, and still keeps what is seen. */
function forgetful(known: KnownListings): KnownListings {
  const read: KnownListings['read'] = (key) => (known.read(key) === 'not told' ? 'not told' : undefined);
  return { read, write: known.write };
}

/** The snapshot of this run, unless something has destroyed it meanwhile. */
function stillThere(source: Side, taken: Taken | undefined): Taken | undefined {
  if (taken === undefined) return undefined;
  const guids = new Set(source.datasets.flatMap(({ snapshots }) => snapshots.map(({ guid }) => guid)));
  const names = new Set(source.datasets.map(({ name }) => name));
  const lost = [...taken.snapshots].some(([name, { guid }]) => names.has(name) && !guids.has(guid));
  return lost ? undefined : taken;
}
