import type { EngineEvent } from '../engine/events.ts';
import { formatBytes, formatDuration } from '../plan/format.ts';
import type { DatasetName } from '../zfs/dataset-name.ts';

type Transfer = { readonly startedAt: number; readonly bytes: number; readonly of: number | undefined };

/**
 * The line that a terminal shows while large steps run: dataset, bytes of the estimate, rate, time to go; where several go on at
 * once, of all of them together. `undefined` where the event does not change it.
 */
export function progressLine(now: () => number): (event: EngineEvent) => string | undefined {
  const running = new Map<DatasetName, Transfer>();
  return (event) => {
    if (event.kind === 'step-started') {
      running.set(event.source, { startedAt: now(), bytes: 0, of: event.step.bytes });
      return lineOf(running, now());
    }
    if (event.kind === 'step-progress') {
      const { startedAt } = running.get(event.source) ?? { startedAt: now() };
      running.set(event.source, { startedAt, bytes: event.bytes, of: event.of });
      return lineOf(running, now());
    }
    if (event.kind === 'step-ended' || event.kind === 'dataset-failed') running.delete(event.source);
    return undefined;
  };
}

function lineOf(running: ReadonlyMap<DatasetName, Transfer>, now: number): string {
  const [first, ...others] = running.keys();
  const all = [...running.values()];
  const what = others.length === 0 ? first : `${first} and ${others.length} more`;
  const bytes = all.reduce((sum, one) => sum + one.bytes, 0);
  if (bytes === 0) return `${what} …`;
  const rate = all.reduce((sum, one) => sum + one.bytes / Math.max((now - one.startedAt) / 1000, 0.001), 0);
  const known = all.every(({ of }) => of !== undefined);
  const total = all.reduce((sum, { of = 0 }) => sum + of, 0);
  const of = known ? ` of ${formatBytes(total)}` : '';
  const left = known ? Math.max(total - bytes, 0) / rate : 0;
  const eta = left > 0 ? `, ${formatDuration(left * 1000)} to go` : '';
  return `${what}  ${formatBytes(bytes)}${of}, ${formatBytes(rate)}/s${eta}`;
}
