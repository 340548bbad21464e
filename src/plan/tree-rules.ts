import { type Dataset, localOwn, ownProperties } from '../zfs/dataset.ts';
import { type DatasetName, highestAbove, isWithin, parentOf } from '../zfs/dataset-name.ts';
import { isPlaceholder, quotedName } from './conflict.ts';
import type { DatasetPlan, Decision } from './decision.ts';
import { topProperties } from './first-properties.ts';
import { isPartial } from './leftover.ts';
import { healed } from './remedy.ts';

/**
 * What the plans of single datasets cannot know of each other. Each rule takes and gives all plans, parents first.
 * @param existing what is on the target now: the tree and what is above it
 */
export function applyTreeRules(
  plans: readonly DatasetPlan[],
  existing: ReadonlyMap<DatasetName, Dataset>,
): readonly DatasetPlan[] {
  return belowTheirParents(plans, existing);
}

/**
 * What is below a target whose place a full copy takes goes along with what is set aside, and comes back once that has arrived: nothing of it is
 * sent again.
 * @param displaced what an earlier run has set aside so
 */
export function waitForParents(
  plans: readonly DatasetPlan[],
  existing: ReadonlyMap<DatasetName, Dataset>,
  displaced: ReadonlyMap<DatasetName, DatasetName>,
): DatasetPlan[] {
  const moving = new Map<DatasetName, DatasetName>();
  for (const { target, remedies = [] } of plans.filter((one) => !isStopped(one))) {
    for (const one of remedies)
      if (one.kind === 'set-aside' && one.base === undefined) moving.set(target, one.copy);
  }
  const aside = new Set(moving.keys());
  const below = new Set(displaced.keys());
  return plans.map((plan) => {
    const { source, target } = plan;
    const above = highestAbove(target, aside);
    const waits = displaced.get(target) ?? displaced.get(highestAbove(target, below) ?? target);
    const copy = waits ?? (above && existing.has(target) ? moving.get(above) : undefined);
    if (copy === undefined) return plan;
    const parent = above ?? parentOf(target) ?? target;
    const reason = `its copy is below ${copy} until ${parent} has arrived, and then comes back to its place`;
    return { source, target, decision: { kind: 'waits', for: 'place', reason, until: parent, later: plan } };
  });
}

/**
 * What stays below a target that is set aside, since ZFS moves no encrypted dataset out of its encryption root: it is sent again. The clone that takes the
 * place is in the same root; a full copy is in another.
 */
export function leftBehind(
  plans: readonly DatasetPlan[],
  existing: ReadonlyMap<DatasetName, Dataset>,
): ReadonlySet<DatasetName> {
  const left = new Set<DatasetName>();
  for (const { target: top, remedies = [] } of plans.filter((one) => !isStopped(one))) {
    const remedy = remedies.find((one) => one.kind === 'set-aside');
    if (remedy === undefined) continue;
    const stays = ({ name, key }: Dataset): boolean =>
      key !== undefined &&
      key.root !== name &&
      (remedy.base ? key.root !== existing.get(top)?.key?.root : isWithin(key.root, top));
    for (const child of existing.values()) {
      if (parentOf(child.name) !== top || !stays(child)) continue;
      for (const name of existing.keys()) if (isWithin(name, child.name)) left.add(name);
    }
  }
  return left;
}

/** What will be on the target once the remedies of these plans are carried out. */
export function whatIsLeft(
  there: ReadonlyMap<DatasetName, Dataset>,
  plans: readonly DatasetPlan[],
): ReadonlyMap<DatasetName, Dataset> {
  const left = new Map(there);
  for (const { target, remedies = [] } of plans.filter((one) => !isStopped(one))) {
    for (const remedy of remedies) {
      const dataset = left.get(target);
      const after = dataset && healed(dataset, remedy);
      if (after) left.set(target, after);
      else left.delete(target);
    }
  }
  return left;
}

/** Whether nothing will be sent because something stands in the way. */
export function isStopped(plan: DatasetPlan): boolean {
  return plan.decision.kind === 'refused' || plan.decision.kind === 'blocked';
}

/**
 * A first send needs a parent: not one that cannot come itself (a placeholder would stand in its way for ever), and
 * not one that would encrypt it with a key that is not there.
 */
function belowTheirParents(
  plans: readonly DatasetPlan[],
  existing: ReadonlyMap<DatasetName, Dataset>,
): DatasetPlan[] {
  const done = new Map<DatasetName, DatasetPlan>();
  for (const plan of plans) done.set(plan.target, withParent(plan, done, existing));
  return [...done.values()];
}

function withParent(
  plan: DatasetPlan,
  planned: ReadonlyMap<DatasetName, DatasetPlan>,
  existing: ReadonlyMap<DatasetName, Dataset>,
): DatasetPlan {
  const { decision, target } = plan;
  if (decision.kind !== 'send' || decision.base !== undefined) return plan;
  const inClear = clearPlaceholder(plan, existing);
  if (inClear) return { source: plan.source, target, decision: inClear };
  if (existing.has(target)) return plan;
  // Nothing is done to a target that could not go on afterwards: its remedies go, too.
  const { remedies: _, ...rest } = plan;
  const blocked = (reason: string, next: string): DatasetPlan => ({
    ...rest,
    decision: { kind: 'blocked', reason, next },
  });
  let parent = parentOf(target);
  // What only holds others, or will, is not encrypted below what nobody has the key of.
  const isNothing = (name: DatasetName): boolean => {
    const one = existing.get(name);
    const getsNothing = (planned.get(name)?.decision.kind ?? 'up-to-date') === 'up-to-date';
    return getsNothing && (one === undefined || (isPlaceholder(one) && !one.encrypted));
  };
  while (parent !== undefined && isNothing(parent)) parent = parentOf(parent);
  if (parent === undefined) return plan;
  const coming = planned.get(parent);
  const there = existing.get(parent);
  if (
    coming !== undefined &&
    isStopped(coming) &&
    (there === undefined || (coming === planned.values().next().value && isForeign(coming, there)))
  ) {
    const cause = (coming.decision.kind === 'blocked' && coming.decision.parent) || parent;
    const reason =
      there === undefined
        ? `its parent ${parent} cannot be sent`
        : `${parent} on the target is not its parent`;
    const next = `first do what ${cause} needs`;
    return { ...rest, decision: { kind: 'blocked', reason, next, parent: cause } };
  }
  if (decision.flags.raw) return plan;
  const comesRaw =
    coming?.decision.kind === 'send' && coming.decision.base === undefined && coming.decision.flags.raw;
  if (comesRaw || (there?.encrypted && !there.keyLoaded)) {
    return blocked(
      `${plan.source} is not encrypted, and its parent ${parent} on the target is, with a key that is not loaded there`,
      `replicate it to another target, or load the key there (zfs load-key ${parent}): it is then encrypted by it`,
    );
  }
  return plan;
}

/**
 * Why a first send that is not encrypted may not arrive: it would land in clear in an encrypted tree. ZFS inherits
 * encryption from the immediate parent, and a placeholder that was made without the key of what is above it has none.
 */
function clearPlaceholder(
  { source, target, decision, replaces }: DatasetPlan,
  existing: ReadonlyMap<DatasetName, Dataset>,
): Decision | undefined {
  if (decision.kind !== 'send' || decision.flags.raw || decision.secrecy === 'its own key') return undefined;
  let above: DatasetName | undefined = replaces === true ? target : parentOf(target);
  while (above !== undefined && !existing.has(above)) above = parentOf(above);
  const nearest = above === undefined ? undefined : existing.get(above);
  if (nearest === undefined || nearest.encrypted || !isPlaceholder(nearest)) return undefined;
  let top = nearest;
  let root: Dataset | undefined = nearest;
  while (root !== undefined && !root.encrypted && isPlaceholder(root)) {
    top = root;
    const parent = parentOf(root.name);
    root = parent === undefined ? undefined : existing.get(parent);
  }
  if (root === undefined || !root.encrypted) return undefined;
  return {
    kind: 'blocked',
    reason: `${source} is not encrypted and would land in clear below the encrypted ${root.name}: the placeholder ${top.name} was made while the key of ${root.name} was not loaded, and is not encrypted`,
    next: `make it anew, encrypted: ${remakeCommands(top, root)}`,
  };
}

/** What a person types to have a placeholder encrypted by what is above it, with all that is below it kept. */
function remakeCommands(placeholder: Dataset, root: Dataset): string {
  const [old, fresh] = [quotedName(placeholder.name), quotedName(`${placeholder.name}_new`)];
  const id = localOwn(placeholder, ownProperties.id);
  const properties = { canmount: 'off', [ownProperties.placeholder]: 'on', ...(id && topProperties(id)) };
  return [
    ...(root.keyLoaded ? [] : [`zfs load-key ${quotedName(root.key?.root ?? root.name)}`]),
    `zfs create ${Object.entries(properties)
      .map(([key, value]) => `-o ${key}=${value}`)
      .join(' ')} ${fresh}`,
    `zfs list -H -o name -d 1 ${old} | sed 1d | while read -r d; do zfs rename "$d" ${fresh}/"\${d##*/}"; done`,
    `zfs destroy ${old}`,
    `zfs rename ${fresh} ${old}`,
  ].join(' && ');
}

/** Whether a target that is refused is something else than the copy: what came below it would be somewhere else. */
function isForeign({ decision }: DatasetPlan, there: Dataset): boolean {
  if (decision.kind !== 'refused' || isPlaceholder(there)) return false;
  const { kind } = decision.conflict;
  const nothingInCommon = [
    'no-common-snapshot',
    'other-source',
    'swapped',
    'target-has-no-snapshots',
  ].includes(kind);
  return nothingInCommon || (kind === 'foreign-receive' && there.snapshots.length === 0);
}

/**
 * A target that is not there and to which nothing would come is a mistake, not a copy that is up to date. For the plan as it
 * will be carried out, with the own snapshot in it.
 */
export function withoutEmptyHands(
  plans: readonly DatasetPlan[],
  existing: ReadonlyMap<DatasetName, Dataset>,
): readonly DatasetPlan[] {
  const idle = plans.every((plan) => plan.decision.kind === 'up-to-date' && !isThere(plan, existing));
  if (!idle) return plans;
  return plans.map((plan) => {
    if (plan.decision.kind !== 'up-to-date') return plan;
    const reason = `${plan.target} is not there, and nothing would be copied to it: ${plan.decision.reason}`;
    const next = 'look at --snapshots; without --no-snapshot and --snapshots one is taken and sent';
    return { ...plan, decision: { kind: 'blocked', reason, next } };
  });
}

/** Whether a target is there after what is let go has gone. */
function isThere({ target, letGo }: DatasetPlan, existing: ReadonlyMap<DatasetName, Dataset>): boolean {
  const there = existing.get(target);
  return there !== undefined && !(letGo !== undefined && isPartial(there));
}
