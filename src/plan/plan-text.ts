import { type DatasetName, parentOf } from '../zfs/dataset-name.ts';
import { pendingGuid } from '../zfs/guid.ts';
import type { KnownFault } from '../zfs/known-faults.ts';
import { relativeName, type Snapshot } from '../zfs/snapshot.ts';
import type { Conflict } from './conflict.ts';
import type { DatasetPlan, Secrecy } from './decision.ts';
import { count, formatBytes } from './format.ts';
import { onHost, type Place, placeText } from './place.ts';
import { propertyText } from './property-text.ts';
import type { Remedy } from './remedy.ts';
import { plannedBytes } from './sizes.ts';
import type { Step } from './steps.ts';
import type { SyncPlan } from './sync-plan.ts';
import type { Trace } from './traces.ts';
import { isStopped } from './tree-rules.ts';
import { vanishedLine } from './vanished-text.ts';
import { wayText } from './way.ts';

/** The plan as a person reads it, every step with its reason. */
export function planText(plan: SyncPlan): string {
  const { snapshot } = plan;
  const way = wayText(plan, plan.way);
  const lines = [
    `Plan: ${placeText(plan.source)} → ${placeText(plan.target)}  (replica ${plan.id})`,
    snapshot.kind === 'none'
      ? `  no own snapshot: ${snapshot.reason}`
      : `  snapshot  @${snapshot.name} on ${count(snapshot.datasets.length, 'dataset')}, at one moment`,
    ...(plan.direct ? [routeLine(plan)] : []),
    ...plan.renames.map(({ from, to }) => `  rename    ${from} to ${to}: its source has that name now`),
    ...plan.promotes.map((name) => `  promote   ${name}: its source was promoted, too`),
    ...(way === undefined ? [] : [`  data      ${way}`]),
    ...plan.parents.map(
      (name) => `  create    ${name}: not there yet; only holds what is below it, never mounted`,
    ),
    ...plan.datasets.flatMap((one) => [
      ...letGoLine(one),
      ...(one.remedies ?? []).map((remedy) => `  ${remedyText(one.target, remedy)}`),
      ...datasetLines(one, plan.target.host),
    ]),
    ...plan.excluded.map(({ name, reason }) => `  leave     ${name}: ${reason}`),
    ...plan.vanished.map(vanishedLine),
    ...plan.returned.map((name) => `  unmark    ${name}: a source of that name is there again`),
    ...plan.reserve.map((name) => `  reserve   ${name}: room for all of the volume`),
    ...[...plan.rotate, ...plan.rotateCopies].map(
      ([name, names]) => `  rotate    ${name}: destroys ${names.map((one) => `@${one}`).join(', ')}`,
    ),
    ...plan.notes.map((note) => `  note      ${note}`),
    ...plan.warnings.map((warning) => `  beware    ${warning}`),
    ...plan.faults.map((fault) => `  beware    ${faultText(fault)}`),
    summaryLine(plan),
  ];
  return `${lines.join('\n')}\n`;
}

/** What a conflict is, what to do, and both histories since the last common snapshot. */
export function conflictText(target: Place, conflict: Conflict): string {
  const since = conflict.base
    ? `since the last common snapshot, @${conflict.base.target.name}`
    : 'nothing in common';
  const lines = [
    `${target.dataset} cannot go on: ${conflict.message}`,
    ...(conflict.target.length > 0
      ? [
          `  histories (${since}):`,
          `    only on the source: ${snapshotList(conflict.sourceOnly)}`,
          `    only on the target: ${snapshotList(conflict.targetOnly)}`,
        ]
      : []),
    ...[...conflict.details].map(([name, { holds, clones }]) => `    @${name} ${keptBy(holds, clones)}`),
    ...(conflict.written > 0 && conflict.target.length > 0
      ? [`    written on the target since its newest snapshot: ${formatBytes(conflict.written)}`]
      : []),
    ...(conflict.traces.length > 0 ? ['  the last that was done to it:'] : []),
    ...conflict.traces.map(traceLine),
    '  Nothing of its data was changed.',
    `  What to do: ${conflict.next}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** The clock is that of its host. */
function traceLine({ host, at, user, command }: Trace): string {
  return `    ${at} ${onHost(host)}${user === undefined ? '' : `, ${user}`}: ${command}`;
}

function keptBy(holds: readonly string[], clones: readonly string[]): string {
  const parts = [
    ...(holds.length > 0 ? [`is held by ${holds.map((tag) => `"${tag}"`).join(', ')}`] : []),
    ...(clones.length > 0 ? [`has a clone: ${clones.join(', ')}`] : []),
  ];
  return parts.join(' and ');
}

/** `-i @a @b`, `-I @a @b` or `@a`: what is sent, as `zfs send` takes it. */
export function streamText({ stream }: Step): string {
  switch (stream.kind) {
    case 'full':
      return `full @${stream.to.name}`;
    case 'increment':
      return `-i ${relativeName(stream.from)} @${stream.to.name}`;
    case 'increments':
      return `-I ${relativeName(stream.from)} @${stream.to.name}`;
    case 'resume':
      return `rest of @${stream.to.name}`;
  }
}

function secrecyText(secrecy: Secrecy | undefined): string {
  switch (secrecy) {
    case 'exposed':
      return ', IN PLAIN (encrypted on the source, and not on the target)';
    case 'by its parent':
      return ' (encrypted there with the key of its parent)';
    case 'its own key':
      return ' (encrypted there with the key that --encrypt gives)';
    case 'plain':
    case 'raw':
    case undefined:
      return '';
  }
}

function letGoLine({ target, letGo }: DatasetPlan): string[] {
  return letGo === undefined ? [] : [`  let go    ${target}: the rest of an interrupted receive; ${letGo}`];
}

/** What is done to a target that has diverged, with what is kept or lost. */
export function remedyText(target: DatasetName, remedy: Remedy): string {
  switch (remedy.kind) {
    case 'rename-snapshot':
      return `rename    ${target}@${remedy.from} to @${remedy.to}: ${remedy.conflict.message}`;
    case 'rollback': {
      const { base, conflict } = remedy;
      return `roll back ${target} to @${base.target.name}: DESTROYS ${lostBy(remedy)}; ${conflict.message}`;
    }
    case 'set-aside': {
      const { copy, base, conflict } = remedy;
      if (remedy.empty) {
        return `move      ${target} to ${copy} until its copy has arrived: nothing is in it that would be missed; ${conflict.message}`;
      }
      const how = base
        ? `what both sides have, up to @${base.target.name}, takes its place and is not sent again`
        : 'nothing of it can be used, a full copy takes its place, and there must be room for both';
      return `set aside ${target} as ${copy}, with all that only it has: ${how}; ${conflict.message}`;
    }
  }
}

/** What a rollback destroys. */
export function lostBy({ loses, written }: Extract<Remedy, { kind: 'rollback' }>): string {
  return [
    ...(loses.length > 0 ? [snapshotList(loses)] : []),
    ...(written > 0 ? [`${formatBytes(written)} written since its newest snapshot`] : []),
  ].join(' and ');
}

function datasetLines({ source, target, decision, replaces }: DatasetPlan, host: string): string[] {
  switch (decision.kind) {
    case 'send': {
      const raw = decision.flags.raw ? ', raw (stays encrypted)' : secrecyText(decision.secrecy);
      const set = Object.entries(decision.properties).map(([name, value]) => propertyText(name, value));
      return [
        ...decision.steps.map((step) => {
          const size = step.bytes === undefined ? '' : `, about ${formatBytes(step.bytes)}`;
          const verb = step.stream.kind === 'resume' ? 'resume' : 'send  ';
          return `  ${verb}    ${source} ${streamText(step)} → ${target}${size}${raw}: ${step.reason}`;
        }),
        ...(replaces
          ? [
              `            takes the place of ${parentOf(target) === undefined ? 'the root of the empty pool' : 'the empty placeholder'} ${target}`,
            ]
          : []),
        ...(set.length > 0 ? [`            arrives unmounted with ${set.join(' ')}`] : []),
      ];
    }
    case 'left':
      return [`  leave     ${decision.reason}`];
    case 'waits':
      return [`  wait      ${source}: ${decision.reason}`, ...laterLines(decision.later, host)];
    case 'up-to-date':
      return [`  nothing   ${source}: ${decision.reason}`];
    case 'blocked':
      return [`  blocked   ${source}: ${decision.reason}. What to do: ${decision.next}`];
    case 'refused':
      return [
        `  refused   ${conflictText({ host, dataset: target }, decision.conflict).trimEnd().replaceAll('\n', '\n          ')}`,
      ];
  }
}

/** What comes once the waiting is over. */
function laterLines(later: DatasetPlan | undefined, host: string): string[] {
  if (later === undefined || later.decision.kind === 'up-to-date') return [];
  const remedies = (later.remedies ?? []).map((remedy) => remedyText(later.target, remedy));
  return [...remedies, ...datasetLines(later, host)].map((line) => `  then      ${line.trimStart()}`);
}

/** What a release of OpenZFS can do to this copy, and what to do. */
export function faultText({ id, link, meaning, next }: KnownFault): string {
  return `${meaning} (${id}, ${link}): ${next}`;
}

function routeLine({ source, target }: SyncPlan): string {
  return source.host === target.host
    ? `  data      stays on ${source.host}`
    : `  data      straight from ${source.host} to ${target.host}, by the ssh of ${source.host}`;
}

function summaryLine(plan: SyncPlan): string {
  const sending = plan.datasets.filter((one) => one.decision.kind === 'send').length;
  const stopped = plan.datasets.filter(isStopped).length;
  const destroyed = plan.vanished.filter(({ fate }) => fate.kind === 'destroyed').length;
  const parts = [
    sending === 0
      ? 'Nothing to send'
      : `${count(sending, 'dataset')} to send, about ${formatBytes(plannedBytes(plan))}`,
    ...(destroyed > 0 ? [`${count(destroyed, 'dataset')} to destroy, with what is below`] : []),
    ...(stopped > 0 ? [`${count(stopped, 'dataset')} cannot go on`] : []),
  ];
  return `${parts.join('; ')}. Nothing was changed.`;
}

function snapshotList(snapshots: readonly Snapshot[]): string {
  const shown = snapshots.slice(-10).map((s) => `@${s.name}${s.guid === pendingGuid ? '' : ` (${s.guid})`}`);
  const more = snapshots.length > shown.length ? `${snapshots.length - shown.length} older, ` : '';
  return shown.length === 0 ? 'no snapshot' : more + shown.join(', ');
}
