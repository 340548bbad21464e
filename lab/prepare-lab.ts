import { ensureMachinePackages } from './machine-packages.ts';
import { ensureReady, type Ready } from './ready.ts';
import type { ZfsVersion } from './recipe.ts';
import type { Say } from './say.ts';

/**
 * Does whatever is missing before hosts with this OpenZFS can start: Debian packages on this machine, the image, the
 * ready state. About six minutes from nothing on two cores; a moment when all is there.
 *
 * @param say hears what is done, how far it is and how long it takes, at least every 15 s
 * @throws LabError with what to do, when something cannot be had
 */
export async function prepareLab(version: ZfsVersion, say: Say): Promise<Ready> {
  await ensureMachinePackages(say);
  return ensureReady(version, say);
}
