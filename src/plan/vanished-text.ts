import { count, formatBytes } from './format.ts';
import { minuteText } from './utc.ts';
import type { Vanished } from './vanished.ts';

/** A line of the plan. */
export function vanishedLine(one: Vanished): string {
  const { name, fate } = one;
  const gone = `its source is gone${one.since === undefined ? '' : ` since ${minuteText(one.since)}`}`;
  switch (fate.kind) {
    case 'kept':
      return `  keep      ${name}: ${gone}; it stays as it is`;
    case 'waits':
      return `  keep      ${name}: ${gone}; it stays as it is until ${minuteText(fate.until)}`;
    case 'stays':
      return `  keep      ${name}: ${gone}; it stays: ${fate.reason}`;
    case 'destroyed':
      return `  destroy   ${name}: ${gone}; LOSES ${lossText(fate)}`;
  }
}

/** `3 snapshots of 2 datasets, 1.0 MiB`; `used` in bytes. */
export function lossText(loss: {
  readonly datasets: number;
  readonly snapshots: number;
  readonly used: number;
}): string {
  return `${count(loss.snapshots, 'snapshot')} of ${count(loss.datasets, 'dataset')}, ${formatBytes(loss.used)}`;
}

/** With since when it is gone, and why it is still there, for the end of a run. */
export function keptText({ name, since, fate }: Vanished): string {
  const parts = [
    ...(since === undefined ? [] : [`since ${minuteText(since)}`]),
    ...(fate.kind === 'waits' ? [`until ${minuteText(fate.until)}`] : []),
    ...(fate.kind === 'stays' ? [fate.reason] : []),
  ];
  return parts.length === 0 ? name : `${name} (${parts.join('; ')})`;
}

/** As plain data: times in ISO 8601, `used` in bytes. */
export function vanishedJson({ name, since, fate }: Vanished) {
  const common = { name, since: since === undefined ? null : isoText(since), fate: fate.kind };
  switch (fate.kind) {
    case 'kept':
      return common;
    case 'waits':
      return { ...common, until: isoText(fate.until) };
    case 'stays':
      return { ...common, reason: fate.reason };
    case 'destroyed':
      return { ...common, datasets: fate.datasets, snapshots: fate.snapshots, used: fate.used };
  }
}

function isoText(at: number): string {
  return new Date(at).toISOString();
}
