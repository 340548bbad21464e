import type { CommandResult } from '../host/hosts.ts';
import { type AnchorChange, byTree } from '../plan/anchors.ts';
import { onHost } from '../plan/place.ts';
import type { Side } from '../plan/side.ts';
import type { SyncPlan } from '../plan/sync-plan.ts';
import { explainZfsError } from '../zfs/errors.ts';
import {
  countHoldsOfArgs,
  holdArgs,
  holdTag,
  holdTreeArgs,
  parseHeldNames,
  releaseArgs,
  releaseTreeArgs,
} from '../zfs/hold-args.ts';
import { portions } from '../zfs/portions.ts';
import { inOrder, tellFault } from './in-order.ts';
import type { RunState } from './run-state.ts';
import type { World } from './world.ts';

/** From so many on, it is worth looking afterwards which of a tree are held. */
const manyHolds = 5;

/**
 * Holds what is the base now on the target, then lets go of what was. Where a name stands for the same everywhere below the top, ZFS does all of
 * it in one transaction group; one by one it takes one each.
 */
export async function holdBases(
  world: World,
  plan: SyncPlan,
  target: Side,
  changes: readonly AnchorChange[],
  state: RunState,
): Promise<void> {
  const holds = changes.flatMap(({ target: dataset, hold }) =>
    hold === undefined ? [] : [{ dataset, name: hold }],
  );
  const releases = changes.flatMap(({ target: dataset, release }) =>
    release.map((name) => ({ dataset, name })),
  );
  const names = holds.map(({ dataset, name }) => `${dataset}@${name}`);
  if (!(await holdTree(world, plan, target, { holds, names, releases }))) {
    await holdEach(world, plan, names, releases, changes, state);
  }
  for (const name of names) state.heldTargets?.add(name);
  for (const { dataset, name } of releases) state.heldTargets?.delete(`${dataset}@${name}`);
}

type Wanted = Parameters<typeof byTree>[1];

/** @returns whether all was done: where it was not, each by itself tells why. */
async function holdTree(
  world: World,
  { target: place, id }: SyncPlan,
  { datasets }: Side,
  { holds, names, releases }: { holds: Wanted; names: readonly string[]; releases: Wanted },
): Promise<boolean> {
  if (holds.length < manyHolds) return false;
  const [held, free] = [byTree(place.dataset, holds, datasets), byTree(place.dataset, releases, datasets)];
  if (held.rest.length > 0) return false;
  const tag = holdTag(id);
  const counting = portions(names).map(countHoldsOfArgs);
  const commands = [
    ...held.names.map((name) => holdTreeArgs(tag, place.dataset, name)),
    // What has vanished since it was proven is passed over without a word.
    ...counting,
    ...free.names.map((name) => releaseTreeArgs(tag, place.dataset, name)),
    ...(free.rest.length > 0 ? portions(free.rest).map((part) => releaseArgs(tag, part)) : []),
  ].map((argv) => ({ argv }));
  const { results } = await world.hosts.run({ host: place.host, commands }, { signal: world.signal });
  const counted = results.slice(held.names.length, held.names.length + counting.length);
  const there = counted.flatMap(({ stdout }) => parseHeldNames(stdout));
  return results.every(({ status }) => status === 0) && there.length === names.length;
}

async function holdEach(
  world: World,
  { target: { host }, id }: SyncPlan,
  holds: readonly string[],
  releases: Wanted,
  changes: readonly AnchorChange[],
  state: RunState,
): Promise<void> {
  const tag = holdTag(id);
  const old = releases.map(({ dataset, name }) => `${dataset}@${name}`);
  const changing = {
    make: holds.length > 0 ? portions(holds).map((part) => holdArgs(tag, part)) : [],
    drop: old.length > 0 ? portions(old).map((part) => releaseArgs(tag, part)) : [],
  };
  const results = await inOrder(world, host, [changing]);
  const lines = results.flatMap(({ stderr }) => stderr.split('\n')).filter((line) => line.trim() !== '');
  for (const line of lines) {
    const [, lost] = /^cannot hold snapshot '([^'@]+)@[^']*': dataset does not exist/.exec(line) ?? [];
    const one = changes.find(({ target }) => target === lost);
    if (one) state.gone.add(one.target);
  }
  const bad = lines.find((line) => !/tag already exists|does not exist|no such tag/.test(line));
  // Whatever is left of the old ones, the next run looks for; where none may be held, there is nothing to look for.
  const denied = bad !== undefined && explainZfsError(bad)?.code === 'not-permitted';
  if (!denied && results.some(({ status }) => status === undefined)) state.leftAnchors = true;
  const fault = bad === undefined ? undefined : results.find(({ stderr }) => stderr.includes(bad));
  if (bad !== undefined && fault) {
    const said: CommandResult = { ...fault, stderr: bad };
    tellFault(world, state, `the base is not held ${onHost(host)}`, said);
  }
}
