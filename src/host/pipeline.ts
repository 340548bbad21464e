/**
 * Runs a pipeline over several hosts. The bytes go from process to process through FIFOs; only stderr, statuses and
 * the reason of a failure pass here.
 */
import { cancelled } from './cancelled.ts';
import type { Child } from './child.ts';
import { endWatch } from './end-watch.ts';
import type { PipeOptions, PipeResult } from './hosts.ts';
import { type EndedStage, rootCause, stageEnd } from './root-cause.ts';
import type { PlacedStage, RunningStage } from './running-stage.ts';
import { terminate } from './terminate.ts';
import type { Tie } from './tie.ts';

export type RunPipeline = Omit<PipeOptions, 'direct'> & {
  readonly tie: Tie;
  /** A private folder, for the FIFOs. */
  readonly folder: string;
  /** As a person would type it. */
  readonly line: string;
  readonly now: () => number;
  /** How long those before one that failed may go on (milliseconds). */
  readonly graceMs: number;
};

export type Started = {
  readonly running: readonly RunningStage[];
  /** What stands between the stages. */
  readonly filters: readonly Child[];
};

/** How the stages are started and joined. */
export type StartStages = (stages: readonly PlacedStage[], options: RunPipeline) => Promise<Started>;

/** @throws {ZferryError} `cancelled`; `connection-lost` and its kin, where that is the cause. */
export async function runPipeline(
  start: StartStages,
  stages: readonly PlacedStage[],
  options: RunPipeline,
): Promise<PipeResult> {
  const { running, filters } = await start(stages, options);
  const children = [...new Set(running.map(({ child }) => child)), ...filters];
  const watch = endWatch(children, options.signal);
  const ended = await allEnded(running, options.graceMs);
  await Promise.all(filters.map(({ closed }) => closed));
  await watch.done();
  if (watch.reason() !== undefined) throw cancelled();

  const results = ended.map(({ result }) => result);
  const cause = rootCause(ended);
  if (cause === undefined) return { ok: true, stages: results };
  const lost = ended[cause.stage]?.lost === true ? running[cause.stage] : undefined;
  if (lost !== undefined) throw lost.explain(options.line);
  return { ok: false, stages: results, cause };
}

/**
 * Waits for all. When one has failed, those before it have the grace time to end by themselves: what they write has no reader. Those
 * after it end with their stream, and may still have a part of it to work through.
 */
async function allEnded(running: readonly RunningStage[], graceMs: number): Promise<readonly EndedStage[]> {
  const alive = new Set(running);
  const endedByUs = new Set<RunningStage>();
  const endings: Promise<void>[] = [];
  const timers: NodeJS.Timeout[] = [];
  const endBefore = (failed: RunningStage): void => {
    const before = running.slice(0, running.indexOf(failed)).filter((stage) => alive.has(stage));
    for (const stage of before) endedByUs.add(stage);
    endings.push(terminate([...new Set(before.map(({ child }) => child))]));
  };
  await Promise.all(
    running.map(async (stage) => {
      await stage.over;
      alive.delete(stage);
      const end = { ...stage.end(), endedByUs: endedByUs.has(stage) };
      if (stageEnd(end) !== 'fine') timers.push(setTimeout(() => endBefore(stage), graceMs));
      await stage.child.closed;
    }),
  );
  for (const timer of timers) clearTimeout(timer);
  await Promise.all(endings);
  return running.map((stage) => ({ ...stage.end(), endedByUs: endedByUs.has(stage) }));
}
