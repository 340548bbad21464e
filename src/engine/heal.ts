import type { Command } from '../host/hosts.ts';
import type { DatasetPlan } from '../plan/decision.ts';
import { withRenames } from '../plan/follow-renames.ts';
import type { Remedy } from '../plan/remedy.ts';
import type { Side } from '../plan/side.ts';
import type { SyncPlan } from '../plan/sync-plan.ts';
import { isStopped } from '../plan/tree-rules.ts';
import {
  destroySnapshotsArgs,
  promoteArgs,
  renameArgs,
  renameSnapshotArgs,
  rollbackArgs,
} from '../zfs/change-args.ts';
import type { Dataset } from '../zfs/dataset.ts';
import { type DatasetName, isWithin } from '../zfs/dataset-name.ts';
import { holdTag, releaseArgs } from '../zfs/hold-args.ts';
import { abortReceiveArgs } from '../zfs/receive-args.ts';
import { makePlaces } from './placeholders.ts';
import { commandError, firstFailure, type Problem, problemOf } from './problem.ts';
import type { RunState } from './run-state.ts';
import { beginAside, finishAside } from './set-aside.ts';
import type { World } from './world.ts';

/**
 * Carries out the remedies of a plan, one after the other, parents first. What comes after them is planned anew, from what is there then.
 * @returns the targets for which one could not be carried out, and why
 */
export async function heal(
  world: World,
  plan: SyncPlan,
  target: Side,
  { healed }: Pick<RunState, 'healed'>,
): Promise<Map<DatasetName, Problem>> {
  const datasets = new Map(
    withRenames(target, plan.renames).datasets.map((dataset) => [dataset.name, dataset]),
  );
  const stuck = await rename(world, plan);
  for (const [name, problem] of await promoteAll(world, plan)) stuck.set(name, problem);
  // What comes after them is planned from what has become of them.
  if (plan.renames.length + plan.promotes.length > 0) return stuck;
  for (const [top, problem] of await makePlaces(world, plan)) {
    for (const name of within(plan, top)) stuck.set(name, problem);
  }
  for (const one of plan.datasets.filter(needsHealing)) {
    const before = datasets.get(one.target);
    if (before === undefined || stuck.has(one.target)) continue;
    for (const remedy of one.remedies ?? []) {
      const mounted = [...datasets.values()].filter(
        (each) => each.mounted === true && isWithin(each.name, one.target),
      );
      const names = mounted.map(({ name }) => name);
      const problem = await carryOutRemedy(world, plan, before, remedy, names);
      if (problem === undefined) {
        world.report({ kind: 'healed', target: one.target, remedy });
        healed.push({ target: one.target, remedy });
        continue;
      }
      for (const name of within(plan, one.target)) stuck.set(name, problem);
      break;
    }
  }
  return stuck;
}

/** Whatever is at or below a target that is not in order: its own copy can be elsewhere. */
export function within({ datasets }: SyncPlan, top: DatasetName): DatasetName[] {
  return datasets.map(({ target }) => target).filter((name) => isWithin(name, top));
}

/** @returns whatever cannot be sent to because it, or what is above it, could not be renamed */
async function rename(
  world: World,
  { renames, datasets, target: { host } }: SyncPlan,
): Promise<Map<DatasetName, Problem>> {
  const stuck = new Map<DatasetName, Problem>();
  for (const { from, to } of renames) {
    if (stuck.has(from)) continue;
    const commands = [{ argv: renameArgs(from, to) }];
    const { results } = await world.hosts.run({ host, commands }, { signal: world.signal });
    const failed = firstFailure(results);
    if (failed === undefined) {
      world.report({ kind: 'renamed', from, to });
      continue;
    }
    const problem = problemOf(commandError(host, failed, `Renaming ${from} to ${to}`));
    for (const { target } of datasets) if (isWithin(target, to)) stuck.set(target, problem);
  }
  return stuck;
}

/** @returns what cannot go on without one that could not be promoted */
async function promoteAll(
  world: World,
  { promotes, datasets, target: { host } }: SyncPlan,
): Promise<Map<DatasetName, Problem>> {
  const stuck = new Map<DatasetName, Problem>();
  if (promotes.length === 0) return stuck;
  const commands = promotes.map((name) => ({ argv: promoteArgs(name), optional: true as const }));
  const { results } = await world.hosts.run({ host, commands }, { signal: world.signal });
  for (const [index, result] of results.entries()) {
    const name = promotes[index];
    if (name === undefined) continue;
    if (result.status === 0) {
      world.report({ kind: 'note', message: `promoted ${name}, as its source was` });
      continue;
    }
    const problem = problemOf(commandError(host, result, `Promoting ${name}`));
    const emptied = datasets.filter(({ remedies = [] }) =>
      remedies.some(({ conflict }) => conflict.kind === 'promoted-away'),
    );
    for (const one of [name, ...emptied.map(({ target }) => target)]) stuck.set(one, problem);
  }
  return stuck;
}

/** Whether something has to be done to its target before anything is sent to it. */
export function needsHealing(plan: DatasetPlan): boolean {
  return (plan.remedies ?? []).length > 0 && !isStopped(plan);
}

async function carryOutRemedy(
  world: World,
  { id, target: { host } }: SyncPlan,
  before: Dataset,
  remedy: Remedy,
  mounted: readonly DatasetName[],
): Promise<Problem | undefined> {
  const partial = before.resumeToken !== undefined;
  switch (remedy.kind) {
    case 'set-aside': {
      const { copy, base, since } = remedy;
      const original = before.name;
      const aside = { copy, original, since, base: base?.target.guid };
      const failed = await beginAside(world, host, aside, { partial, mounted });
      if (failed) return failed;
      const finished = await finishAside(world, host, { copy, original });
      if (finished.kind === 'undone') return notHealed(host, original);
      return finished.kind === 'failed' ? finished.problem : undefined;
    }
    case 'rollback': {
      const { base, loses, conflict } = remedy;
      const held = loses.filter(({ name }) => conflict.details.get(name)?.holds.includes(holdTag(id)));
      // Just those that were shown: what has come since makes ZFS refuse the rest.
      const names = loses.map(({ name }) => name);
      return await runAll(world, host, `Rolling ${before.name} back`, [
        ...(partial ? [optional(abortReceiveArgs(before.name))] : []),
        ...held.map(({ name }) => optional(releaseArgs(holdTag(id), [`${before.name}@${name}`]))),
        ...(names.length > 0 ? [{ argv: destroySnapshotsArgs(before.name, names) }] : []),
        { argv: rollbackArgs(before.name, base.target.name) },
      ]);
    }
    case 'rename-snapshot':
      return await runAll(world, host, `Renaming ${before.name}@${remedy.from}`, [
        { argv: renameSnapshotArgs(before.name, remedy.from, remedy.to) },
      ]);
  }
}

/** Something has changed since it was planned. */
export function notHealed(host: string, name: DatasetName): Problem {
  return {
    code: 'not-healed',
    host,
    message: `${name} changed again while it was being put right`,
    next: 'see what changes it, then run the same command again',
    command: undefined,
    meaning: undefined,
  };
}

function optional(argv: readonly string[]): Command {
  return { argv, optional: true };
}

/** @returns why the first that had to end well did not */
async function runAll(
  world: World,
  host: string,
  doing: string,
  commands: readonly Command[],
): Promise<Problem | undefined> {
  const { results } = await world.hosts.run({ host, commands }, { signal: world.signal });
  const failed = firstFailure(results.filter((_, i) => commands[i]?.optional !== true));
  return failed && problemOf(commandError(host, failed, doing));
}
