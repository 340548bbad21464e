import type { Place } from '../plan/place.ts';
import type { DatasetName } from '../zfs/dataset-name.ts';
import type { Guid } from '../zfs/guid.ts';
import { listPointsOfArgs } from '../zfs/list-args.ts';
import { parsePoints } from '../zfs/list-output.ts';
import { portions } from '../zfs/portions.ts';
import type { World } from './world.ts';

/**
 * The GUIDs of what is really there now: an exit code of 0 is no proof (openzfs/zfs#12661 skipped a snapshot without a word).
 * One command for all; a dataset that is not there has none.
 */
export async function listArrived(
  world: World,
  target: Place,
  datasets: readonly DatasetName[],
): Promise<Map<DatasetName, Set<Guid>>> {
  const arrived = new Map(datasets.map((name) => [name, new Set<Guid>()]));
  if (datasets.length === 0) return arrived;
  // Prints the rows of those that exist and fails for the others: what is missing is the answer.
  const commands = portions(datasets).map((part) => ({
    argv: listPointsOfArgs(part),
    optional: true as const,
  }));
  const { results } = await world.hosts.run({ host: target.host, commands }, { signal: world.signal });
  for (const [dataset, points] of parsePoints(results.map(({ stdout }) => stdout).join('')))
    arrived.set(dataset, new Set(points.map(({ guid }) => guid)));
  return arrived;
}
