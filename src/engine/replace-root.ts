import type { Side } from '../plan/side.ts';
import type { SyncPlan } from '../plan/sync-plan.ts';
import { mountArgs, syncPoolArgs, unmountArgs } from '../zfs/change-args.ts';
import type { DatasetName } from '../zfs/dataset-name.ts';
import { ZferryError } from '../zfs/failure.ts';
import { countObjectsArgs, listBelowArgs } from '../zfs/list-args.ts';
import { isEmptyRoot } from '../zfs/list-output.ts';
import { commandError, type Problem, problemOf } from './problem.ts';
import type { World } from './world.ts';

export type EmptiedRoot = {
  /** Why it cannot be replaced, by its name; empty where it can, or where none is to be. */
  readonly unfit: ReadonlyMap<DatasetName, Problem>;
  /** Mounts it again, where it was and what was to take its place did not come. */
  restore(): Promise<void>;
};

/**
 * Before the root of a pool is replaced: takes it out of everybody's reach, and looks again whether it is empty. Something can have been
 * written since it was listed, and what a receive with -F replaces is gone.
 */
export async function emptyTheRoot(world: World, plan: SyncPlan, target: Side): Promise<EmptiedRoot> {
  const replaced = plan.datasets.find((one) => one.replaces && one.decision.kind === 'send');
  const none = { unfit: new Map<DatasetName, Problem>(), restore: () => Promise.resolve() };
  if (replaced === undefined) return none;
  const { host } = plan.target;
  const name = replaced.target;
  const mounted = target.datasets[0]?.mounted === true;
  const commands = [
    ...(mounted ? [unmountArgs(name)] : []),
    syncPoolArgs(name),
    countObjectsArgs(name),
    listBelowArgs(name),
  ].map((argv) => ({ argv }));
  const { results } = await world.hosts.run({ host, commands }, { signal: world.signal });
  const failed = results.find(({ status }) => status !== undefined && status !== 0);
  const unmounted = mounted && failed !== results[0];
  const restore = async (): Promise<void> => {
    if (!unmounted) return;
    const again = [{ argv: mountArgs(name), optional: true as const }];
    await world.hosts.run({ host, commands: again }, { signal: world.signal });
  };
  const [objects, below] = results.slice(-2);
  if (isEmptyRoot(objects, below)) return { ...none, restore };
  const error = failed
    ? commandError(host, failed, `Making sure that nothing is in the pool ${name}`)
    : notEmpty(host, name);
  return { unfit: new Map([[name, problemOf(error)]]), restore };
}

function notEmpty(host: string, name: DatasetName): ZferryError {
  return new ZferryError({
    code: 'pool-not-empty',
    host,
    message: `Something was written to the pool ${name} after it was found to be empty`,
    meaning: 'the copy would take its place; nothing of it was changed',
    next: `give a dataset below it as the target: ${name}/NAME`,
  });
}
