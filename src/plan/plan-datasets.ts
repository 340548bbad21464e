import { byName, type Dataset } from '../zfs/dataset.ts';
import { type DatasetName, parentOf, rebase } from '../zfs/dataset-name.ts';
import { receiveInto } from '../zfs/receive-processes.ts';
import type { Snapshot } from '../zfs/snapshot.ts';
import { findBase } from './base.ts';
import { type CloneStart, cloneStart, originOf } from './clones.ts';
import { describeConflict, quotedName } from './conflict.ts';
import type { Policy } from './dataset-facts.ts';
import { planDataset } from './dataset-plan.ts';
import type { DatasetPlan } from './decision.ts';
import type { Promoted } from './follow-promotes.ts';
import type { Followed } from './follow-renames.ts';
import type { PoolRoot } from './pool-root.ts';
import { chooseRemedy } from './remedy.ts';
import type { Side } from './side.ts';
import type { Trace } from './traces.ts';
import { heirs } from './tree-findings.ts';
import { applyTreeRules, leftBehind, waitForParents, whatIsLeft } from './tree-rules.ts';

export type PlanContext = {
  readonly source: Side;
  /** With its renames done. */
  readonly target: Side;
  /** What is done with the root of a pool. */
  readonly top: PoolRoot;
  readonly waiting: Followed['waiting'];
  readonly clashes: Promoted['clashes'];
  readonly options: Policy & {
    readonly displaced: ReadonlyMap<DatasetName, DatasetName>;
    readonly rebuilding: ReadonlyMap<DatasetName, DatasetName>;
    readonly traces: ReadonlyMap<DatasetName, readonly Trace[]>;
  };
};

/** The plans of all selected datasets, parents first: each by itself, then what they are to each other. */
export function planDatasets(context: PlanContext, datasets: readonly Dataset[]): readonly DatasetPlan[] {
  const plans = planWith(context, datasets);
  const left = leftBehind(plans, byName(context.target.datasets));
  if (left.size === 0) return plans;
  const rest = context.target.datasets.filter(({ name }) => !left.has(name));
  return planWith({ ...context, target: { ...context.target, datasets: rest } }, datasets);
}

function planWith(context: PlanContext, datasets: readonly Dataset[]): readonly DatasetPlan[] {
  const { source, target, options } = context;
  const existing = byName(target.datasets);
  const there = byName([...target.ancestors, ...target.datasets]);
  const planOne = onePlanner(context, datasets, existing);
  const alone = datasets.map((dataset) => planOne(dataset, undefined));
  const [root, place] = [source.place.dataset, target.place.dataset];
  const facts = {
    sources: byName(datasets),
    clones: datasets.filter(({ origin }) => origin !== undefined),
    plans: new Map(alone.map((plan) => [plan.source, plan])),
    existing,
    root,
    place,
  };
  const plans = alone.map((plan, i) => {
    const dataset = datasets[i];
    const { decision, replaces } = plan;
    if (dataset === undefined || decision.kind !== 'send' || decision.base !== undefined || replaces)
      return plan;
    const start = cloneStart(dataset, facts);
    return start ? planOne(dataset, start) : plan;
  });
  const waiting = waitForParents(plans, existing, options.displaced);
  return applyTreeRules(waiting, whatIsLeft(there, waiting));
}

function onePlanner(
  { source, target, top, waiting, clashes, options }: PlanContext,
  datasets: readonly Dataset[],
  existing: ReadonlyMap<DatasetName, Dataset>,
): (dataset: Dataset, clone: CloneStart | undefined) => DatasetPlan {
  const root = source.place.dataset;
  const [selected, listed] = [byName(datasets), byName(source.datasets)];
  const inherits = heirs(target, datasets, root, top, options.id);
  const above = target.ancestors.at(-1)?.encrypted ?? false;
  /** Of what will be above it when it arrives: what is there, or else what comes as the top. */
  const parentEncrypted = (name: DatasetName): boolean => {
    if (name === target.place.dataset) return above;
    const parent = parentOf(name);
    const there = parent && existing.get(parent);
    if (there) return there.encrypted;
    return parent === undefined || parent === target.place.dataset
      ? above || options.encrypt !== undefined
      : parentEncrypted(parent);
  };
  return (dataset, clone) => {
    const targetName = rebase(dataset.name, root, target.place.dataset);
    const names = { source: dataset.name, target: targetName };
    if (top.kind === 'left' && dataset.name === root) {
      return { ...names, decision: { kind: 'left', reason: top.reason } };
    }
    const late = waiting.get(targetName);
    if (late) {
      const reason = `it was renamed on the source, and its copy ${late.copy} is renamed, too, once ${late.parent} has arrived`;
      return { ...names, decision: { kind: 'waits', for: 'place', reason, until: late.parent } };
    }
    const there = existing.get(targetName);
    const clash = clashes.get(targetName);
    if (there && clash) return withoutClash(dataset, there, clash, options);
    const origin = originOf(dataset, selected);
    const holder = origin?.of && existing.get(rebase(origin.of, root, target.place.dataset));
    if (
      origin?.of &&
      // What came in full by itself will never share with it.
      (holder === undefined || holder.origin?.startsWith(`${targetName}@`)) &&
      there?.snapshots.some(({ guid }) => guid === origin.guid) &&
      !findBase(dataset, there)
    ) {
      const until = rebase(origin.of, root, target.place.dataset);
      const reason = `its history was promoted to ${origin.of}, and it goes on once that is at ${until}`;
      return { ...names, decision: { kind: 'waits', for: 'history', reason, until } };
    }
    return planDataset({
      source: dataset,
      root,
      origin: originOf(dataset, listed),
      targetOrigin: there && originOf(there, existing),
      clone,
      target: existing.get(targetName),
      targetName,
      sourceHost: source.place.host,
      targetHost: target.place.host,
      sourcePool: source.pool,
      targetPool: target.pool,
      sourceVersion: source.version,
      targetVersion: target.version,
      receiver: receiveInto(target.receives, targetName),
      targetParentEncrypted: parentEncrypted(targetName),
      top: !inherits(targetName),
      replaces: top.kind === 'replaced' && dataset.name === root,
      details: target.details.get(targetName) ?? new Map(),
      traces: options.traces.get(targetName) ?? [],
      rebuilding: options.rebuilding.get(targetName),
      policy: options,
    });
  };
}

/** A clone that is to be promoted, as its source was, and has a snapshot in the way. */
function withoutClash(source: Dataset, target: Dataset, clash: Snapshot, policy: Policy): DatasetPlan {
  const names = { source: source.name, target: target.name };
  const full = `${target.name}@${clash.name}`;
  const message = `${target.name} is to be promoted, as its source was, and its ${full} has the name of one that comes to it by that`;
  const to = quotedName(`${full}_other`);
  const next = `rename it: zfs rename ${quotedName(full)} ${to}; or run this again with --on-divergence set-aside, which does that`;
  const conflict = describeConflict('name-taken', message, next, source, target, undefined, clash);
  const { id, now, onDivergence } = policy;
  const found = chooseRemedy(conflict, { source, target, id, now, onDivergence, placeholder: false });
  if (found === undefined || 'why' in found) return { ...names, decision: { kind: 'refused', conflict } };
  const reason = 'it is promoted once its snapshot has another name';
  return {
    ...names,
    decision: { kind: 'waits', for: 'history', reason, until: target.name },
    remedies: [found.remedy],
  };
}
