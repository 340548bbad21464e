import { isExcluded } from '../plan/own-snapshot.ts';
import { type Place, placeText } from '../plan/place.ts';
import { type SnapshotSizes, withSizes } from '../plan/sizes.ts';
import {
  overlapFault,
  planSync,
  replicaReason,
  type Side,
  type SyncOptions,
  type SyncPlan,
  type Taken,
} from '../plan/sync-plan.ts';
import type { DatasetName } from '../zfs/dataset-name.ts';
import { exitCodes, usageError, ZferryError } from '../zfs/failure.ts';
import type { Depth } from '../zfs/list-args.ts';
import { findReceived, listSide } from './list-side.ts';
import { measure } from './measure.ts';
import { findReceives, settleReceives } from './receives.ts';
import { replicaId } from './replica-id.ts';
import type { World } from './world.ts';

export type SyncRequest = Omit<SyncOptions, 'id' | 'now'> & {
  readonly source: Place;
  readonly target: Place;
  readonly depth: Depth;
  /** Mounts the replica afterwards. */
  readonly mount: boolean;
  /** How long to wait for another run or receive (milliseconds). */
  readonly waitMs: number;
  /** How often in a row to try again without having got on. */
  readonly retries: number;
  /** How long nothing may get on before a step is ended (milliseconds); `undefined`: for ever. */
  readonly stallMs: number | undefined;
  /** `undefined`: as fast as it goes. */
  readonly bytesPerSecond: number | undefined;
};

export type PrepareOptions = {
  /** The target is not listed before this is there: what is listed earlier can be changed by another run. */
  readonly locked?: Promise<unknown>;
  /** The snapshot that this run took before. */
  readonly taken?: Taken | undefined;
  /** Wait for receives that go on there, and end those that an earlier run of zferry left. */
  readonly settle?: boolean;
};

/** A plan with the listings that it was made from. */
export type Prepared = {
  readonly plan: SyncPlan;
  readonly source: Side;
  readonly target: Side;
  readonly options: SyncOptions;
  readonly received: ReadonlySet<DatasetName>;
  readonly sizes: SnapshotSizes;
};

/**
 * Lists both sides at once and makes the plan. Changes no data.
 * @throws ZferryError where a side cannot be listed, or the request makes no sense
 */
export async function prepareSync(
  world: World,
  request: SyncRequest,
  { locked, taken, settle = false }: PrepareOptions = {},
): Promise<Prepared> {
  const { source: from, target: to, depth } = request;
  refuseOverlap(from, to, from.host === to.host);
  const listTarget = async (): Promise<Side> => {
    await locked;
    return await listSettled(world, request, settle);
  };
  const [source, target] = await both(
    listSide(world.hosts, from, 'source', { depth, signal: world.signal }),
    listTarget(),
  );
  refuseOverlap(from, to, source.pool.guid === target.pool.guid);
  refuseReadonlyPool(target);

  const received =
    request.snapshot === 'no'
      ? new Set<DatasetName>()
      : await findReceived(world.hosts, from.host, source.datasets, world.signal);
  refuseInsisting(request, source, received);
  warnOfUnusedExcludes(world, request, source);
  const id = await replicaId(world, source, target);
  const options: SyncOptions = { ...request, id, now: world.now() };
  const plan = planSync(source, target, options, received, taken);
  const sizes = await measure(world, plan, source);
  return { plan: withSizes(plan, source.datasets, sizes), source, target, options, received, sizes };
}

async function listSettled(world: World, request: SyncRequest, settle: boolean): Promise<Side> {
  const list = async (): Promise<Side> => {
    const { target: place, depth } = request;
    const side = await listSide(world.hosts, place, 'target', { depth, signal: world.signal });
    return { ...side, receives: await findReceives(world, side) };
  };
  const side = await list();
  return settle && (await settleReceives(world, side, request.waitMs)) ? await list() : side;
}

/** Waits for both, so that nothing goes on behind an error; the source's error comes first. */
async function both<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  const [a, b] = await Promise.allSettled([one, other]);
  if (a.status === 'rejected') throw a.reason;
  if (b.status === 'rejected') throw b.reason;
  return [a.value, b.value];
}

function refuseOverlap(source: Place, target: Place, samePool: boolean): void {
  const fault = overlapFault(source.dataset, target.dataset, samePool);
  if (fault !== undefined) {
    throw usageError(
      `Cannot replicate ${placeText(source)} to ${placeText(target)}: ${fault}`,
      'choose a target outside the source',
    );
  }
}

/** A pattern that fits nothing is more often misspelt than meant. */
function warnOfUnusedExcludes(world: World, request: SyncRequest, source: Side): void {
  for (const pattern of request.exclude) {
    if (!source.datasets.some(({ name }) => isExcluded(name, request.source.dataset, [pattern]))) {
      world.report({
        kind: 'warning',
        message: `--exclude ${pattern} fits no dataset below ${request.source.dataset}`,
      });
    }
  }
}

function refuseReadonlyPool(target: Side): void {
  if (!target.pool.readonly) return;
  throw new ZferryError({
    code: 'pool-readonly',
    host: target.place.host,
    message: `The pool ${target.pool.name} of the target is imported read-only`,
    next: `export it and import it without readonly: zpool export ${target.pool.name} && zpool import ${target.pool.name}`,
  });
}

function refuseInsisting(request: SyncRequest, source: Side, received: ReadonlySet<DatasetName>): void {
  if (request.snapshot !== 'yes') return;
  const top = source.datasets[0];
  const reason = top && replicaReason(top, received);
  if (reason === undefined) return;
  throw new ZferryError({
    code: 'source-is-replica',
    host: source.place.host,
    exitCode: exitCodes.refused,
    message: `No snapshot is taken: ${reason}`,
    meaning: 'a snapshot of its own would make it diverge from its source, and its next increment would fail',
    next: 'leave --snapshot out: what the replica has is sent on',
  });
}
