/**
 * Which stage of a failed pipeline failed by itself. When one end dies, its neighbours die of it: who writes gets
 * SIGPIPE, who reads finds the stream cut. Only the first cause is worth a person's time.
 */
import type { PipeCause, StageResult } from './hosts.ts';

export type EndedStage = {
  readonly result: StageResult;
  /** The part of its stderr that the command wrote which stopped it, or all. */
  readonly words: string;
  /** By index of the command: its failure does not count. */
  readonly optional: readonly boolean[];
  /** Its connection ended before it had said how its commands ended. */
  readonly lost: boolean;
  /** We ended it, since another had failed. */
  readonly endedByUs: boolean;
};

/**
 * How a stage ended. `cut`: nobody read what it wrote. `starved`: the stream it read was not whole. Both are
 * consequences where another failed.
 */
export type StageEnd = 'fine' | 'failed' | 'lost' | 'cut' | 'starved' | 'ended';

const cutWords = /Broken pipe|signal received/i;
/** `zfs receive`, and below it what zstd, gzip, lz4, xz, bzip2 and openssl say of an input that was cut. */
const starvedWords =
  /failed to read from stream|incomplete stream|premature end|unexpected(?:ly)? end of|Unfinished stream|ends unexpectedly|wrong final block length/i;
const sigpipe = 141;

export function stageEnd(stage: EndedStage): StageEnd {
  const { result, words, lost, endedByUs } = stage;
  if (endedByUs) return 'ended';
  const status = failedStatus(stage);
  if (!lost && status === undefined) return 'fine';
  // ssh reports the far end's status also where it could no longer deliver what the far end said.
  if (status === sigpipe || (lost && result.exit.code === sigpipe)) return 'cut';
  if (lost) return 'lost';
  if (starvedWords.test(words)) return 'starved';
  if (cutWords.test(words)) return 'cut';
  return 'failed';
}

/**
 * @returns `undefined` where no stage failed. A stage that only followed is named where nothing else can be: a
 * stream that ended early although its sender was content.
 */
export function rootCause(stages: readonly EndedStage[]): PipeCause | undefined {
  const ends = stages.map((stage, index) => ({ stage, index, end: stageEnd(stage) }));
  const first = (...wanted: StageEnd[]): (typeof ends)[number] | undefined =>
    ends
      .filter(({ end }) => wanted.includes(end))
      // A stage that says what is wrong before one that says nothing, where both ended in one millisecond.
      .sort(
        (a, b) =>
          a.stage.result.endedAt - b.stage.result.endedAt || wanted.indexOf(a.end) - wanted.indexOf(b.end),
      )[0];
  const cause = first('failed', 'lost') ?? first('starved') ?? first('cut') ?? first('ended');
  if (cause === undefined) return undefined;
  const { stage, index } = cause;
  return { stage: index, stderr: stage.words, status: failedStatus(stage) };
}

/** The status of the command that stopped the stage, where one did. */
function failedStatus({ result, optional }: EndedStage): number | undefined {
  return result.statuses.find(
    (status, index) => status !== undefined && status !== 0 && optional[index] !== true,
  );
}
