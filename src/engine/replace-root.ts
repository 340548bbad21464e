import type { Side, SyncPlan } from '../plan/sync-plan.ts';
import { mountArgs, syncPoolArgs, unmountArgs } from '../zfs/change-args.ts';
import type { DatasetName } from '../zfs/dataset-name.ts';
import { exitCodes, ZferryError } from '../zfs/failure.ts';
import { countObjectsArgs, listBelowArgs } from '../zfs/list-args.ts';
import { isEmptyRoot } from '../zfs/list-output.ts';
import { commandError, type Problem, problemOf } from './problem.ts';
import type { World } from './world.ts';

/**
 * Before the root of a pool is replaced: takes it out of everybody's reach, and looks again whether it is empty. Something can have been
 * written since it was listed, and what a receive with -F replaces is gone.
 * @returns why it cannot be replaced, by its name; empty where it can, or where none is to be
 */
export async function emptyTheRoot(
  world: World,
  plan: SyncPlan,
  target: Side,
): Promise<Map<DatasetName, Problem>> {
  const replaced = plan.datasets.find((one) => one.replaces && one.decision.kind === 'send');
  if (replaced === undefined) return new Map();
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
  const [objects, below] = results.slice(-2);
  if (isEmptyRoot(objects, below)) return new Map();
  const failed = results.find(({ status }) => status !== undefined && status !== 0);
  if (mounted && failed !== results[0]) {
    const again = [{ argv: mountArgs(name), optional: true as const }];
    await world.hosts.run({ host, commands: again }, { signal: world.signal });
  }
  const error = failed
    ? commandError(host, failed, `Making sure that nothing is in the pool ${name}`)
    : notEmpty(host, name);
  return new Map([[name, problemOf(error)]]);
}

function notEmpty(host: string, name: DatasetName): ZferryError {
  return new ZferryError({
    code: 'pool-not-empty',
    host,
    exitCode: exitCodes.refused,
    message: `Something was written to the pool ${name} after it was found to be empty`,
    meaning: 'the copy would take its place; nothing of it was changed',
    next: `give a dataset below it as the target: ${name}/NAME`,
  });
}
