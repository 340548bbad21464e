import { type Anchor, type AnchorChange, anchorName, changeAnchor } from '../plan/anchors.ts';
import { arriving, type DatasetPlan } from '../plan/decision.ts';
import { onHost } from '../plan/place.ts';
import type { Side } from '../plan/side.ts';
import type { SyncPlan } from '../plan/sync-plan.ts';
import { bookmarkArgs, destroyBookmarkArgs } from '../zfs/change-args.ts';
import type { DatasetName, ShortName } from '../zfs/dataset-name.ts';
import { ZferryError } from '../zfs/failure.ts';
import { hasFeature } from '../zfs/pool.ts';
import { holdBases } from './hold-bases.ts';
import { inOrder, isMade, lanes, tellFault } from './in-order.ts';
import type { RunState } from './run-state.ts';
import type { DatasetResult } from './sync-result.ts';
import type { World } from './world.ts';

/**
 * Protects the newest snapshot that both sides have, of each dataset, so that the next increment has something to go from: once a run,
 * all at once, after the proof. The new base is protected before the old one is let go. What is not permitted is gone without.
 * @param source as it was listed, with the own snapshot in it
 * @param target as it was listed
 * @returns whether bookmarks have changed
 */
export async function anchorAll(
  world: World,
  plan: SyncPlan,
  source: Side,
  target: Side,
  results: readonly DatasetResult[],
  state: RunState,
): Promise<boolean> {
  const sources = new Map(source.datasets.map((dataset) => [dataset.name, dataset]));
  const plans = new Map(plan.datasets.map((one) => [one.source, one]));
  const heldOf = state.heldTargets && namesByDataset(state.heldTargets);
  const changes = results.flatMap((result) => {
    const one = plans.get(result.source);
    const anchor = one && anchorOf(one, result);
    if (one === undefined || anchor === undefined) return [];
    const held = heldOf && (heldOf.get(one.target) ?? new Set());
    // Those that are there from before say that all was done then; ours of this run do not.
    const bookmarks = (sources.get(one.source)?.bookmarks ?? []).filter(
      ({ name }) => !state.marked.has(`${one.source}#${name}`),
    );
    return [changeAnchor(plan.id, anchor, bookmarks, baseOf(one)?.target.name, held)];
  });
  // First what was proven is held: where it is gone again, its source keeps the bookmark of what is the base then.
  await holdBases(world, plan, target, changes, state);
  const there = changes.filter(({ target }) => !state.gone.has(target));
  return hasFeature(source.pool, 'bookmarks') && (await markAll(world, plan, there, state));
}

/**
 * Bookmarks what is about to arrive, while it is on its way: that takes the source as long as the sends do. What does not arrive leaves a bookmark
 * that the next run lets go of.
 */
export async function markComing(world: World, plan: SyncPlan, source: Side, state: RunState): Promise<void> {
  if (!hasFeature(source.pool, 'bookmarks')) return;
  const there = new Set(
    source.datasets.flatMap(({ name, bookmarks }) => bookmarks.map((one) => `${name}#${one.name}`)),
  );
  const coming = plan.datasets.flatMap((one) => {
    const newest = arriving(one).at(-1);
    if (newest === undefined) return [];
    const bookmark = anchorName(plan.id, newest.guid);
    const full = `${one.source}#${bookmark}`;
    return there.has(full) ? [] : [{ full, argv: bookmarkArgs(one.source, newest.name, bookmark) }];
  });
  if (coming.length === 0) return;
  const commands = coming.map(({ argv }) => ({ argv, optional: true as const }));
  try {
    const batch = { host: plan.source.host, commands, atOnce: lanes };
    const { results } = await world.hosts.run(batch, { signal: world.signal });
    for (const [i, { full }] of coming.entries()) if (isMade(results[i])) state.marked.add(full);
  } catch (error) {
    // What is not made yet is made after the proof, and what keeps it from that is said then.
    if (!(error instanceof ZferryError)) throw error;
  }
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

function namesByDataset(snapshots: ReadonlySet<string>): ReadonlyMap<string, ReadonlySet<ShortName>> {
  const names = new Map<string, Set<ShortName>>();
  for (const full of snapshots) {
    const [dataset = '', name = ''] = full.split('@');
    names.set(dataset, (names.get(dataset) ?? new Set()).add(name as ShortName));
  }
  return names;
}

async function markAll(
  world: World,
  { source: { host } }: SyncPlan,
  changes: readonly AnchorChange[],
  state: RunState,
): Promise<boolean> {
  const isMarked = (dataset: DatasetName, bookmark: ShortName): boolean =>
    state.marked.has(`${dataset}#${bookmark}`);
  const changing = changes.map(({ source, wanted, mark, unmark }) => ({
    make:
      mark && !isMarked(source, mark.bookmark) ? [bookmarkArgs(source, mark.snapshot, mark.bookmark)] : [],
    drop: unmark.map((bookmark) => destroyBookmarkArgs(source, bookmark)),
    // A rollback of the source takes bookmarks with it, and leaves those of what is the base then.
    look: `${source}#${wanted}`,
  }));
  const results = await inOrder(world, host, changing);
  const faults = results.filter(({ stderr }) => !/bookmark exists|does not exist|^$/.test(stderr.trim()));
  const [fault] = faults;
  if (fault) tellFault(world, state, `the base is not bookmarked ${onHost(host)}`, fault);
  return results.length + state.marked.size > 0;
}
