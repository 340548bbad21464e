import type { Command, CommandResult } from '../host/hosts.ts';
import type { Aside } from '../plan/aside.ts';
import { ownProperties } from '../zfs/dataset.ts';
import type { DatasetName } from '../zfs/dataset-name.ts';
import { commandError, firstFailure } from './problem.ts';
import type { World } from './world.ts';

/** A set-aside that is under way. */
export type Going = { readonly copy: DatasetName; readonly original: DatasetName; readonly aside: Aside };

/** Ours, and the roles of a pair. */
export function isOurs(name: string): boolean {
  return name !== ownProperties.sync && /^(?:zferry|zpair|zrep):/.test(name);
}

/** Commands on one host, in one session. */
export async function run(
  world: World,
  host: string,
  commands: readonly Command[],
): Promise<readonly CommandResult[]> {
  return (await world.hosts.run({ host, commands }, { signal: world.signal })).results;
}

/** The same, all of which have to end well. @throws ZferryError */
export async function must(
  world: World,
  host: string,
  lines: readonly (readonly string[])[],
  doing: string,
): Promise<void> {
  const results = await run(
    world,
    host,
    lines.map((argv) => ({ argv })),
  );
  const failed = firstFailure(results);
  if (failed) throw commandError(host, failed, doing);
}
