import type { SnapshotSizes } from '../plan/sizes.ts';
import type { Taken } from '../plan/sync-plan.ts';
import { snapshotArgs } from '../zfs/change-args.ts';
import { type DatasetName, poolOf, type ShortName } from '../zfs/dataset-name.ts';
import { ZferryError } from '../zfs/failure.ts';
import { listNewSnapshotsArgs } from '../zfs/list-args.ts';
import { parseNewSnapshots } from '../zfs/points-output.ts';
import { portions } from '../zfs/portions.ts';
import { pointName } from '../zfs/snapshot.ts';
import { commandError, firstFailure } from './problem.ts';
import type { World } from './world.ts';

/**
 * Takes one snapshot of all the datasets, in one transaction group a pool, and reads back what it is on each and how
 * large: what was just written is counted only now. One command on the host.
 * @param top what all of these, and nothing else, are or are below
 * @throws ZferryError from the table of errors
 */
export async function takeOwnSnapshot(
  world: World,
  host: string,
  name: ShortName,
  datasets: readonly DatasetName[],
  top?: DatasetName,
): Promise<{ readonly taken: Taken; readonly sizes: SnapshotSizes }> {
  const names = datasets.map((dataset) => `${dataset}@${name}`);
  const parts = portions(names);
  const taking = snapshotArgs(datasets, name, top);
  if (taking.length > new Set(datasets.map(poolOf)).size) {
    const message = `the snapshot @${name} is taken in ${taking.length} parts, a moment apart: one command does not take ${datasets.length} names, and the tree has datasets that are left out`;
    world.report({ kind: 'warning', message });
  }
  const commands = [...taking, ...parts.map(listNewSnapshotsArgs)].map((argv) => ({ argv }));
  const { results } = await world.hosts.run({ host, commands }, { signal: world.signal });
  const failed = firstFailure(results);
  if (failed) throw commandError(host, failed, `Taking the snapshot @${name}`);

  const listed = parseNewSnapshots(
    results
      .slice(-parts.length)
      .map(({ stdout }) => stdout)
      .join(''),
  );
  const snapshots = new Map([...listed].map(([dataset, { snapshot }]) => [dataset, snapshot]));
  const missing = datasets.find((dataset) => !snapshots.has(dataset));
  if (missing !== undefined) {
    throw new ZferryError({
      code: 'snapshot-gone',
      message: `${missing}@${name} is not there although ZFS said that it took it`,
      host,
      next: 'run the same command again',
    });
  }
  world.report({ kind: 'snapshot-taken', name, datasets });
  const sizes = new Map(
    [...listed].map(([dataset, { snapshot, ...size }]) => [pointName(dataset, snapshot), size]),
  );
  return { taken: { name, snapshots }, sizes };
}
