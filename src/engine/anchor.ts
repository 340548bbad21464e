import type { CommandResult } from '../host/hosts.ts';
import { type Anchor, type AnchorChange, changeAnchor } from '../plan/anchors.ts';
import type { DatasetPlan } from '../plan/dataset-plan.ts';
import { onHost } from '../plan/place.ts';
import type { Side } from '../plan/side.ts';
import type { SyncPlan } from '../plan/sync-plan.ts';
import { bookmarkArgs, destroyBookmarkArgs } from '../zfs/change-args.ts';
import type { DatasetName, ShortName } from '../zfs/dataset-name.ts';
import { explainZfsError } from '../zfs/errors.ts';
import { holdArgs, holdTag, releaseArgs } from '../zfs/hold-args.ts';
import { hasFeature } from '../zfs/pool.ts';
import { portions } from '../zfs/portions.ts';
import { both } from './both.ts';
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
  const marking = hasFeature(source.pool, 'bookmarks') ? markAll(world, plan, changes, state) : undefined;
  await both(marking ?? Promise.resolve(), holdAll(world, plan, changes, state));
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
  const marks = changes.flatMap(({ source, mark }) =>
    mark ? [bookmarkArgs(source, mark.snapshot, mark.bookmark)] : [],
  );
  const unmarks = changes.flatMap(({ source, unmark }) =>
    unmark.map((bookmark) => destroyBookmarkArgs(source, bookmark)),
  );
  const results = await inOrder(world, host, marks, unmarks);
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
  const results = await inOrder(
    world,
    host,
    holds.length > 0 ? portions(holds).map((part) => holdArgs(tag, part)) : [],
    releases.length > 0 ? portions(releases).map((part) => releaseArgs(tag, part)) : [],
  );
  for (const name of holds) state.heldTargets?.add(name);
  for (const name of releases) state.heldTargets?.delete(name);
  const lines = results.flatMap(({ stderr }) => stderr.split('\n')).filter((line) => line.trim() !== '');
  const bad = lines.find((line) => !/tag already exists|does not exist|no such tag/.test(line));
  // Whatever is left of the old ones, the next run looks for; where none may be held, there is nothing to look for.
  const denied = bad !== undefined && explainZfsError(bad)?.code === 'not-permitted';
  if (!denied && results.some(({ status }) => status === undefined)) state.leftAnchors = true;
  if (bad === undefined) return;
  const [fault] = results.filter(({ stderr }) => stderr.includes(bad));
  if (fault) tellFault(world, state, `the base is not held ${onHost(host)}`, { ...fault, stderr: bad });
}

/** The new ones, and if all of them are there, the old ones are let go. Where one cannot be made, the others are all the same. */
async function inOrder(
  world: World,
  host: string,
  making: readonly (readonly string[])[],
  dropping: readonly (readonly string[])[],
): Promise<readonly CommandResult[]> {
  if (making.length + dropping.length === 0) return [];
  const run = async (commands: readonly { argv: readonly string[]; optional?: true }[]) =>
    (await world.hosts.run({ host, commands }, { signal: world.signal })).results;
  const optional = (argv: readonly string[]) => ({ argv, optional: true as const });
  const results = await run([...making.map((argv) => ({ argv })), ...dropping.map(optional)]);
  const failed = results.findIndex(({ status }) => status !== 0);
  if (failed === -1 || failed >= making.length - 1) return results;
  const rest = await run(making.slice(failed + 1).map(optional));
  return [...results.slice(0, failed + 1), ...rest, ...results.slice(making.length)];
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
