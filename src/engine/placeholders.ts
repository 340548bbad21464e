import { topProperties } from '../plan/first-properties.ts';
import type { SyncPlan } from '../plan/sync-plan.ts';
import { createPlaceholderArgs } from '../zfs/change-args.ts';
import { ownProperties } from '../zfs/dataset.ts';
import { type DatasetName, isWithin } from '../zfs/dataset-name.ts';
import type { ZferryError } from '../zfs/failure.ts';
import { commandError, type Problem, problemOf } from './problem.ts';
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
    const commands = names.map((name) => ({ argv: placeholderArgs(plan, name), optional: true as const }));
    const { results } = await world.hosts.run({ host, commands }, { signal: world.signal });
    let failed: ZferryError | undefined;
    for (const [index, result] of results.entries()) {
      const name = names[index];
      if (name === undefined) continue;
      const error = result.status === 0 ? undefined : commandError(host, result, `Creating ${name}`);
      if (error === undefined) world.report({ kind: 'parent-created', target: name });
      // Somebody else has made it meanwhile.
      if (error === undefined || error.code === 'exists') missing.delete(name);
      else if (isWithin(target, name)) failed ??= error;
    }
    return failed;
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

/**
 * Makes those that others wait for, so that these can come to their place.
 * @returns what cannot be made, and why
 */
export async function makePlaces(world: World, plan: SyncPlan): Promise<Map<DatasetName, Problem>> {
  const stuck = new Map<DatasetName, Problem>();
  const { makes: names } = plan;
  if (names.length === 0) return stuck;
  const { host } = plan.target;
  const commands = names.map((name) => ({ argv: placeholderArgs(plan, name), optional: true as const }));
  const { results } = await world.hosts.run({ host, commands }, { signal: world.signal });
  for (const [index, name] of names.entries()) {
    const result = results[index];
    if (result?.status === 0) world.report({ kind: 'parent-created', target: name });
    else if (result) stuck.set(name, problemOf(commandError(host, result, `Creating ${name}`)));
  }
  return stuck;
}

function placeholderArgs({ id, begins, encrypts, rebuilding, plain }: SyncPlan, name: DatasetName): string[] {
  const copy = rebuilding.get(name);
  return createPlaceholderArgs(name, {
    ...(begins.has(name) ? { ...topProperties(id), ...encrypts } : {}),
    ...(plain.has(name) ? { encryption: 'off' } : {}),
    ...(copy === undefined ? {} : { [ownProperties.rebuilding]: copy }),
  });
}

function waitsForSend({ datasets }: SyncPlan, name: DatasetName): boolean {
  return datasets.some(
    ({ target, decision }) =>
      decision.kind === 'send' && decision.base === undefined && isWithin(name, target),
  );
}
