import type { PipeResult, Stage } from '../host/hosts.ts';
import { propertyBytes } from '../plan/given-properties.ts';
import { onHost } from '../plan/place.ts';
import type { SyncPlan } from '../plan/sync-plan.ts';
import { ZferryError } from '../zfs/failure.ts';
import { holdArgs, holdTag } from '../zfs/hold-args.ts';
import { receiveArgs } from '../zfs/receive-args.ts';
import { sendArgs } from '../zfs/send-args.ts';
import { parseProgress } from '../zfs/send-output.ts';
import { pointName } from '../zfs/snapshot.ts';
import { eitherSignal } from './either-signal.ts';
import { holdFault } from './holds.ts';
import { withKeptCopy } from './kept-copy.ts';
import { commandError, filterError, saidText } from './problem.ts';
import type { RunState } from './run-state.ts';
import type { Turn } from './send-queue.ts';
import { watchStall } from './stall.ts';
import { stagesBetween } from './way.ts';
import type { World } from './world.ts';

/**
 * From this size on a step goes alone and reports its progress, and its two ends are held on the source until it is finished. Less is sent
 * anew in the time that holding takes (a transaction group for each), and travels with others.
 */
const worthWatching = 1024 * 1024;

/** Bytes of properties with which a first step still shares the shell's line of a train. */
const mostWords = 1000;

/** Whether a step can share a pipeline with others. */
export function isSmall({ dataset, step, index }: Turn): boolean {
  const wordy = index === 0 && propertyBytes(dataset.decision.properties) > mostWords;
  const alone = step.stream.kind === 'resume' || dataset.replaces === true || wordy;
  return !alone && step.bytes !== undefined && step.bytes < worthWatching;
}

export type SendOptions = {
  /** The target's pool can keep what arrived of a step that is cut off. */
  readonly resumable: boolean;
  /** The words of a program that lets a stream through at a set rate. */
  readonly limiter: readonly string[] | undefined;
  /** How long nothing may get on (milliseconds). */
  readonly stallMs: number | undefined;
  /** No data comes through this machine, although neither end is here. */
  readonly direct: boolean;
  /** Tells whose receive it is. */
  readonly mark: string;
};

/** What became of the steps of a train; those that are in neither list were not tried. */
export type TrainEnd = { readonly arrived: readonly Turn[]; readonly failures: readonly Failure[] };

export type Failure = { readonly turn: Turn; readonly error: ZferryError };

/**
 * One pipeline: a step of one dataset, or a train of small steps of several, `zfs send` after `zfs send` into `zfs receive` after `zfs
 * receive`. A receive reads its own stream and no more, and each end stops at its first failure, so that none is given the stream of
 * another.
 * @throws ZferryError where the connection was lost or the run cancelled: nothing more can be sent
 */
export async function sendTrain(
  world: World,
  plan: SyncPlan,
  turns: readonly Turn[],
  options: SendOptions,
  state: RunState,
): Promise<TrainEnd> {
  const [first] = turns;
  if (first === undefined) return { arrived: [], failures: [] };
  const hold = turns.flatMap(pointsToHold).filter((name) => !state.held.has(name));
  for (const name of hold) state.held.add(name);
  const stages = stagesOf(plan, turns, options, hold);
  const counter = progressCounter();
  const started = world.now();
  for (const { dataset, step } of turns) {
    const { source, target } = dataset;
    world.report({ kind: 'step-started', source, target, step });
  }
  const targets = turns.map(({ dataset }) => dataset.target);
  const watch =
    options.stallMs === undefined ? undefined : watchStall(world, plan.target.host, targets, options.stallMs);
  let result: PipeResult;
  try {
    result = await world.hosts.pipe(stages, {
      mark: options.mark,
      direct: options.direct,
      signal: eitherSignal(world.signal, watch?.signal),
      onStderrLine: (stage, line) => {
        const bytes = stage === 0 ? counter(line) : undefined;
        if (bytes === undefined) return;
        world.report({ kind: 'step-progress', source: first.dataset.source, bytes, of: first.step.bytes });
      },
    });
  } catch (error) {
    if (watch?.signal.aborted !== true || world.signal?.aborted === true) throw error;
    // How far it came is not known; the proof finds what has arrived.
    const failures = turns.map((turn) => ({
      turn,
      error: stalled(plan, doingOf(turn), options.stallMs ?? 0),
    }));
    return { arrived: [], failures };
  } finally {
    watch?.stop();
  }
  const arrived = turns.slice(0, result.ok ? turns.length : howMany(result));
  tellTalk(world, plan, arrived, result, state);
  const ms = (world.now() - started) / Math.max(arrived.length, 1);
  for (const { dataset, step } of arrived) {
    const { source, target } = dataset;
    world.report({ kind: 'step-ended', source, target, step, ms });
  }
  if (result.ok) return { arrived, failures: [] };
  const sending = failedSend(result, stages) - (hold.length > 0 ? 1 : 0);
  const failed = turns[Math.max(arrived.length, sending)];
  const error = pipeError(result, stages, doingOf(turns[sending] ?? failed ?? first));
  if (failed === undefined || (sending >= 0 && sending < arrived.length)) {
    // All of it had been sent, and it arrived.
    world.report({ kind: 'warning', message: `${error.message}; what it was to bring has arrived` });
    return { arrived, failures: [] };
  }
  const kept = withKeptCopy(error, failed.dataset.target, options.resumable);
  return { arrived, failures: [{ turn: failed, error: kept }] };
}

/** Receives that ended well before the first that did not. */
function howMany({ stages }: PipeResult): number {
  const statuses = stages.at(-1)?.statuses ?? [];
  const failed = statuses.findIndex((status) => status !== 0);
  return failed === -1 ? Math.max(statuses.length - 1, 0) : failed;
}

/** The index of the command by which the sending end failed by itself, ahead of the receiving end or behind it; below 0 where it did not. */
function failedSend({ cause, stages }: PipeResult, sent: readonly Stage[]): number {
  return cause?.stage === 0 ? failedCommand(stages[0]?.statuses ?? [], sent[0]) : -1;
}

/** The index of the command that stopped a stage; `-1` where none did. */
function failedCommand(statuses: readonly (number | undefined)[], stage: Stage | undefined): number {
  return statuses.findIndex(
    (status, i) => status !== undefined && status !== 0 && stage?.commands[i]?.optional !== true,
  );
}

function doingOf({ dataset, step }: Turn): string {
  return `Sending ${pointName(dataset.source, step.stream.to)} to ${dataset.target}`;
}

function stagesOf(
  plan: SyncPlan,
  turns: readonly Turn[],
  { resumable, limiter }: SendOptions,
  hold: readonly string[],
): Stage[] {
  const holding = { argv: holdArgs(holdTag(plan.id), hold), optional: true as const };
  const sending = turns.map(({ dataset: { source, decision }, step: { stream, bytes = 0 } }) => {
    const fromBookmark = stream.kind !== 'full' && stream.from?.kind === 'bookmark';
    const progress = bytes >= worthWatching && !fromBookmark;
    return { argv: sendArgs(source, stream, decision.flags, { progress }) };
  });
  const receiving = turns.map(({ dataset: { target, decision, replaces }, index }) => {
    const properties = index === 0 ? decision.properties : {};
    return {
      argv: receiveArgs(target, properties, { resumable, replaces: replaces === true && index === 0 }),
    };
  });
  return [
    { host: plan.source.host, commands: hold.length > 0 ? [holding, ...sending] : sending },
    ...stagesBetween(plan, turns, limiter),
    { host: plan.target.host, commands: receiving },
  ];
}

/** Both ends of a step, as far as they are snapshots: a bookmark cannot be destroyed by a rotation. */
function pointsToHold({ dataset: { source }, step: { stream, bytes } }: Turn): string[] {
  const resumed = stream.kind === 'resume';
  if (!resumed && bytes !== undefined && bytes < worthWatching) return [];
  const from = stream.kind === 'full' ? undefined : stream.from;
  const ends = from?.kind === 'snapshot' ? [from, stream.to] : [stream.to];
  return ends.map((point) => pointName(source, point));
}

function tellTalk(
  world: World,
  plan: SyncPlan,
  arrived: readonly Turn[],
  result: PipeResult,
  { warned }: RunState,
): void {
  for (const [index, { dataset }] of arrived.entries()) {
    const talk = saidText(result.stages.at(-1)?.said[index] ?? '');
    if (talk !== '')
      world.report({ kind: 'warning', message: `${dataset.target} was received, but: ${talk}` });
  }
  const fault = holdFault(plan.source.host, result.stages[0]?.stderr ?? '');
  if (fault === undefined || warned.has(fault)) return;
  warned.add(fault);
  world.report({ kind: 'warning', message: fault });
}

/** `zfs send` counts each snapshot's bytes from zero; this adds them up over a stream of many. */
export function progressCounter(): (line: string) => number | undefined {
  let before = 0;
  let current = { snapshot: '', bytes: 0 };
  return (line) => {
    const progress = parseProgress(line);
    if (progress === undefined) return undefined;
    if (progress.snapshot !== current.snapshot) before += current.bytes;
    current = progress;
    return before + current.bytes;
  };
}

function stalled(plan: SyncPlan, doing: string, stallMs: number): ZferryError {
  return new ZferryError({
    code: 'stalled',
    host: plan.target.host,
    message: `${doing} was ended: nothing arrived ${onHost(plan.target.host)} for ${stallMs / 1000} s`,
    meaning: 'the disks, the network or one of the two ends stands still',
    next: 'run the same command again: it goes on from where it was; if it only takes long, give it more time: --stall 1h',
  });
}

function pipeError(result: PipeResult, stages: readonly Stage[], doing: string): ZferryError {
  const cause = result.cause;
  const stage = cause && stages[cause.stage];
  if (cause === undefined || stage === undefined) {
    return new ZferryError({ code: 'command-failed', message: `${doing} failed, and no stage says why` });
  }
  const ended = failedCommand(result.stages[cause.stage]?.statuses ?? [], stage);
  const argv = (stage.commands[ended] ?? stage.commands.at(-1))?.argv ?? [];
  const isEnd = cause.stage === 0 || cause.stage === stages.length - 1;
  return (isEnd ? commandError : filterError)(
    stage.host,
    { argv, stderr: cause.stderr, status: cause.status },
    doing,
  );
}
