import { onHost } from '../plan/place.ts';
import type { Side } from '../plan/side.ts';
import { explainZfsError } from '../zfs/errors.ts';
import { countHoldsArgs, listHoldsArgs, parseHeldNames, parseTagged, releaseArgs } from '../zfs/hold-args.ts';
import { portions } from '../zfs/portions.ts';
import { commandError, firstFailure } from './problem.ts';
import type { World } from './world.ts';

/**
 * The snapshots of one side that still have our tag: on the source because a run before this ended in the middle of a step, on the
 * target those that newer ones are based on. Two commands; only worth them where the run before did not end in order.
 */
export async function findHeld(world: World, side: Side, tag: string): Promise<string[]> {
  const top = side.datasets[0];
  if (top === undefined) return [];
  const { host } = side.place;
  const counting = [{ argv: countHoldsArgs(top.name) }];
  const counted = await world.hosts.run({ host, commands: counting }, { signal: world.signal });
  const failed = firstFailure(counted.results);
  if (failed) throw commandError(host, failed, `Looking for holds below ${top.name}`);
  const held = parseHeldNames(counted.results[0]?.stdout ?? '');
  if (held.length === 0) return [];
  const listing = portions(held).map((part) => ({ argv: listHoldsArgs(part), optional: true as const }));
  const listed = await world.hosts.run({ host, commands: listing }, { signal: world.signal });
  return listed.results.flatMap(({ stdout }) => parseTagged(stdout, tag));
}

/**
 * Lets go of our holds. A hold that is gone already is as good; a snapshot that is gone may have been renamed.
 * @returns whether surely none is left
 */
export async function release(
  world: World,
  host: string,
  tag: string,
  snapshots: readonly string[],
): Promise<boolean> {
  if (snapshots.length === 0) return true;
  const commands = portions(snapshots).map((part) => ({
    argv: releaseArgs(tag, part),
    optional: true as const,
  }));
  const { results } = await world.hosts.run({ host, commands }, { signal: world.signal });
  const result = results.find(({ status }) => status !== 0);
  if (result === undefined) return true;
  const said = results.map(({ stderr }) => stderr).join('\n');
  const left = said.split('\n').filter((line) => line.trim() !== '' && !/no such tag/.test(line));
  const bad = left.filter((line) => !/dataset does not exist/.test(line));
  if (bad.length > 0) {
    const { message } = commandError(host, { ...result, stderr: bad.join('\n') }, 'Releasing holds');
    world.report({ kind: 'note', message: `${message}; they stay until the next run` });
  }
  return left.length === 0;
}

/** Why the snapshots of a step could not be held; `undefined` where they are, or were before. */
export function holdFault(host: string, stderr: string): string | undefined {
  const lines = stderr.split('\n').filter((line) => line.startsWith('cannot hold'));
  const bad = lines.find((line) => !/tag already exists|dataset does not exist/.test(line));
  if (bad === undefined) return undefined;
  const known = explainZfsError(bad)?.meaning ?? bad;
  return `snapshots that are being sent are not held ${onHost(host)} (${known}); if something destroys one, its step starts anew`;
}
