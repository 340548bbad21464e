import type { CommandResult } from '../host/hosts.ts';
import type { SyncPlan } from '../plan/sync-plan.ts';
import { destroySnapshotsArgs } from '../zfs/change-args.ts';
import type { DatasetName, ShortName } from '../zfs/dataset-name.ts';
import { commandError } from './problem.ts';
import type { World } from './world.ts';

/**
 * Destroys the own snapshots that the plan lets go of, on the datasets that are well replicated. One command on the
 * source, and a second where something would not go: `zfs destroy` takes all or none, so there each is tried alone.
 * What stays (held, cloned, not permitted) is a warning: the data is safe where it should be.
 * @returns what is gone
 */
export async function rotateSource(
  world: World,
  plan: SyncPlan,
  replicated: ReadonlySet<DatasetName>,
): Promise<Map<DatasetName, readonly ShortName[]>> {
  const rotate = [...plan.rotate].filter(([dataset]) => replicated.has(dataset));
  const first = await destroyAll(world, plan.source.host, rotate);
  const alone = first.flatMap(({ dataset, names, result }) =>
    result.status === 0 || names.length < 2 ? [] : names.map((name) => [dataset, [name]] as const),
  );
  const second = await destroyAll(world, plan.source.host, alone);

  const gone = new Map<DatasetName, readonly ShortName[]>();
  for (const { dataset, names, result } of [
    ...first.filter((one) => one.names.length < 2 || one.result.status === 0),
    ...second,
  ]) {
    if (result.status === 0) {
      gone.set(dataset, [...(gone.get(dataset) ?? []), ...names]);
    } else {
      const { message } = commandError(plan.source.host, result, `Rotating own snapshots of ${dataset}`);
      world.report({ kind: 'warning', message: `${message}; it stays` });
    }
  }
  for (const [source, names] of gone) world.report({ kind: 'rotated', source, names });
  return gone;
}

type Destroyed = {
  readonly dataset: DatasetName;
  readonly names: readonly ShortName[];
  readonly result: CommandResult;
};

async function destroyAll(
  world: World,
  host: string,
  wanted: readonly (readonly [DatasetName, readonly ShortName[]])[],
): Promise<Destroyed[]> {
  if (wanted.length === 0) return [];
  const commands = wanted.map(([dataset, names]) => ({
    argv: destroySnapshotsArgs(dataset, names),
    optional: true as const,
  }));
  const { results } = await world.hosts.run({ host, commands }, { signal: world.signal });
  return wanted.flatMap(([dataset, names], i) => {
    const result = results[i];
    return result ? [{ dataset, names, result }] : [];
  });
}
