/**
 * Runs a pipeline over several hosts. The bytes go from process to process through FIFOs; only stderr, statuses and
 * the reason of a failure pass here.
 */
import { closeSync } from 'node:fs';
import { cancelled } from './cancelled.ts';
import type { Child } from './child.ts';
import { endWatch } from './end-watch.ts';
import { openFifos } from './fifo.ts';
import { greetingFilter } from './greeting-filter.ts';
import type { PipeOptions, PipeResult } from './hosts.ts';
import { type EndedStage, rootCause, stageEnd } from './root-cause.ts';
import { type PlacedStage, type RunningStage, startStage } from './running-stage.ts';
import { terminate } from './terminate.ts';
import type { Tie } from './tie.ts';

export type RunPipeline = PipeOptions & {
  readonly tie: Tie;
  /** A private folder, for the FIFOs. */
  readonly folder: string;
  /** As a person would type it. */
  readonly line: string;
  readonly now: () => number;
  /** How long the others may go on after one failed, to keep what they have (milliseconds). */
  readonly graceMs: number;
};

/** @throws {ZferryError} `cancelled`; `connection-lost` and its kin, where that is the cause. */
export async function runPipeline(stages: readonly PlacedStage[], options: RunPipeline): Promise<PipeResult> {
  const { running, filters } = await startAll(stages, options);
  const watch = endWatch([...running.map(({ child }) => child), ...filters], options.signal);
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

type Started = { readonly running: readonly RunningStage[]; readonly filters: readonly Child[] };

async function startAll(stages: readonly PlacedStage[], options: RunPipeline): Promise<Started> {
  const { tie, folder, now } = options;
  // Between two stages one FIFO, and another where a filter stands between them.
  const greeting = stages.slice(0, -1).filter(({ machine }) => machine.greets === 'yes').length;
  const fifos = await openFifos(folder, stages.length - 1 + greeting);
  const open = fifos.values();
  const running: RunningStage[] = [];
  const filters: Child[] = [];
  try {
    if (options.signal?.aborted === true) throw cancelled();
    let stdin: number | null = null;
    for (const [index, stage] of stages.entries()) {
      const link = index === stages.length - 1 ? undefined : open.next().value;
      const onLine = (line: string): void => options.onStderrLine?.(index, line);
      const started = startStage(stage, {
        tie,
        mark: options.mark,
        stdin,
        stdout: link?.write ?? null,
        now,
        onLine,
      });
      running.push(started);
      stdin = link?.read ?? null;
      const clean = started.streamAfter === undefined ? undefined : open.next().value;
      if (clean !== undefined && started.streamAfter !== undefined && link !== undefined) {
        filters.push(greetingFilter(tie, started.streamAfter, link.read, clean.write));
        stdin = clean.read;
      }
    }
    return { running, filters };
  } catch (error) {
    await terminate([...running.map(({ child }) => child), ...filters]);
    throw error;
  } finally {
    for (const { read, write } of fifos) {
      closeSync(read);
      closeSync(write);
    }
  }
}

/** Waits for all. When one has failed, the others have the grace time to end by themselves. */
async function allEnded(running: readonly RunningStage[], graceMs: number): Promise<readonly EndedStage[]> {
  const alive = new Set(running);
  const endedByUs = new Set<RunningStage>();
  let ending: Promise<void> = Promise.resolve();
  const endRest = (): void => {
    for (const stage of alive) endedByUs.add(stage);
    ending = terminate([...alive].map(({ child }) => child));
  };
  let timer: NodeJS.Timeout | undefined;
  const ended = await Promise.all(
    running.map(async (stage) => {
      const end = { ...(await stage.ended), endedByUs: endedByUs.has(stage) };
      alive.delete(stage);
      if (stageEnd(end) !== 'fine') timer ??= setTimeout(endRest, graceMs);
      return end;
    }),
  );
  clearTimeout(timer);
  await ending;
  return ended;
}
