import type { PipeResult } from '../host/hosts.ts';
import type { DatasetPlan } from '../plan/dataset-plan.ts';
import type { Step } from '../plan/steps.ts';
import type { SyncPlan } from '../plan/sync-plan.ts';
import { ZferryError } from '../zfs/failure.ts';
import { receiveArgs } from '../zfs/receive-args.ts';
import { sendArgs } from '../zfs/send-args.ts';
import { parseProgress } from '../zfs/send-output.ts';
import { pointName } from '../zfs/snapshot.ts';
import { commandError, saidText } from './problem.ts';
import type { World } from './world.ts';

/** From this size on a stream reports its progress: asking for it delays the first byte. */
const worthProgress = 16 * 1024 * 1024;

/**
 * One `zfs send` into one `zfs receive`.
 * @param properties set by this receive; empty on all but a dataset's first
 * @returns `undefined`, or the error of the end that failed by itself
 * @throws ZferryError where the connection was lost or the run cancelled: nothing more can be sent
 */
export async function sendStep(
  world: World,
  plan: SyncPlan,
  dataset: DatasetPlan & { readonly decision: { readonly kind: 'send' } },
  step: Step,
  properties: Readonly<Record<string, string>>,
): Promise<ZferryError | undefined> {
  const { source, target, decision } = dataset;
  const fromBookmark = step.stream.kind !== 'full' && step.stream.from.kind === 'bookmark';
  const progress = (step.bytes ?? 0) >= worthProgress && !fromBookmark;
  const stages = [
    {
      host: plan.source.host,
      commands: [{ argv: sendArgs(source, step.stream, decision.flags, { progress }) }],
    },
    { host: plan.target.host, commands: [{ argv: receiveArgs(target, properties) }] },
  ];
  const counter = progressCounter();
  const started = world.now();
  world.report({ kind: 'step-started', source, target, step });
  const result = await world.hosts.pipe(stages, {
    signal: world.signal,
    onStderrLine: (stage, line) => {
      const bytes = stage === 0 ? counter(line) : undefined;
      if (bytes !== undefined) world.report({ kind: 'step-progress', source, bytes, of: step.bytes });
    },
  });
  if (!result.ok)
    return pipeError(result, stages, `Sending ${pointName(source, step.stream.to)} to ${target}`);
  const talk = saidText(result.stages[1]?.stderr ?? '');
  if (talk !== '') world.report({ kind: 'warning', message: `${target} was received, but: ${talk}` });
  world.report({ kind: 'step-ended', source, target, step, ms: world.now() - started });
  return undefined;
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

function pipeError(
  result: PipeResult,
  stages: readonly {
    readonly host: string;
    readonly commands: readonly { readonly argv: readonly string[] }[];
  }[],
  doing: string,
): ZferryError {
  const cause = result.cause;
  const stage = cause && stages[cause.stage];
  if (cause === undefined || stage === undefined) {
    return new ZferryError({ code: 'command-failed', message: `${doing} failed, and no stage says why` });
  }
  const argv = stage.commands[0]?.argv ?? [];
  return commandError(stage.host, { argv, stderr: cause.stderr, status: cause.status }, doing);
}
