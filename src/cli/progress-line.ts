import type { EngineEvent } from '../engine/events.ts';
import { formatBytes, formatDuration } from '../plan/format.ts';

/**
 * The line that a terminal shows while a large step runs: dataset, bytes of the estimate, rate, time to go.
 * `undefined` where the event does not change it.
 */
export function progressLine(now: () => number): (event: EngineEvent) => string | undefined {
  let startedAt = 0;
  return (event) => {
    if (event.kind === 'step-started') {
      startedAt = now();
      return `${event.source} …`;
    }
    if (event.kind !== 'step-progress') return undefined;
    const seconds = Math.max((now() - startedAt) / 1000, 0.001);
    const rate = event.bytes / seconds;
    const of = event.of === undefined ? '' : ` of ${formatBytes(event.of)}`;
    const left = event.of === undefined || rate === 0 ? 0 : Math.max(event.of - event.bytes, 0) / rate;
    const eta = left > 0 ? `, ${formatDuration(left * 1000)} to go` : '';
    return `${event.source}  ${formatBytes(event.bytes)}${of}, ${formatBytes(rate)}/s${eta}`;
  };
}
