import type { SyncPlan } from '../plan/sync-plan.ts';
import { destroySnapshotsArgs } from '../zfs/change-args.ts';
import type { DatasetName, ShortName } from '../zfs/dataset-name.ts';
import { commandError } from './problem.ts';
import type { World } from './world.ts';

/**
 * Destroys the own snapshots that the plan lets go of, on the datasets that are well replicated. One command on the
 * source. What cannot be destroyed (held, cloned, not permitted) is a warning: the data is safe where it should be.
 * @returns what is gone
 */
export async function rotateSource(
  world: World,
  plan: SyncPlan,
  replicated: ReadonlySet<DatasetName>,
): Promise<Map<DatasetName, readonly ShortName[]>> {
  const rotate = [...plan.rotate].filter(([dataset]) => replicated.has(dataset));
  const gone = new Map<DatasetName, readonly ShortName[]>();
  if (rotate.length === 0) return gone;
  const commands = rotate.map(([dataset, names]) => ({
    argv: destroySnapshotsArgs(dataset, names),
    optional: true as const,
  }));
  const { host } = plan.source;
  const { results } = await world.hosts.run({ host, commands }, { signal: world.signal });
  for (const [index, [dataset, names]] of rotate.entries()) {
    const result = results[index];
    if (result?.status === 0) {
      gone.set(dataset, names);
      world.report({ kind: 'rotated', source: dataset, names });
    } else if (result) {
      const { message } = commandError(host, result, `Rotating own snapshots of ${dataset}`);
      world.report({ kind: 'warning', message: `${message}; they stay` });
    }
  }
  return gone;
}
