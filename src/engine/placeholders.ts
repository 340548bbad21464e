import { topProperties } from '../plan/dataset-plan.ts';
import { holdsReplica, type SyncPlan } from '../plan/sync-plan.ts';
import { createPlaceholderArgs } from '../zfs/change-args.ts';
import { type DatasetName, isWithin } from '../zfs/dataset-name.ts';
import type { ZferryError } from '../zfs/failure.ts';
import { commandError, firstFailure } from './problem.ts';
import type { World } from './world.ts';

export type Placeholders = {
  /** Makes those above a target that are still missing. @returns the error of one that cannot be made */
  above(target: DatasetName): Promise<ZferryError | undefined>;
};

/**
 * The parents that a plan makes only to hold others. Each is made when something below it is about to arrive: what is above it may
 * have to arrive first.
 */
export function placeholders(world: World, plan: SyncPlan): Placeholders {
  const missing = new Set(plan.parents);
  let before: Promise<unknown> = Promise.resolve();
  const make = async (target: DatasetName): Promise<ZferryError | undefined> => {
    // All that no send has to come before, by the first command; usually that is all.
    const names = [...missing].filter((name) => isWithin(target, name) || !waitsForSend(plan, name));
    if (!names.some((name) => isWithin(target, name))) return undefined;
    const { host } = plan.target;
    const commands = names.map((name) => ({
      argv: createPlaceholderArgs(name, holdsReplica(plan, name) ? topProperties(plan.id) : {}),
    }));
    const { results } = await world.hosts.run({ host, commands }, { signal: world.signal });
    for (const [index, { status }] of results.entries()) {
      const name = names[index];
      if (status !== 0 || name === undefined) continue;
      missing.delete(name);
      world.report({ kind: 'parent-created', target: name });
    }
    const failed = firstFailure(results);
    return failed && commandError(host, failed, `Creating ${failed.argv.at(-1) ?? ''}`);
  };
  return {
    async above(target) {
      // One after the other: two datasets can need the same.
      const made = before.then(() => make(target));
      before = made.catch(() => undefined);
      return await made;
    },
  };
}

function waitsForSend({ datasets }: SyncPlan, name: DatasetName): boolean {
  return datasets.some(
    ({ target, decision }) =>
      decision.kind === 'send' && decision.base === undefined && isWithin(name, target),
  );
}
