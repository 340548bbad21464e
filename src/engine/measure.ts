import type { CommandResult } from '../host/hosts.ts';
import { quoteArgv } from '../host/quote.ts';
import type { DatasetPlan } from '../plan/decision.ts';
import { formatBytes } from '../plan/format.ts';
import { onHost } from '../plan/place.ts';
import type { Side } from '../plan/side.ts';
import { findShortage, plannedBytes, type SnapshotSizes, snapshotsToMeasure } from '../plan/sizes.ts';
import type { Step } from '../plan/steps.ts';
import type { SyncPlan } from '../plan/sync-plan.ts';
import { ancestorsOf, type DatasetName, isWithin } from '../zfs/dataset-name.ts';
import { ZferryError } from '../zfs/failure.ts';
import { pendingGuid } from '../zfs/guid.ts';
import { snapshotSizesArgs } from '../zfs/list-args.ts';
import { parseSnapshotSizes } from '../zfs/points-output.ts';
import { portions } from '../zfs/portions.ts';
import { estimateArgs } from '../zfs/send-args.ts';
import { parseEstimate } from '../zfs/send-output.ts';
import { withKeptCopy } from './kept-copy.ts';
import { commandError, firstFailure } from './problem.ts';
import type { World } from './world.ts';

/** Above this part of the room that is left, `zfs send -nP` is asked for a closer size. */
const tight = 0.8;

/**
 * The sizes that the plan's estimates need. Asks only for what will be sent, and nothing where all of it is still to
 * be snapshotted.
 * @throws ZferryError from the table of errors
 */
export async function measure(world: World, plan: SyncPlan, source: Side): Promise<SnapshotSizes> {
  const names = snapshotsToMeasure(plan, source.datasets);
  if (names.length === 0) return new Map();
  const { host } = source.place;
  const commands = portions(names).map((part) => ({ argv: snapshotSizesArgs(part) }));
  const { results } = await world.hosts.run({ host, commands }, { signal: world.signal });
  const failed = firstFailure(results);
  if (failed) throw commandError(host, failed, 'Asking for the size of what is to be sent');
  return parseSnapshotSizes(results.map(({ stdout }) => stdout).join(''));
}

/**
 * Holds the sizes against the room on the target, before anything is sent.
 * @throws ZferryError `no-space`
 */
export async function checkRoom(world: World, plan: SyncPlan, target: Side): Promise<void> {
  // What is let go holds room that nobody can tell beforehand; the plan is made anew when it is gone.
  if (plan.datasets.some((one) => one.letGo !== undefined)) return;
  const room = roomOn(target);
  const scaled = new Map([...room].map(([name, bytes]) => [name, bytes * tight]));
  if (findShortage(plan, scaled) === undefined) return;
  const shortage = findShortage(await withEstimates(world, plan), room);
  if (shortage === undefined) return;
  const { dataset, needed, available } = shortage;
  const error = new ZferryError({
    code: 'no-space',
    host: target.place.host,
    message: `${dataset} ${onHost(target.place.host)} has room for ${formatBytes(available)}, and ${formatBytes(needed)} are to come`,
    meaning: 'the pool is too full, or a quota on the dataset or above it is too small; nothing was sent',
    next: `look ${onHost(target.place.host)} at: ${quoteArgv(['zfs', 'list', '-o', 'space,quota,refquota', ...ancestorsOf(dataset), dataset])}`,
  });
  const partial = plan.datasets.find((one) => isWithin(one.target, dataset) && isResumed(one));
  throw partial === undefined ? error : withKeptCopy(error, partial.target, true);
}

function isResumed({ decision }: DatasetPlan): boolean {
  return decision.kind === 'send' && decision.steps[0]?.stream.kind === 'resume';
}

function roomOn(target: Side): Map<DatasetName, number> {
  const nearest = target.datasets.length > 0 ? [] : target.ancestors.slice(-1);
  return new Map([...nearest, ...target.datasets].map(({ name, available }) => [name, available]));
}

/**
 * illumos estimates no increment from a bookmark: what the plan says of it stays, which is at least what will come.
 * @see https://github.com/illumos/illumos-gate/blob/master/usr/src/cmd/zfs/zfs_main.c zfs_do_send
 */
function isUnestimated({ stderr }: CommandResult): boolean {
  return /Unsupported flag with filesystem or bookmark/.test(stderr);
}

/** The plan with what `zfs send -nP` says of each step whose snapshots are all there. */
async function withEstimates(world: World, plan: SyncPlan): Promise<SyncPlan> {
  const { host } = plan.source;
  const asked: { readonly step: Step; readonly argv: string[] }[] = [];
  for (const { source, decision } of plan.datasets) {
    if (decision.kind !== 'send') continue;
    for (const step of decision.steps) {
      if (step.stream.to.guid !== pendingGuid)
        asked.push({ step, argv: estimateArgs(source, step.stream, decision.flags) });
    }
  }
  if (asked.length === 0 || plannedBytes(plan) === 0) return plan;
  const commands = asked.map(({ argv }) => ({ argv, optional: true as const }));
  const { results } = await world.hosts.run({ host, commands }, { signal: world.signal });
  const failed = firstFailure(results.filter((result) => !isUnestimated(result)));
  if (failed) throw commandError(host, failed, 'Estimating the size of what is to be sent');
  const sizes = new Map(
    asked.flatMap(({ step }, i) => {
      const result = results[i];
      return result?.status === 0 ? [[step, parseEstimate(result.stdout)] as const] : [];
    }),
  );
  const datasets = plan.datasets.map((one) => {
    if (one.decision.kind !== 'send') return one;
    const steps = one.decision.steps.map((step) => {
      const bytes = sizes.get(step);
      return bytes === undefined ? step : { ...step, bytes };
    });
    return { ...one, decision: { ...one.decision, steps } };
  });
  return { ...plan, datasets };
}
