import type { SyncPlan } from '../plan/sync-plan.ts';
import { syncPoolArgs } from '../zfs/change-args.ts';
import { type DatasetName, poolOf } from '../zfs/dataset-name.ts';
import { abortReceiveArgs } from '../zfs/receive-args.ts';
import { commandError, type Problem, problemOf } from './problem.ts';
import type { World } from './world.ts';

const freeingMs = 1000;

/**
 * Lets go of what interrupted receives left where the plan says so, by one command. ZFS itself refuses it for a receive that
 * runs.
 * @returns the targets where it could not be done, and why
 */
export async function letGo(world: World, plan: SyncPlan): Promise<Map<DatasetName, Problem>> {
  const wanted = plan.datasets.filter((one) => one.letGo !== undefined);
  const failed = new Map<DatasetName, Problem>();
  if (wanted.length === 0) return failed;
  const { host } = plan.target;
  const aborts = wanted.map(({ target }) => ({ argv: abortReceiveArgs(target), optional: true as const }));
  const commands = [...aborts, { argv: syncPoolArgs(poolOf(plan.target.dataset)), optional: true as const }];
  const { results } = await world.hosts.run({ host, commands }, { signal: world.signal });
  for (const [index, { target, letGo: reason = '' }] of wanted.entries()) {
    const result = results[index];
    if (result === undefined || result.status === 0) {
      world.report({ kind: 'let-go', target, reason });
      continue;
    }
    const error = commandError(host, result, `Letting go of an interrupted receive into ${target}`);
    // Gone already is as good.
    if (!['no-resume-state', 'no-such-dataset'].includes(error.code)) failed.set(target, problemOf(error));
  }
  // What they held is free a moment later.
  await world.sleep(freeingMs, world.signal);
  return failed;
}
