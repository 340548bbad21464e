import { type Dataset, localOwn, ownProperties, valueOwn } from '../zfs/dataset.ts';
import { byTreeOrder, type DatasetName, parentOf, rebase } from '../zfs/dataset-name.ts';
import { faultsFor, type KnownFault } from '../zfs/known-faults.ts';
import { versionText } from '../zfs/version.ts';
import type { DatasetPlan } from './decision.ts';
import { onHost } from './place.ts';
import type { PoolRoot } from './pool-root.ts';
import type { Side } from './side.ts';
import { takesMany } from './steps.ts';
import { isStopped } from './tree-rules.ts';

/**
 * Everything above a first send that is not there and does not come with it: the parents of the target, and parents
 * inside the tree of which nothing is sent.
 */
export function missingParents(target: Side, datasets: readonly DatasetPlan[]): DatasetName[] {
  const there = new Set([...target.ancestors, ...target.datasets].map((dataset) => dataset.name));
  const sent = new Set(datasets.filter((plan) => plan.decision.kind === 'send').map((plan) => plan.target));
  const missing = new Set<DatasetName>();
  for (const plan of datasets) {
    if (plan.decision.kind !== 'send') continue;
    for (let parent = parentOf(plan.target); parent !== undefined; parent = parentOf(parent)) {
      if (!there.has(parent) && !sent.has(parent)) missing.add(parent);
    }
  }
  return [...missing].sort(byTreeOrder);
}

/** Parents to be made that cannot be encrypted: what is above them comes raw, or its key is not loaded. */
export function belowLocked(
  parents: readonly DatasetName[],
  there: ReadonlyMap<DatasetName, Dataset>,
  plans: readonly DatasetPlan[],
): ReadonlySet<DatasetName> {
  const raw = new Set(
    plans.flatMap(({ target, decision }) =>
      decision.kind === 'send' && decision.base === undefined && decision.flags.raw ? [target] : [],
    ),
  );
  const isLocked = (name: DatasetName | undefined): boolean => {
    if (name === undefined) return false;
    const one = there.get(name);
    if (raw.has(name)) return true;
    return one === undefined ? isLocked(parentOf(name)) : one.encrypted && !one.keyLoaded;
  };
  return new Set(parents.filter((name) => isLocked(parentOf(name))));
}

/**
 * Places that others wait to come to and that get nothing themselves, with what is above them, from the top: they are made to hold what is below.
 * @param there what is on the target once remedies are carried out
 */
export function waitedFor(
  plans: readonly DatasetPlan[],
  there: { has(name: DatasetName): boolean },
): DatasetName[] {
  const planned = new Map(plans.map((plan) => [plan.target, plan]));
  const made = new Set<DatasetName>();
  for (const { decision } of plans) {
    if (decision.kind !== 'waits' || decision.for !== 'place') continue;
    const chain: DatasetName[] = [];
    let name: DatasetName | undefined = decision.until;
    for (; name !== undefined && !there.has(name) && getsNothing(planned.get(name)); name = parentOf(name)) {
      chain.push(name);
    }
    if (name !== undefined && there.has(name)) for (const one of chain) made.add(one);
  }
  return [...made].sort(byTreeOrder);
}

function getsNothing(plan: DatasetPlan | undefined): boolean {
  return plan === undefined || plan.decision.kind === 'up-to-date' || plan.decision.kind === 'left';
}

/** The targets of volumes, as far as anything can be done to them. @param sources of the same datasets as `plans`, in their order */
export function volumesOf(sources: readonly Dataset[], plans: readonly DatasetPlan[]): DatasetName[] {
  const volumes = new Set(sources.filter(({ type }) => type === 'volume').map(({ name }) => name));
  return plans.filter((plan) => volumes.has(plan.source) && !isStopped(plan)).map(({ target }) => target);
}

/** Each once, however many datasets it concerns. @param sources of the same datasets as `plans`, in their order */
export function faultsOf(
  sources: readonly Dataset[],
  plans: readonly DatasetPlan[],
  { version: source }: Side,
  { version: target }: Side,
): KnownFault[] {
  const found = plans.flatMap(({ decision }, index) => {
    const dataset = sources[index];
    if (decision.kind !== 'send' || dataset === undefined) return [];
    const { raw } = decision.flags;
    return faultsFor({
      source,
      target,
      encrypted: dataset.encrypted,
      raw,
      sourceIsRawReplica: localOwn(dataset, ownProperties.mode) === 'raw',
      increment: decision.base !== undefined,
    });
  });
  return [...new Set(found)];
}

/**
 * Which targets inherit from above that they belong to this replica: read-only, its id. The others are given it by their own first receive.
 * That is its top, and whatever lies right below something that is no part of it.
 */
export function heirs(
  target: Side,
  sources: readonly Dataset[],
  root: DatasetName,
  top: PoolRoot,
  id: string,
): (name: DatasetName) => boolean {
  const there = new Map(target.datasets.map((dataset) => [dataset.name, dataset]));
  const coming = new Set(sources.map(({ name }) => rebase(name, root, target.place.dataset)));
  return (name) => {
    const parent = parentOf(name);
    if (name === target.place.dataset || parent === undefined) return false;
    if (parent === target.place.dataset && top.kind === 'replaced') return coming.has(parent);
    const existing = there.get(parent);
    return existing === undefined || valueOwn(existing, ownProperties.id) === id;
  };
}

/** Why a history goes snapshot by snapshot, where it does. @param mayNotHold the user, on the source */
export function oneByOne(
  plans: readonly DatasetPlan[],
  source: Side,
  target: Side,
  mayNotHold: boolean,
): string[] {
  const longest = Math.max(
    ...plans.map(({ decision }) => (decision.kind === 'send' ? decision.steps.length : 0)),
  );
  if (mayNotHold) {
    return [
      `each snapshot goes by itself: the user may not hold ${onHost(source.place.host)}, which zfs send -I does (zfs allow USER hold ${source.place.dataset})`,
    ];
  }
  const { version, place } = target;
  if (takesMany(version) || longest < 3) return [];
  return [
    `each snapshot goes by itself: OpenZFS ${versionText(version)} ${onHost(place.host)} can lose one of many in a stream (openzfs/zfs#12661, mended in 2.2)`,
  ];
}
