import { closeSync } from 'node:fs';
import { cancelled } from './cancelled.ts';
import { chainsOf } from './chain.ts';
import type { Child } from './child.ts';
import { openFifos } from './fifo.ts';
import { greetingFilter } from './greeting-filter.ts';
import type { RunPipeline, Started } from './pipeline.ts';
import { type PlacedStage, type RunningStage, startChain } from './running-stage.ts';
import { terminate } from './terminate.ts';

/** Each chain is a process here, the command itself or an ssh, and FIFOs join them. @throws {ZferryError} `cancelled` */
export async function startJoined(stages: readonly PlacedStage[], options: RunPipeline): Promise<Started> {
  const { tie, folder, mark, now } = options;
  const chains = chainsOf(stages);
  // Between two chains one FIFO, and another where a filter stands between them.
  const greeting = chains.slice(0, -1).filter(([first]) => first?.machine.greets === 'yes').length;
  const fifos = await openFifos(folder, chains.length - 1 + greeting);
  const open = fifos.values();
  const running: RunningStage[] = [];
  const filters: Child[] = [];
  try {
    if (options.signal?.aborted === true) throw cancelled();
    let stdin: number | null = null;
    for (const [index, chain] of chains.entries()) {
      const link = index === chains.length - 1 ? undefined : open.next().value;
      const before = running.length;
      const onLine = (stage: number, line: string): void => options.onStderrLine?.(before + stage, line);
      const started = startChain(chain, { tie, mark, stdin, stdout: link?.write ?? null, now, onLine });
      running.push(...started.stages);
      stdin = link?.read ?? null;
      const clean = started.streamAfter === undefined ? undefined : open.next().value;
      if (clean !== undefined && started.streamAfter !== undefined && link !== undefined) {
        filters.push(greetingFilter(tie, started.streamAfter, link.read, clean.write));
        stdin = clean.read;
      }
    }
    return { running, filters };
  } catch (error) {
    await terminate([...new Set(running.map(({ child }) => child)), ...filters]);
    throw error;
  } finally {
    for (const { read, write } of fifos) {
      closeSync(read);
      closeSync(write);
    }
  }
}
