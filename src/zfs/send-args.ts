import type { DatasetName } from './dataset-name.ts';
import type { ResumeToken } from './resume-token.ts';
import { type Point, pointName, relativeName, type Snapshot } from './snapshot.ts';
import type { StreamFlags } from './stream-flags.ts';

/** What one stream holds: one `zfs send` into one `zfs receive`. */
export type Stream =
  | { readonly kind: 'full'; readonly to: Snapshot }
  /** `-i`: from the base straight to `to`. */
  | { readonly kind: 'increment'; readonly from: Point; readonly to: Snapshot }
  /** `-I`: all snapshots after the base up to `to`. Not from a bookmark. */
  | { readonly kind: 'increments'; readonly from: Snapshot; readonly to: Snapshot }
  /** `-t`: the rest of one that was cut off, `from` one point (none: a full one) to `to`. */
  | {
      readonly kind: 'resume';
      readonly token: ResumeToken;
      readonly from: Point | undefined;
      readonly to: Snapshot;
    };

/** `progress` makes `zfs send` print a line each second to stderr, and an estimate before the first byte. */
export function sendArgs(
  dataset: DatasetName,
  stream: Stream,
  flags: StreamFlags,
  options: { readonly progress: boolean },
): string[] {
  return ['zfs', 'send', ...(options.progress ? ['-vP'] : []), ...whatToSend(dataset, stream, flags)];
}

/** How large the stream will be; see `parseEstimate`. */
export function estimateArgs(dataset: DatasetName, stream: Stream, flags: StreamFlags): string[] {
  return ['zfs', 'send', '-nP', ...whatToSend(dataset, stream, flags)];
}

/** A token brings its own flags; `-w` beside it makes sure that what is encrypted cannot be asked for in plain. */
function whatToSend(dataset: DatasetName, stream: Stream, flags: StreamFlags): string[] {
  if (stream.kind === 'resume') return [...(flags.raw ? ['-w'] : []), '-t', stream.token.text];
  return [...flagsOf(flags), ...baseOf(stream), pointName(dataset, stream.to)];
}

function flagsOf(flags: StreamFlags): string[] {
  if (flags.raw) return ['-w'];
  const letters = `${flags.largeBlocks ? 'L' : ''}${flags.compressed ? 'c' : ''}${flags.embedded ? 'e' : ''}`;
  return letters === '' ? [] : [`-${letters}`];
}

function baseOf(stream: Exclude<Stream, { kind: 'resume' }>): string[] {
  switch (stream.kind) {
    case 'full':
      return [];
    case 'increment':
      return ['-i', relativeName(stream.from)];
    case 'increments':
      return ['-I', relativeName(stream.from)];
  }
}
