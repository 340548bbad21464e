import type { Side } from '../plan/side.ts';
import type { DatasetName } from '../zfs/dataset-name.ts';
import { rebase } from '../zfs/dataset-name.ts';
import type { Guid } from '../zfs/guid.ts';
import { ivSetsArgs } from '../zfs/list-args.ts';
import { parseIvSets } from '../zfs/points-output.ts';
import { both } from './both.ts';
import type { World } from './world.ts';

/**
 * Snapshots that both sides have and that did not arrive raw: nothing raw goes onto them. ZFS tells them apart by the set of initialisation
 * vectors that they were encrypted with. A command a side, asked only where ZFS has refused an increment for it.
 * @param suspects targets that it was refused for
 */
export async function findImpure(
  world: World,
  source: Side,
  target: Side,
  suspects: ReadonlySet<DatasetName>,
): Promise<ReadonlySet<Guid>> {
  if (suspects.size === 0) return new Set();
  const ask = async ({ place: { host } }: Side, names: readonly DatasetName[]) => {
    const commands = names.map((name) => ({ argv: ivSetsArgs(name), optional: true as const }));
    const { results } = await world.hosts.run({ host, commands }, { signal: world.signal });
    return parseIvSets(results.map(({ stdout }) => stdout).join(''));
  };
  const sources = [...suspects].map((name) => rebase(name, target.place.dataset, source.place.dataset));
  const [here, there] = await both(ask(source, sources), ask(target, [...suspects]));
  return new Set(
    [...there].filter(([guid, set]) => here.has(guid) && here.get(guid) !== set).map(([guid]) => guid),
  );
}
