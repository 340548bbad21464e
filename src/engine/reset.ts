import { parseAside } from '../plan/aside.ts';
import { onHost, type Place, placeText } from '../plan/place.ts';
import { asideName } from '../plan/remedy.ts';
import { utcText } from '../plan/utc.ts';
import { type Dataset, localOwn, ownProperties } from '../zfs/dataset.ts';
import { type DatasetName, parentOf } from '../zfs/dataset-name.ts';
import { exitCodes, ZferryError } from '../zfs/failure.ts';
import { listSide } from './list-side.ts';
import { lockReplica } from './lock.ts';
import { findReceives } from './receives.ts';
import { beginAside, finishAside } from './set-aside.ts';
import type { World } from './world.ts';

/** What a reset does to one dataset. */
export type Reset = {
  readonly target: Place;
  readonly copy: DatasetName;
  readonly dataset: Dataset;
  /** Those below it, which come back once a full copy has arrived. */
  readonly below: readonly DatasetName[];
  /** Of all of them, and itself. */
  readonly mounted: readonly DatasetName[];
  /** Those of them that are replicas of their own. */
  readonly others: readonly DatasetName[];
};

/**
 * What starting a dataset anew would do: it is set aside whole. Changes nothing.
 * @throws ZferryError `no-such-dataset`, `refused`, and those of the connection
 */
export async function planReset(world: World, target: Place): Promise<Reset> {
  const side = await listSide(world.hosts, target, 'target', { depth: 'tree', signal: world.signal });
  const [dataset, ...below] = side.datasets;
  const { host } = target;
  if (dataset === undefined) {
    throw new ZferryError({
      code: 'no-such-dataset',
      host,
      message: `${placeText(target)} is not there`,
      next: 'there is nothing to reset: the next sync to it begins with a full copy',
    });
  }
  if (parentOf(target.dataset) === undefined) {
    throw refused(
      target,
      'it is the root of a pool, which cannot be renamed',
      'choose another target for the next copy',
    );
  }
  const copy = localOwn(dataset, ownProperties.rebuilding);
  if (copy !== undefined) {
    throw refused(
      target,
      `its copy is just being made again, in the place of ${copy}`,
      'run the sync to it until it has come to its end, then this again if it is still needed',
    );
  }
  const mark = parseAside(localOwn(dataset, ownProperties.aside) ?? '');
  if (mark !== undefined && mark.original !== dataset.name) {
    throw refused(
      target,
      `it is what was set aside of ${mark.original}, and no replica`,
      `to have that begin anew: zferry reset ${placeText({ host, dataset: mark.original })}; what is not needed of this one, zfs destroy`,
    );
  }
  const [receive] = await findReceives(world, side, true);
  if (receive) {
    throw new ZferryError({
      code: 'being-received',
      host,
      exitCode: exitCodes.busy,
      message: `${placeText(target)} is being received into right now ${onHost(host)}: process ${receive.pid}, ${receive.line}`,
      next: 'wait until that has ended',
    });
  }
  return {
    target,
    copy: asideName(target.dataset, world.now()),
    dataset,
    below: below.map(({ name }) => name),
    mounted: side.datasets.filter(({ mounted }) => mounted === true).map(({ name }) => name),
    others: below.filter((one) => localOwn(one, ownProperties.id) !== undefined).map(({ name }) => name),
  };
}

/**
 * Sets the dataset aside, under the lock of its replica. A full copy takes its place with the next sync.
 * @throws ZferryError `locked`, and those of `planReset`
 */
export async function resetTarget(world: World, target: Place): Promise<Reset> {
  const lock = await lockReplica(world, target, undefined);
  try {
    const reset = await planReset(world, target);
    const { copy, dataset } = reset;
    const aside = { copy, original: dataset.name, since: utcText(world.now()), base: undefined };
    const failed = await beginAside(world, target.host, aside, {
      partial: dataset.resumeToken !== undefined,
      mounted: reset.mounted,
    });
    if (failed) throw new ZferryError({ ...failed });
    const finished = await finishAside(world, target.host, aside);
    if (finished.kind === 'failed') throw new ZferryError({ ...finished.problem });
    return reset;
  } finally {
    await lock.held?.release('undo');
  }
}

function refused(target: Place, why: string, next: string): ZferryError {
  return new ZferryError({
    code: 'refused',
    host: target.host,
    exitCode: exitCodes.refused,
    message: `${placeText(target)} cannot be reset: ${why}`,
    next,
  });
}
