import type { Side } from '../plan/side.ts';
import type { SyncPlan } from '../plan/sync-plan.ts';
import { mountArgs, syncPoolArgs, unmountArgs } from '../zfs/change-args.ts';
import { type DatasetName, parentOf, poolOf } from '../zfs/dataset-name.ts';
import { ZferryError } from '../zfs/failure.ts';
import { countObjectsArgs, listBelowArgs } from '../zfs/list-args.ts';
import { isEmptyPlaceholder, isEmptyRoot } from '../zfs/list-output.ts';
import { commandError, type Problem, problemOf } from './problem.ts';
import type { World } from './world.ts';

export type EmptiedRoot = {
  /** What cannot be replaced, and why. */
  readonly unfit: ReadonlyMap<DatasetName, Problem>;
  /** Mounts what was unmounted again, as far as nothing has taken its place. @param arrived targets that something arrived in */
  restore(arrived: ReadonlySet<DatasetName>): Promise<void>;
};

/**
 * Before the root of a pool or a placeholder is replaced: takes it out of everybody's reach, and looks again whether it is empty. Something can have
 * been written since it was listed, and what a receive with -F replaces is gone.
 */
export async function emptyTheRoot(world: World, plan: SyncPlan, target: Side): Promise<EmptiedRoot> {
  const { host } = plan.target;
  const unfit = new Map<DatasetName, Problem>();
  const unmounted: DatasetName[] = [];
  for (const { target: name, replaces, decision } of plan.datasets) {
    if (replaces !== true || decision.kind !== 'send') continue;
    const mounted = target.datasets.find((one) => one.name === name)?.mounted === true;
    const lines = [
      ...(mounted ? [unmountArgs(name)] : []),
      syncPoolArgs(poolOf(name)),
      countObjectsArgs(name),
      listBelowArgs(name),
    ];
    const commands = lines.map((argv) => ({ argv }));
    const { results } = await world.hosts.run({ host, commands }, { signal: world.signal });
    const failed = results.find(({ status }) => status !== undefined && status !== 0);
    if (mounted && failed !== results[0]) unmounted.push(name);
    const [objects, below] = results.slice(-2);
    const isRoot = parentOf(name) === undefined;
    // What is below a placeholder stays below what takes its place.
    if (isRoot ? isEmptyRoot(objects, below) : isEmptyPlaceholder(name, objects, below)) continue;
    const error = failed
      ? commandError(host, failed, `Making sure that nothing is in ${whatText(name)}`)
      : notEmpty(host, name);
    unfit.set(name, problemOf(error));
  }
  return {
    unfit,
    async restore(arrived) {
      const left = unmounted.filter((name) => !arrived.has(name));
      if (left.length === 0) return;
      const commands = left.map((name) => ({ argv: mountArgs(name), optional: true as const }));
      await world.hosts.run({ host, commands }, { signal: world.signal });
    },
  };
}

function whatText(name: DatasetName): string {
  return parentOf(name) === undefined ? `the pool ${name}` : name;
}

function notEmpty(host: string, name: DatasetName): ZferryError {
  return new ZferryError({
    code: 'pool-not-empty',
    host,
    message: `Something was written to ${whatText(name)} after it was found to be empty`,
    meaning: 'the copy would take its place; nothing of it was changed',
    next: `give another dataset as the target, for instance ${name}/NAME`,
  });
}
