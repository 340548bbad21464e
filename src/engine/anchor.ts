import type { CommandResult } from '../host/hosts.ts';
import { type Anchor, type AnchorChange, changeAnchor } from '../plan/anchors.ts';
import type { DatasetPlan } from '../plan/decision.ts';
import { onHost } from '../plan/place.ts';
import type { Side } from '../plan/side.ts';
import type { SyncPlan } from '../plan/sync-plan.ts';
import { bookmarkArgs, destroyBookmarkArgs } from '../zfs/change-args.ts';
import type { DatasetName, ShortName } from '../zfs/dataset-name.ts';
import { explainZfsError } from '../zfs/errors.ts';
import { holdArgs, holdTag, releaseArgs } from '../zfs/hold-args.ts';
import { hasFeature } from '../zfs/pool.ts';
import { portions } from '../zfs/portions.ts';
import { saidText } from './problem.ts';
import type { RunState } from './run-state.ts';
import type { DatasetResult } from './sync-result.ts';
import type { World } from './world.ts';

/**
 * Protects the newest snapshot that both sides have, of each dataset, so that the next increment has something to go from: once a run,
 * all at once, after the proof. The new base is protected before the old one is let go. What is not permitted is gone without.
 * @param source as it was listed, with the own snapshot in it
 */
export async function anchorAll(
  world: World,
  plan: SyncPlan,
  source: Side,
  results: readonly DatasetResult[],
  state: RunState,
): Promise<void> {
  const sources = new Map(source.datasets.map((dataset) => [dataset.name, dataset]));
  const plans = new Map(plan.datasets.map((one) => [one.source, one]));
  const changes = results.flatMap((result) => {
    const one = plans.get(result.source);
    const anchor = one && anchorOf(one, result);
    if (one === undefined || anchor === undefined) return [];
    const held = state.heldTargets && namesOf(state.heldTargets, one.target);
    const bookmarks = sources.get(one.source)?.bookmarks ?? [];
    return [changeAnchor(plan.id, anchor, bookmarks, baseOf(one)?.target.name, held)];
  });
  // First what was proven is held: where it is gone again, its source keeps the bookmark of what is the base then.
  await holdAll(world, plan, changes, state);
  const there = changes.filter(({ target }) => !state.gone.has(target));
  if (hasFeature(source.pool, 'bookmarks')) await markAll(world, plan, there, state);
}

/** The newest snapshot that both sides are known to have after a run. */
function anchorOf(plan: DatasetPlan, { source, target, outcome }: DatasetResult): Anchor | undefined {
  const newest = 'snapshots' in outcome ? outcome.snapshots.at(-1) : undefined;
  if (newest) {
    const { guid, name } = newest;
    return { source, target, guid, onSource: name, onTarget: name };
  }
  const base = outcome.kind === 'nothing' || outcome.kind === 'failed' ? baseOf(plan) : undefined;
  if (base === undefined) return undefined;
  const onSource =
    base.source.kind === 'snapshot' && base.source.of === undefined ? base.source.name : undefined;
  return { source, target, guid: base.source.guid, onSource, onTarget: base.target.name };
}

function baseOf({ decision }: DatasetPlan) {
  return decision.kind === 'send' || decision.kind === 'up-to-date' ? decision.base : undefined;
}

function namesOf(snapshots: ReadonlySet<string>, dataset: DatasetName): Set<ShortName> {
  const prefix = `${dataset}@`;
  const own = [...snapshots].filter((name) => name.startsWith(prefix));
  return new Set(own.map((name) => name.slice(prefix.length) as ShortName));
}

async function markAll(
  world: World,
  { source: { host } }: SyncPlan,
  changes: readonly AnchorChange[],
  state: RunState,
): Promise<void> {
  const changing = changes.map(({ source, mark, unmark }) => ({
    make: mark ? [bookmarkArgs(source, mark.snapshot, mark.bookmark)] : [],
    drop: unmark.map((bookmark) => destroyBookmarkArgs(source, bookmark)),
  }));
  const results = await inOrder(world, host, changing);
  const faults = results.filter(({ stderr }) => !/bookmark exists|does not exist|^$/.test(stderr.trim()));
  const [fault] = faults;
  if (fault) tellFault(world, state, `the base is not bookmarked ${onHost(host)}`, fault);
}

async function holdAll(
  world: World,
  plan: SyncPlan,
  changes: readonly AnchorChange[],
  state: RunState,
): Promise<void> {
  const { host } = plan.target;
  const tag = holdTag(plan.id);
  const holds = changes.flatMap(({ target, hold }) => (hold === undefined ? [] : [`${target}@${hold}`]));
  const releases = changes.flatMap(({ target, release }) => release.map((name) => `${target}@${name}`));
  const changing = {
    make: holds.length > 0 ? portions(holds).map((part) => holdArgs(tag, part)) : [],
    drop: releases.length > 0 ? portions(releases).map((part) => releaseArgs(tag, part)) : [],
  };
  const results = await inOrder(world, host, [changing]);
  for (const name of holds) state.heldTargets?.add(name);
  for (const name of releases) state.heldTargets?.delete(name);
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
  if (bad === undefined) return;
  const [fault] = results.filter(({ stderr }) => stderr.includes(bad));
  if (fault) tellFault(world, state, `the base is not held ${onHost(host)}`, { ...fault, stderr: bad });
}

type Change = {
  readonly make: readonly (readonly string[])[];
  /** Let go of once all of `make` is there. */
  readonly drop: readonly (readonly string[])[];
};

/**
 * All new ones, then the old ones. Where one cannot be made, the others are all the same, and only what it was to supersede stays.
 * @returns in the order of the commands, not run ones among them
 */
async function inOrder(
  world: World,
  host: string,
  changes: readonly Change[],
): Promise<readonly CommandResult[]> {
  const run = async (commands: readonly { argv: readonly string[]; optional?: true }[]) =>
    commands.length === 0
      ? []
      : (await world.hosts.run({ host, commands }, { signal: world.signal })).results;
  const optional = (argv: readonly string[]) => ({ argv, optional: true as const });
  const making = changes.flatMap(({ make }) => make);
  const dropping = changes.flatMap(({ drop }) => drop);
  const results = await run([...making.map((argv) => ({ argv })), ...dropping.map(optional)]);
  const failed = results.findIndex(({ status }) => status !== 0);
  if (failed === -1 || failed >= making.length) return results;
  const rest = await run(making.slice(failed + 1).map(optional));
  const made = [...results.slice(0, failed + 1), ...rest];
  const there = new Set(making.filter((_, i) => isThere(made[i])));
  const free = changes.filter(({ make }) => make.every((one) => there.has(one)));
  const dropped = await run(free.flatMap(({ drop }) => drop).map(optional));
  const kept = changes.filter((one) => !free.includes(one)).flatMap(({ drop }) => drop);
  return [...made, ...dropped, ...kept.map(notRun)];
}

function isThere(result: CommandResult | undefined): boolean {
  return result?.status === 0 || result?.stderr.includes('bookmark exists') === true;
}

function notRun(argv: readonly string[]): CommandResult {
  return { argv, status: undefined, stdout: '', stderr: '' };
}

function tellFault(
  world: World,
  { warned }: RunState,
  what: string,
  { stderr, status }: CommandResult,
): void {
  const known = explainZfsError(stderr)?.meaning ?? (saidText(stderr) || `exit status ${status}`);
  const message = `${what} (${known}): the next run goes on from it as long as nothing destroys it`;
  if (warned.has(message)) return;
  warned.add(message);
  world.report({ kind: 'note', message });
}
