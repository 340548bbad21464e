import type { SyncPlan } from '../plan/sync-plan.ts';
import { utcText } from '../plan/utc.ts';
import { portions } from '../zfs/portions.ts';
import { markVanishedArgs, unmarkVanishedArgs } from '../zfs/vanished-args.ts';
import { commandError, firstFailure } from './problem.ts';
import type { World } from './world.ts';

/**
 * Notes on the target what is seen gone for the first time, and takes that from what is there again. One command, and none where nothing has changed.
 * @throws ZferryError where it cannot be noted
 */
export async function markVanished(world: World, plan: SyncPlan): Promise<void> {
  const { host } = plan.target;
  const gone = plan.vanished.filter(({ marks }) => marks).map(({ name }) => name);
  const since = utcText(world.now());
  const commands = [
    ...(gone.length === 0 ? [] : portions(gone).map((part) => markVanishedArgs(part, since))),
    ...(plan.returned.length === 0 ? [] : portions(plan.returned).map((part) => unmarkVanishedArgs(part))),
  ].map((argv) => ({ argv, optional: true as const }));
  if (commands.length === 0) return;
  const { results } = await world.hosts.run({ host, commands }, { signal: world.signal });
  const failed = firstFailure(results);
  if (failed) throw commandError(host, failed, 'Noting since when a source is gone');
}
