import type { DatasetName } from './dataset-name.ts';
import { type Point, pointName, relativeName, type Snapshot } from './snapshot.ts';
import type { StreamFlags } from './stream-flags.ts';

/** What one stream holds: one `zfs send` into one `zfs receive`. */
export type Stream =
  | { readonly kind: 'full'; readonly to: Snapshot }
  /** `-i`: from the base straight to `to`. */
  | { readonly kind: 'increment'; readonly from: Point; readonly to: Snapshot }
  /** `-I`: all snapshots after the base up to `to`. Not from a bookmark. */
  | { readonly kind: 'increments'; readonly from: Snapshot; readonly to: Snapshot };

/** `progress` makes `zfs send` print a line each second to stderr, and an estimate before the first byte. */
export function sendArgs(
  dataset: DatasetName,
  stream: Stream,
  flags: StreamFlags,
  options: { readonly progress: boolean },
): string[] {
  return [
    'zfs',
    'send',
    ...flagsOf(flags),
    ...(options.progress ? ['-vP'] : []),
    ...baseOf(stream),
    pointName(dataset, stream.to),
  ];
}

/** How large the stream will be; see `parseEstimate`. */
export function estimateArgs(dataset: DatasetName, stream: Stream, flags: StreamFlags): string[] {
  return ['zfs', 'send', '-nP', ...flagsOf(flags), ...baseOf(stream), pointName(dataset, stream.to)];
}

function flagsOf(flags: StreamFlags): string[] {
  if (flags.raw) return ['-w'];
  const letters = `${flags.largeBlocks ? 'L' : ''}${flags.compressed ? 'c' : ''}${flags.embedded ? 'e' : ''}`;
  return letters === '' ? [] : [`-${letters}`];
}

function baseOf(stream: Stream): string[] {
  switch (stream.kind) {
    case 'full':
      return [];
    case 'increment':
      return ['-i', relativeName(stream.from)];
    case 'increments':
      return ['-I', relativeName(stream.from)];
  }
}
