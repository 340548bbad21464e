import type { PipeResult, Stage } from '../host/hosts.ts';
import type { DatasetPlan } from '../plan/dataset-plan.ts';
import { onHost } from '../plan/place.ts';
import type { Step } from '../plan/steps.ts';
import type { SyncPlan } from '../plan/sync-plan.ts';
import { ZferryError } from '../zfs/failure.ts';
import { holdArgs, holdTag } from '../zfs/hold-args.ts';
import { receiveArgs } from '../zfs/receive-args.ts';
import { sendArgs } from '../zfs/send-args.ts';
import { parseProgress } from '../zfs/send-output.ts';
import { pointName } from '../zfs/snapshot.ts';
import { holdFault } from './holds.ts';
import { withKeptCopy } from './kept-copy.ts';
import { commandError, saidText } from './problem.ts';
import type { RunState } from './run-state.ts';
import { type StallWatch, watchStall } from './stall.ts';
import type { World } from './world.ts';

/**
 * From this size on a step reports its progress, and its two ends are held on the source until it is finished. Less is sent anew in
 * the time that holding takes (a transaction group for each).
 */
const worthWatching = 1024 * 1024;

export type SendOptions = {
  /** Set by this receive; empty on all but a dataset's first. */
  readonly properties: Readonly<Record<string, string>>;
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

/**
 * One `zfs send` into one `zfs receive`.
 * @returns `undefined`, or the error of the end that failed by itself
 * @throws ZferryError where the connection was lost or the run cancelled: nothing more can be sent
 */
export async function sendStep(
  world: World,
  plan: SyncPlan,
  dataset: DatasetPlan & { readonly decision: { readonly kind: 'send' } },
  step: Step,
  options: SendOptions,
  state: RunState,
): Promise<ZferryError | undefined> {
  const { source, target } = dataset;
  const hold = pointsToHold(dataset, step).filter((name) => !state.held.has(name));
  for (const name of hold) state.held.add(name);
  const stages = stagesOf(plan, dataset, step, options, hold);
  const counter = progressCounter();
  const started = world.now();
  world.report({ kind: 'step-started', source, target, step });
  const watch =
    options.stallMs === undefined ? undefined : watchStall(world, plan.target.host, target, options.stallMs);
  const doing = `Sending ${pointName(source, step.stream.to)} to ${target}`;
  let result: PipeResult;
  try {
    result = await world.hosts.pipe(stages, {
      mark: options.mark,
      direct: options.direct,
      signal: eitherSignal(world.signal, watch?.signal),
      onStderrLine: (stage, line) => {
        const bytes = stage === 0 ? counter(line) : undefined;
        if (bytes !== undefined) world.report({ kind: 'step-progress', source, bytes, of: step.bytes });
      },
    });
  } catch (error) {
    if (watch?.signal.aborted !== true || world.signal?.aborted === true) throw error;
    return stalled(plan, doing, options.stallMs ?? 0);
  } finally {
    watch?.stop();
  }
  if (!result.ok) return withKeptCopy(pipeError(result, stages, doing), target, options.resumable);
  tellTalk(world, plan, dataset, result, state);
  world.report({ kind: 'step-ended', source, target, step, ms: world.now() - started });
  return undefined;
}

function stagesOf(
  plan: SyncPlan,
  { source, target, decision, replaces }: DatasetPlan & { readonly decision: { readonly kind: 'send' } },
  step: Step,
  { properties, resumable, limiter, direct }: SendOptions,
  hold: readonly string[],
): Stage[] {
  const { stream, bytes = 0 } = step;
  const receiving = { resumable, replaces: replaces === true && step === decision.steps[0] };
  const fromBookmark = stream.kind !== 'full' && stream.from?.kind === 'bookmark';
  const progress = bytes >= worthWatching && !fromBookmark;
  const holding = { argv: holdArgs(holdTag(plan.id), hold), optional: true as const };
  const sending = { argv: sendArgs(source, stream, decision.flags, { progress }) };
  return [
    { host: plan.source.host, commands: hold.length > 0 ? [holding, sending] : [sending] },
    ...(limiter ? [{ host: direct ? plan.source.host : '', commands: [{ argv: limiter }] }] : []),
    { host: plan.target.host, commands: [{ argv: receiveArgs(target, properties, receiving) }] },
  ];
}

/** Both ends of a step, as far as they are snapshots: a bookmark cannot be destroyed by a rotation. */
function pointsToHold({ source }: DatasetPlan, { stream, bytes }: Step): string[] {
  const resumed = stream.kind === 'resume';
  if (!resumed && bytes !== undefined && bytes < worthWatching) return [];
  const from = stream.kind === 'full' ? undefined : stream.from;
  const ends = from?.kind === 'snapshot' ? [from, stream.to] : [stream.to];
  return ends.map((point) => pointName(source, point));
}

function tellTalk(
  world: World,
  plan: SyncPlan,
  { target }: DatasetPlan,
  { stages }: PipeResult,
  { warned }: RunState,
): void {
  const talk = saidText(stages.at(-1)?.stderr ?? '');
  if (talk !== '') world.report({ kind: 'warning', message: `${target} was received, but: ${talk}` });
  const fault = holdFault(plan.source.host, stages[0]?.stderr ?? '');
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

function eitherSignal(
  one: AbortSignal | undefined,
  other: StallWatch['signal'] | undefined,
): AbortSignal | undefined {
  return one && other ? AbortSignal.any([one, other]) : (one ?? other);
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
  const argv = stage.commands.at(-1)?.argv ?? [];
  return commandError(stage.host, { argv, stderr: cause.stderr, status: cause.status }, doing);
}
