import type { CommandResult } from '../host/hosts.ts';
import type { Place } from '../plan/place.ts';
import { forbidOverlayArgs, mountArgs } from '../zfs/change-args.ts';
import type { Dataset } from '../zfs/dataset.ts';
import { type DatasetName, highestAbove } from '../zfs/dataset-name.ts';
import { explainZfsError } from '../zfs/errors.ts';
import { getNamedDatasetsArgs } from '../zfs/list-args.ts';
import { parseDatasets } from '../zfs/list-output.ts';
import { portions } from '../zfs/portions.ts';
import { commandError, firstFailure } from './problem.ts';
import type { World } from './world.ts';

/**
 * Mounts these datasets of a replica, parents first, for whoever wants to look inside. It stays read-only and `canmount=noauto`, and `overlay=off` keeps
 * it from covering a folder with files in it. What cannot be mounted is a warning: the copy itself is good.
 */
export async function mountReplica(
  world: World,
  target: Place,
  datasets: readonly DatasetName[],
): Promise<void> {
  const { host, dataset } = target;
  const listing = portions(datasets).map((part) => ({ argv: getNamedDatasetsArgs(part) }));
  const { results } = await world.hosts.run({ host, commands: listing }, { signal: world.signal });
  const failed = firstFailure(results);
  if (failed) throw commandError(host, failed, `Listing ${dataset}`);
  const unmounted = parseDatasets(results.map(({ stdout }) => stdout).join('')).filter(canBeMounted);
  if (unmounted.length === 0) return;

  const mounts = unmounted.map((one) => ({ argv: mountArgs(one.name), optional: true as const }));
  const all = new Set(datasets);
  const tops = datasets.filter((name) => highestAbove(name, all) === undefined);
  const commands = [...tops.map((name) => ({ argv: forbidOverlayArgs(name) })), ...mounts];
  const first = await world.hosts.run({ host, commands }, { signal: world.signal });
  // illumos has no such property, and covers no folder with files in it anyway.
  const mounted = isUnknownProperty(first.results[0])
    ? await world.hosts.run({ host, commands: mounts }, { signal: world.signal })
    : first;
  for (const result of mounted.results) {
    if (result.status === 0 || result.status === undefined) continue;
    const { message, meaning } = commandError(host, result, `Mounting ${result.argv.at(-1) ?? ''}`);
    world.report({ kind: 'warning', message: meaning ? `${message} (${meaning})` : message });
  }
}

function isUnknownProperty(result: CommandResult | undefined): boolean {
  return explainZfsError(result?.stderr ?? '')?.code === 'no-such-property';
}

function canBeMounted(dataset: Pick<Dataset, 'mounted' | 'keyLoaded'>): boolean {
  return dataset.mounted === false && dataset.keyLoaded;
}
