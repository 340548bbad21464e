import type { EngineEvent } from '../engine/events.ts';
import { problemOf } from '../engine/problem.ts';
import { bytesSent, type DatasetResult, exitCodeOf, type SyncResult } from '../engine/sync-result.ts';
import { count, formatBytes, formatDuration } from '../plan/format.ts';
import { placeText } from '../plan/place.ts';
import { conflictJson, planJson, remedyJson, snapshotJson } from '../plan/plan-json.ts';
import { conflictText, lostBy, streamText } from '../plan/plan-text.ts';
import type { Remedy } from '../plan/remedy.ts';
import { isStopped } from '../plan/tree-rules.ts';
import { keptText, lossText } from '../plan/vanished-text.ts';
import type { DatasetName } from '../zfs/dataset-name.ts';
import type { ZferryError } from '../zfs/failure.ts';
import { errorText } from './error-text.ts';

/** One event as a line of talk; `undefined` for those that say nothing by themselves. */
export function eventText(event: EngineEvent): string | undefined {
  switch (event.kind) {
    case 'planned':
      if (event.plan.snapshot.kind !== 'none' || event.plan.datasets.every(isStopped)) return undefined;
      return `no own snapshot: ${event.plan.snapshot.reason}`;
    case 'snapshot-taken':
      return `snapshot @${event.name} taken of ${count(event.datasets.length, 'dataset')}`;
    case 'parent-created':
      return `created ${event.target}, which only holds what is below it`;
    case 'step-started':
      return undefined;
    case 'step-progress':
      return undefined;
    case 'step-ended': {
      const size = event.step.bytes === undefined ? '' : `about ${formatBytes(event.step.bytes)} `;
      const verb = event.step.stream.kind === 'resume' ? 'resumed' : 'sent';
      return `${verb} ${event.source} ${streamText(event.step)} → ${event.target}: ${size}in ${formatDuration(event.ms)}`;
    }
    case 'dataset-failed':
      return undefined; // stands in the summary
    case 'dataset-skipped':
      return undefined;
    case 'verified':
      return undefined;
    case 'rotated':
      return `rotated ${event.dataset}: destroyed ${event.names.map((name) => `@${name}`).join(', ')}`;
    case 'pruned':
      return `warning: destroyed ${event.target}, whose source is gone, as asked: ${lossText(event)}`;
    case 'let-go':
      return `let go of the rest of an interrupted receive into ${event.target}: ${event.reason}`;
    case 'renamed':
      return `renamed ${event.from} to ${event.to}, as its source is called now`;
    case 'healed':
      return healedText(event.target, event.remedy);
    case 'waiting':
      return `waiting for another run to ${event.target}: ${event.holder}`;
    case 'retrying':
      return `${event.problem.message}; trying again in ${formatDuration(event.ms)} (${event.failures} of ${event.of})`;
    case 'note':
      return event.message;
    case 'warning':
      return `warning: ${event.message}`;
  }
}

function healedText(target: DatasetName, remedy: Remedy): string {
  switch (remedy.kind) {
    case 'rename-snapshot':
      return `warning: renamed ${target}@${remedy.from} to @${remedy.to}: ${remedy.conflict.message}`;
    case 'rollback':
      return `warning: rolled ${target} back to @${remedy.base.target.name}, as asked, and destroyed ${lostBy(remedy)}: ${remedy.conflict.message}`;
    case 'set-aside':
      return remedy.empty
        ? `moved ${target} out of the way until its copy has arrived: ${remedy.conflict.message}`
        : `warning: set ${target} aside as ${remedy.copy}: ${remedy.conflict.message}`;
  }
}

/** The result as a person reads it: failures first, then one line for all. */
export function resultText(result: SyncResult): string {
  const { plan, datasets, startedAt, endedAt } = result;
  const sent = datasets.filter(({ outcome }) => outcome.kind === 'sent');
  const good = datasets.filter(({ outcome }) => outcome.kind === 'sent' || outcome.kind === 'nothing').length;
  const snapshots = sent.reduce(
    (sum, { outcome }) => sum + (outcome.kind === 'sent' ? outcome.snapshots.length : 0),
    0,
  );
  const failures = datasets
    .map((one) => failureText(one, plan.target.host))
    .filter((text) => text !== undefined);
  const bad = datasets.length - good;
  const where = `${placeText(plan.source)} → ${placeText(plan.target)}`;
  const did =
    sent.length === 0
      ? `nothing to send${good > 1 ? `, ${count(good, 'dataset')} up to date` : ''}`
      : `${count(snapshots, 'snapshot')} of ${count(sent.length, 'dataset')} sent, about ${formatBytes(bytesSent(result))} ` +
        `in ${formatDuration(endedAt - startedAt)}; all found on the target by GUID`;
  const pruned = new Set(result.pruned.map(({ name }) => name));
  const left = plan.vanished.filter(({ name }) => !pruned.has(name));
  const gone =
    pruned.size === 0 ? '' : `; destroyed, their source was gone for long enough: ${[...pruned].join(', ')}`;
  const kept =
    left.length === 0 ? '' : `; kept on the target, their source is gone: ${left.map(keptText).join(', ')}`;
  const tail = bad === 0 ? '' : `; ${count(bad, 'dataset')} of ${datasets.length} did not go on, see above`;
  return `${failures.join('')}${where}: ${good === 0 ? nothingText(datasets) : did}${tail}${gone}${kept}\n`;
}

/** What failed on its way may have brought a part of a snapshot. */
function nothingText(datasets: readonly DatasetResult[]): string {
  const tried = datasets.some(({ outcome }) => outcome.kind === 'failed' && outcome.planned !== undefined);
  const arrived = datasets.reduce(
    (sum, { outcome }) => sum + ('snapshots' in outcome ? outcome.snapshots.length : 0),
    0,
  );
  if (arrived > 0) return `${count(arrived, 'snapshot')} arrived, and then it failed`;
  return tried ? 'no snapshot has arrived whole' : 'nothing sent';
}

function failureText({ source, target, outcome }: DatasetResult, host: string): string | undefined {
  switch (outcome.kind) {
    case 'sent':
    case 'nothing':
      return undefined;
    case 'refused':
      return conflictText({ host, dataset: target }, outcome.conflict);
    case 'failed':
      return errorText(outcome.problem, true);
    case 'skipped':
      return `zferry: ${source} was skipped: ${outcome.reason}\n`;
  }
}

/** Plan and result as plain data. */
export function resultJson(result: SyncResult) {
  return {
    plan: planJson(result.plan),
    result: {
      exitCode: exitCodeOf(result),
      startedAt: new Date(result.startedAt).toISOString(),
      ms: result.endedAt - result.startedAt,
      bytes: bytesSent(result),
      datasets: result.datasets.map(({ source, target, outcome }) => ({
        source,
        target,
        ...outcomeJson(outcome),
      })),
      healed: result.healed.map(({ target, remedy }) => ({ target, ...remedyJson(remedy) })),
      destroyed: result.pruned,
      rotated: [...result.rotated].map(([dataset, snapshots]) => ({ dataset, snapshots })),
    },
  };
}

/** An error as plain data. */
export function errorJson(error: ZferryError) {
  return { error: { ...problemOf(error), exitCode: error.exitCode } };
}

function outcomeJson(outcome: DatasetResult['outcome']) {
  switch (outcome.kind) {
    case 'sent':
      return {
        outcome: 'sent',
        snapshots: outcome.snapshots.map(snapshotJson),
        bytes: outcome.bytes,
        ms: outcome.ms,
      };
    case 'nothing':
      return { outcome: 'nothing', reason: outcome.reason };
    case 'refused':
      return { outcome: 'refused', conflict: conflictJson(outcome.conflict) };
    case 'failed':
      return { outcome: 'failed', error: outcome.problem, snapshots: outcome.snapshots.map(snapshotJson) };
    case 'skipped':
      return { outcome: 'skipped', reason: outcome.reason };
  }
}
