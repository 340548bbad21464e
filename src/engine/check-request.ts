/** What makes no sense of a request, or can hardly be meant: seen in the request itself, or once both sides are listed. */
import { isChosen, isExcluded } from '../plan/own-snapshot.ts';
import { type Place, placeText } from '../plan/place.ts';
import type { Side } from '../plan/side.ts';
import { overlapFault } from '../plan/sync-plan.ts';
import { replicaReason } from '../plan/unsnapshotted.ts';
import type { DatasetName } from '../zfs/dataset-name.ts';
import { exitCodes, usageError, ZferryError } from '../zfs/failure.ts';
import type { SyncRequest } from './sync-request.ts';
import type { World } from './world.ts';

/** @throws ZferryError `usage`: as far as it can be seen without asking the hosts */
export function refuseSamePlace({ source, target }: SyncRequest): void {
  refuseOverlap(source, target, source.host === target.host);
}

export function refuseOverlap(source: Place, target: Place, samePool: boolean): void {
  const fault = overlapFault(source.dataset, target.dataset, samePool);
  if (fault !== undefined) {
    throw usageError(
      `Cannot replicate ${placeText(source)} to ${placeText(target)}: ${fault}`,
      'choose a target outside the source',
    );
  }
}

/** A pattern that fits nothing is more often misspelt than meant. */
export function warnOfUnusedExcludes(world: World, request: SyncRequest, source: Side): void {
  for (const pattern of request.exclude) {
    if (!source.datasets.some(({ name }) => isExcluded(name, request.source.dataset, [pattern]))) {
      world.report({
        kind: 'warning',
        message: `--exclude ${pattern} fits no dataset below ${request.source.dataset}`,
      });
    }
  }
}

/** The same of snapshots: nothing would ever be sent. */
export function warnOfUnusedPattern(world: World, { choice }: SyncRequest, source: Side, id: string): void {
  if (choice.kind !== 'glob') return;
  const all = source.datasets.flatMap(({ snapshots }) => snapshots);
  if (all.length === 0 || all.some(({ name }) => isChosen(choice, name, id))) return;
  const message = `--snapshots ${choice.pattern} fits none of the ${all.length} snapshots of ${source.place.dataset}`;
  world.report({ kind: 'warning', message });
}

export function refuseReadonlyPool(target: Side): void {
  if (!target.pool.readonly) return;
  throw new ZferryError({
    code: 'pool-readonly',
    host: target.place.host,
    message: `The pool ${target.pool.name} of the target is imported read-only`,
    next: `export it and import it without readonly: zpool export ${target.pool.name} && zpool import ${target.pool.name}`,
  });
}

export function refuseInsisting(
  request: SyncRequest,
  source: Side,
  received: ReadonlySet<DatasetName>,
): void {
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
