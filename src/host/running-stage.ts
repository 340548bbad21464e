import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import type { ZferryError } from '../zfs/failure.ts';
import { chainReader } from './chain-reader.ts';
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
  /** Settles when it has ended. Its process may still run others. */
  readonly over: Promise<void>;
  /** How it ended. All of it is known when its process has ended, too. */
  end(): Omit<EndedStage, 'endedByUs'>;
  /** What it means that its end was not seen. */
  explain(line: string): ZferryError;
};

export type RunningChain = {
  readonly stages: readonly RunningStage[];
  /** What its stdout begins with that is not the stream's: everything up to and including this line. */
  readonly streamAfter: string | undefined;
};

export type ChainStart = {
  readonly tie: Tie;
  /** Descriptors; `null`: nothing is read, or the stdout is text for people and goes where the stderr goes. */
  readonly stdin: number | null;
  readonly stdout: number | null;
  readonly mark: string | undefined;
  readonly now: () => number;
  /** `stage`: its index in the chain. */
  readonly onLine: (stage: number, line: string) => void;
};

/**
 * Starts a chain. One local command is that program itself; else it is a script that reports the status of each
 * command on stderr.
 */
export function startChain(chain: readonly PlacedStage[], start: ChainStart): RunningChain {
  const [first] = chain;
  if (first === undefined) return { stages: [], streamAfter: undefined };
  const { machine, commands } = first;
  const [only] = commands;
  if (only !== undefined && machine.host === '' && commands.length === 1) {
    return { stages: [startProgram(first, only.argv, start)], streamAfter: undefined };
  }
  const isLast = start.stdout === null;
  const nonces = chain.map(newNonce);
  const greets = machine.greets === 'yes' && !isLast;
  const script = stageScript(
    chain.map((stage) => stage.commands),
    {
      nonces,
      tie: machine.tie,
      reads: start.stdin !== null,
      beginOnStdout: greets,
      stdoutToStderr: isLast,
      mark: start.mark,
    },
  );
  const stdin = start.stdin ?? idleStdin(machine.tie);
  const child = startChild(start.tie, machine.argv(script), { stdin, stdout: start.stdout });
  return {
    stages: watchChain(chain, { ...start, child, stream: child.stderr, nonces }),
    streamAfter: greets ? `${nonces[0]} begin 0` : undefined,
  };
}

export type WatchedChain = Pick<ChainStart, 'now' | 'onLine'> & {
  readonly child: Child;
  /** Where the stages write what is for us. */
  readonly stream: Readable;
  /** One for each stage. */
  readonly nonces: readonly string[];
};

/** The stages of a script that has been started. */
export function watchChain(chain: readonly PlacedStage[], watched: WatchedChain): RunningStage[] {
  const { child, now } = watched;
  const reader = chainReader(watched.nonces, watched.onLine);
  const watches = reader.stages.map(() => stageWatch());
  watched.stream.setEncoding('utf8').on('data', (text: string) => {
    reader.feed(text);
    for (const [index, watch] of watches.entries()) if (reader.stages[index]?.complete) watch.end(now());
  });
  let last: Ended = { exit: {} };
  const finish = async (): Promise<void> => {
    const ended = await child.ended;
    const endedAt = now();
    await child.closed;
    reader.end();
    last = ended;
    for (const watch of watches) watch.end(endedAt);
  };
  void finish();
  return chain.flatMap((stage, index) => {
    const marked = reader.stages[index];
    const watch = watches[index];
    if (marked === undefined || watch === undefined) return [];
    const { host, commands, machine } = stage;
    return {
      child,
      over: watch.over,
      end() {
        const result: StageResult = {
          host,
          statuses: commands.map((_, i) => marked.statuses[i]),
          exit: last.exit,
          stderr: `${marked.all()}${startWords(last)}`,
          said: commands.map((_, i) => marked.text(i)),
          endedAt: watch.endedAt(),
        };
        return { result, words: lastWords(marked), optional: optionals(stage), lost: !marked.complete };
      },
      explain: (command) =>
        machine.explain({
          began: reader.stages.some(({ began }) => began),
          exit: last.exit,
          words: `${reader.words()}${marked.all()}${startWords(last)}`,
          command,
        }),
    };
  });
}

/** A program of this machine. */
function startProgram(stage: PlacedStage, argv: readonly string[], start: ChainStart): RunningStage {
  const { machine } = stage;
  const child = startChild(start.tie, argv, {
    stdin: start.stdin ?? idleStdin(machine.tie),
    stdout: start.stdout ?? 'read',
  });
  const onLine = (line: string): void => start.onLine(0, line);
  const readers = [child.stderr, child.stdout].map((stream) => {
    const reader = markedReader(undefined, onLine);
    stream.setEncoding('utf8').on('data', (text: string) => reader.feed(text));
    return reader;
  });
  let last: Ended = { exit: {} };
  let endedAt = 0;
  const finish = async (): Promise<void> => {
    last = await child.ended;
    endedAt = start.now();
    await child.closed;
    for (const reader of readers) reader.end();
  };
  const words = (): string => `${readers.map((reader) => reader.all()).join('')}${startWords(last)}`;
  return {
    child,
    over: finish(),
    end() {
      const statuses = [shellStatus(last)];
      const stderr = words();
      const result = { host: stage.host, statuses, exit: last.exit, stderr, said: [stderr], endedAt };
      return { result, words: stderr, optional: optionals(stage), lost: false };
    },
    explain: (command) => machine.explain({ began: true, exit: last.exit, words: words(), command }),
  };
}

/** When one stage has ended. */
function stageWatch() {
  const { promise, resolve } = Promise.withResolvers<void>();
  let at: number | undefined;
  return {
    over: promise,
    endedAt: () => at ?? 0,
    /** Only the first time counts. */
    end(now: number): void {
      at ??= now;
      resolve();
    },
  };
}

function optionals({ commands }: PlacedStage): boolean[] {
  return commands.map(({ optional }) => optional === true);
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
