import type { EngineEvent, Report } from '../engine/events.ts';
import { remedyJson } from '../plan/plan-json.ts';
import type { Io } from './io.ts';
import { progressLine } from './progress-line.ts';
import { eventText } from './sync-text.ts';

export type ProgressMode = 'auto' | 'json' | 'none';

/** Erases the line that the cursor is on. */
const clearLine = '\r\u001B[K';

export type Talk = {
  readonly report: Report;
  /** Takes the moving line away, for what is printed after it. */
  readonly clear: () => void;
};

/** What a run says while it goes: lines, one moving line on a terminal, or a JSON object a line for machines. */
export function talk(io: Io, mode: ProgressMode, quiet: boolean): Talk {
  if (mode === 'json') {
    return { report: (event) => io.err(`${JSON.stringify(progressJson(event))}\n`), clear: () => undefined };
  }
  const moving = io.errIsTerminal && mode === 'auto' && !quiet;
  const lineOf = progressLine(io.now);
  const clear = (): void => {
    if (moving) io.err(clearLine);
  };
  const report: Report = (event) => {
    const line = moving ? lineOf(event) : undefined;
    if (line !== undefined) io.err(`${clearLine}${line}`);
    const text = quiet && !isHeardAlways(event) ? undefined : eventText(event);
    if (text === undefined) return;
    clear();
    io.err(`${text}\n`);
  };
  return { report, clear };
}

/** Warnings, and what was done to somebody's data. */
function isHeardAlways(event: EngineEvent): boolean {
  if (event.kind === 'healed') return event.remedy.kind !== 'set-aside' || !event.remedy.empty;
  return event.kind === 'warning' || event.kind === 'pruned';
}

function progressJson(event: EngineEvent): unknown {
  switch (event.kind) {
    case 'planned':
      return { event: event.kind, datasets: event.plan.datasets.length };
    case 'step-started':
    case 'step-ended': {
      const { kind, source, target, step } = event;
      return { event: kind, source, target, to: step.stream.to.name, bytes: step.bytes ?? null };
    }
    case 'verified':
      return { event: event.kind, target: event.target, snapshots: event.snapshots.map((one) => one.name) };
    case 'healed': {
      const { kind, target, remedy } = event;
      return { event: kind, target, remedy: remedyJson(remedy) };
    }
    case 'snapshot-taken':
    case 'parent-created':
    case 'step-progress':
    case 'dataset-failed':
    case 'dataset-skipped':
    case 'rotated':
    case 'pruned':
    case 'renamed':
    case 'let-go':
    case 'waiting':
    case 'retrying':
    case 'note':
    case 'warning': {
      const { kind, ...rest } = event;
      return { event: kind, ...rest };
    }
  }
}
