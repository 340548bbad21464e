import type { SyncPlan } from '../plan/sync-plan.ts';
import { syncPoolArgs } from '../zfs/change-args.ts';
import { type DatasetName, parentOf, poolOf } from '../zfs/dataset-name.ts';
import { countObjectsArgs, listBelowArgs } from '../zfs/list-args.ts';
import { isEmptyPlaceholder } from '../zfs/list-output.ts';
import type { World } from './world.ts';

/**
 * Placeholders whose place a copy was to take by `zfs receive -F`, and in which something is, or of which nobody can say that nothing is (a pool
 * that counts no objects). Costs a command only where there is any such placeholder.
 */
export async function findOccupied(world: World, plan: SyncPlan): Promise<ReadonlySet<DatasetName>> {
  const names = plan.datasets
    .filter(({ replaces, target }) => replaces === true && parentOf(target) !== undefined)
    .map(({ target }) => target);
  const [first] = names;
  if (first === undefined) return new Set();
  const asked = names.flatMap((name) => [countObjectsArgs(name), listBelowArgs(name)]);
  const commands = [syncPoolArgs(poolOf(first)), ...asked].map((argv) => ({ argv, optional: true as const }));
  const { results } = await world.hosts.run({ host: plan.target.host, commands }, { signal: world.signal });
  return new Set(
    names.filter((name, i) => !isEmptyPlaceholder(name, results[2 * i + 1], results[2 * i + 2])),
  );
}
