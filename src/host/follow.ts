import { ZferryError } from '../zfs/failure.ts';
import { startChild } from './child.ts';
import { endWatch } from './end-watch.ts';
import type { Command, FollowOptions } from './hosts.ts';
import type { Machine } from './machine.ts';
import { markedReader } from './marked-reader.ts';
import { newNonce } from './nonce.ts';
import { idleStdin, stageScript } from './script.ts';
import { terminate } from './terminate.ts';
import type { Tie } from './tie.ts';

export type FollowCommand = FollowOptions & {
  readonly tie: Tie;
  /** As a person would type it. */
  readonly line: string;
  readonly onStart?: (() => void) | undefined;
};

/**
 * The lines of a command that goes on, as they come. It is ended when nobody wants more.
 * @throws {ZferryError} `command-failed`, and the codes of `ssh-errors.ts`.
 */
export async function* followCommand(
  machine: Machine,
  command: Command,
  { signal, tie, line, onStart }: FollowCommand,
): AsyncGenerator<string> {
  const stopped = (): boolean => signal?.aborted === true;
  if (stopped()) return;
  let release: () => void;
  try {
    release = await machine.enter(1, signal);
  } catch (error) {
    if (stopped()) return;
    throw error;
  }
  try {
    const nonce = newNonce();
    const script = stageScript([[command]], {
      nonces: [nonce],
      tie: machine.tie,
      reads: false,
      beginOnStdout: true,
      stdoutToStderr: false,
    });
    onStart?.();
    const child = startChild(tie, machine.argv(script), { stdin: idleStdin(machine.tie), stdout: 'read' });
    const stderr = markedReader(nonce);
    child.stderr.setEncoding('utf8').on('data', (text: string) => stderr.feed(text));
    const watch = endWatch([child], signal);
    try {
      yield* linesAfter(`${nonce} begin 0`, child.stdout.setEncoding('utf8'));
      const { exit, startError } = await child.closed;
      if (watch.reason() !== undefined) return;
      stderr.end();
      const words = startError ?? `${stderr.greeting()}${stderr.all()}`;
      if (!stderr.complete) throw machine.explain({ began: stderr.began, exit, words, command: line });
      const status = stderr.statuses[0];
      if (status !== 0) throw failed(machine, line, status, words);
    } finally {
      await watch.done();
      await terminate([child]);
    }
  } finally {
    release();
  }
}

async function* linesAfter(first: string, stdout: AsyncIterable<string>): AsyncGenerator<string> {
  let began = false;
  let partial = '';
  for await (const chunk of stdout) {
    const lines = (partial + chunk).split('\n');
    partial = lines.pop() ?? '';
    for (const line of lines) {
      if (began) yield line;
      else began = line === first;
    }
  }
  if (began && partial !== '') yield partial;
}

function failed(machine: Machine, command: string, status: number | undefined, words: string): ZferryError {
  return new ZferryError({
    code: 'command-failed',
    message: `A command that was to go on ended with status ${status}`,
    host: machine.host,
    command,
    meaning: words.trim() === '' ? undefined : `It said: ${words.trim()}`,
  });
}
