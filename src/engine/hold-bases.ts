import type { Command, CommandResult } from '../host/hosts.ts';
import { type AnchorChange, byTree } from '../plan/anchors.ts';
import { onHost } from '../plan/place.ts';
import type { Side } from '../plan/side.ts';
import type { SyncPlan } from '../plan/sync-plan.ts';
import type { DatasetName } from '../zfs/dataset-name.ts';
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
import { tellFault } from './in-order.ts';
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
  const isDone = await holdTree(world, plan, target, { holds, names, releases });
  const left = isDone ? new Set() : await holdEach(world, plan, names, releases, changes, state);
  for (const name of names) state.heldTargets?.add(name);
  for (const { dataset, name } of releases)
    if (!left.has(dataset)) state.heldTargets?.delete(`${dataset}@${name}`);
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

/** @returns datasets whose old holds were left, since the new one could not be made */
async function holdEach(
  world: World,
  { target: { host }, id }: SyncPlan,
  holds: readonly string[],
  releases: Wanted,
  changes: readonly AnchorChange[],
  state: RunState,
): Promise<ReadonlySet<DatasetName>> {
  const tag = holdTag(id);
  const run = async (commands: readonly Command[]): Promise<readonly CommandResult[]> =>
    commands.length === 0
      ? []
      : (await world.hosts.run({ host, commands }, { signal: world.signal })).results;
  const releasing = (some: Wanted): Command[] => {
    const names = some.map(({ dataset, name }) => `${dataset}@${name}`);
    const parts = names.length === 0 ? [] : portions(names);
    return parts.map((part) => ({ argv: releaseArgs(tag, part), optional: true }));
  };
  const parts = holds.length === 0 ? [] : portions(holds);
  const making = parts.map((part): Command => ({ argv: holdArgs(tag, part) }));
  const all = await run([...making, ...releasing(releases)]);
  const failed = all.findIndex(({ status }) => status !== 0);
  const isRefused = failed !== -1 && failed < making.length;
  const rest = isRefused
    ? await run(making.slice(failed + 1).map(({ argv }) => ({ argv, optional: true })))
    : [];
  const made = [...all.slice(0, isRefused ? failed + 1 : making.length), ...rest];
  // ZFS makes all that it can of those that are named together, and says which it could not.
  const unheld = new Set(made.flatMap(({ stderr }) => notHeldIn(stderr)));
  const isUnclear = made.some(({ status, stderr }) => status !== 0 && saidOf(stderr).length === 0);
  const free = isUnclear ? [] : releases.filter(({ dataset }) => !unheld.has(dataset));
  const released = isRefused ? await run(releasing(free)) : all.slice(making.length);
  const results = [...made, ...released];
  const left = new Set(
    isRefused ? releases.filter((one) => !free.includes(one)).map(({ dataset }) => dataset) : [],
  );
  const lines = results.flatMap(({ stderr }) => stderr.split('\n')).filter((line) => line.trim() !== '');
  for (const line of lines) {
    const [, lost] = /^cannot hold snapshot '([^'@]+)@[^']*': dataset does not exist/.exec(line) ?? [];
    const one = changes.find(({ target }) => target === lost);
    if (one) state.gone.add(one.target);
  }
  const bad = lines.find((line) => !/tag already exists|does not exist|no such tag/.test(line));
  // Whatever is left of the old ones, the next run looks for: what was held does not go, but can have another name.
  const isRenamed = released.some(({ stderr }) => /^cannot release .*: dataset does not exist/m.test(stderr));
  if (left.size > 0 || isRenamed || released.some(({ status }) => status === undefined))
    state.leftAnchors = true;
  const fault = bad === undefined ? undefined : results.find(({ stderr }) => stderr.includes(bad));
  if (bad !== undefined && fault) {
    const said: CommandResult = { ...fault, stderr: bad };
    tellFault(world, state, `the base is not held ${onHost(host)}`, said);
  }
  return left;
}

/** Datasets whose snapshots could not be held, and have no hold of ours from before. */
function notHeldIn(stderr: string): DatasetName[] {
  return saidOf(stderr).flatMap(([, dataset = '', why = '']) =>
    why.startsWith('tag already exists') ? [] : [dataset as DatasetName],
  );
}

function saidOf(stderr: string): RegExpMatchArray[] {
  return [...stderr.matchAll(/^cannot hold snapshot '([^'@]+)@[^']*': (.*)$/gm)];
}
