import { constants } from 'node:os';
import type { ZferryError } from '../zfs/failure.ts';
import { type Child, type Ended, startChild } from './child.ts';
import type { Stage, StageResult } from './hosts.ts';
import type { Machine } from './machine.ts';
import { type MarkedReader, markedReader } from './marked-reader.ts';
import { newNonce } from './nonce.ts';
import type { EndedStage } from './root-cause.ts';
import { idleStdin, stageScript } from './script.ts';
import type { Tie } from './tie.ts';

/** A stage and the machine it runs on, whose sessions are already taken. */
export type PlacedStage = Stage & { readonly machine: Machine };

export type RunningStage = {
  readonly child: Child;
  /** What its stdout begins with that is not the stream's: everything up to and including this line. */
  readonly streamAfter: string | undefined;
  readonly ended: Promise<Omit<EndedStage, 'endedByUs'>>;
  /** What it means that its end was not seen. */
  explain(line: string): ZferryError;
};

export type StageStart = {
  readonly tie: Tie;
  /** Descriptors; `null`: nothing is read, or the stdout is text for people and goes where the stderr goes. */
  readonly stdin: number | null;
  readonly stdout: number | null;
  readonly mark: string | undefined;
  readonly now: () => number;
  readonly onLine: (line: string) => void;
};

/**
 * Starts a stage. One local command is that program itself; else it is a script that reports the status of each
 * command on stderr.
 */
export function startStage(stage: PlacedStage, start: StageStart): RunningStage {
  const { commands, machine } = stage;
  const [only] = commands;
  const direct = machine.host === '' && commands.length === 1 ? only : undefined;
  const isLast = start.stdout === null;
  const nonce = newNonce();
  const greets = machine.greets === 'yes' && !isLast;
  const script = {
    nonce,
    tie: machine.tie,
    reads: start.stdin !== null,
    beginOnStdout: greets,
    stdoutToStderr: isLast,
    mark: start.mark,
  };
  const argv = direct?.argv ?? machine.argv(stageScript(commands, script));
  const child = startChild(start.tie, argv, {
    stdin: start.stdin ?? idleStdin(machine.tie),
    stdout: isLast && direct !== undefined ? 'read' : start.stdout,
  });
  const reader = markedReader(direct === undefined ? nonce : undefined, start.onLine);
  const other = markedReader(undefined, start.onLine);
  child.stderr.setEncoding('utf8').on('data', (text: string) => reader.feed(text));
  child.stdout.setEncoding('utf8').on('data', (text: string) => other.feed(text));
  return {
    ...watchStage({ stage, child, reader, other, scripted: direct === undefined, now: start.now }),
    streamAfter: greets ? `${nonce} begin 0` : undefined,
  };
}

export type WatchedStage = {
  readonly stage: PlacedStage;
  readonly child: Child;
  /** Reads what the stage writes to its stderr. */
  readonly reader: MarkedReader;
  /** Reads what it writes for people elsewhere. */
  readonly other?: MarkedReader;
  /** It reports the status of each of its commands by markers. */
  readonly scripted: boolean;
  readonly now: () => number;
};

/** A stage whose process has been started. */
export function watchStage(watched: WatchedStage): Omit<RunningStage, 'streamAfter'> {
  const { stage, child, reader, other, scripted } = watched;
  const { commands, machine } = stage;
  let last: Ended = { exit: {} };
  const finish = async (): Promise<Omit<EndedStage, 'endedByUs'>> => {
    last = await child.ended;
    const endedAt = watched.now();
    await child.closed;
    reader.end();
    other?.end();
    const statuses = scripted ? commands.map((_, index) => reader.statuses[index]) : [shellStatus(last)];
    const stderr = `${reader.all()}${other?.all() ?? ''}${startWords(last)}`;
    const said = scripted ? commands.map((_, index) => reader.text(index)) : [stderr];
    const result: StageResult = { host: stage.host, statuses, exit: last.exit, stderr, said, endedAt };
    return {
      result,
      words: scripted ? lastWords(reader) : result.stderr,
      optional: commands.map(({ optional }) => optional === true),
      lost: scripted && !reader.complete,
    };
  };
  return {
    child,
    ended: finish(),
    explain: (line) =>
      machine.explain({
        began: reader.began,
        exit: last.exit,
        words: `${reader.greeting()}${reader.all()}${startWords(last)}`,
        command: line,
      }),
  };
}

/** As a shell counts: 128 + n for signal n. */
function shellStatus({ exit: { code, signal } }: Ended): number {
  if (code !== undefined) return code;
  const numbers: Readonly<Record<string, number>> = constants.signals;
  return 128 + (numbers[signal ?? ''] ?? 0);
}

function startWords({ startError }: Ended): string {
  return startError === undefined ? '' : `${startError}\n`;
}

/** Of the command that ended last; of the one that was cut, where there is no end. */
function lastWords(reader: MarkedReader): string {
  return reader.text(reader.complete ? reader.statuses.length - 1 : reader.statuses.length);
}
