import { ZferryError } from '../zfs/failure.ts';
import { cancelled } from './cancelled.ts';
import { startChild } from './child.ts';
import { endWatch } from './end-watch.ts';
import type { Command, CommandResult, RunOptions } from './hosts.ts';
import type { Machine } from './machine.ts';
import { type MarkedReader, markedReader } from './marked-reader.ts';
import { newNonce } from './nonce.ts';
import { batchScript, idleStdin, laneStart } from './script.ts';
import { type Marked, splitMarked } from './split-marked.ts';
import type { Tie } from './tie.ts';

export type RunBatch = RunOptions & {
  readonly tie: Tie;
  /** As a person would type it. */
  readonly line: string;
  readonly onStart?: (() => void) | undefined;
  readonly atOnce?: number | undefined;
};

/**
 * Runs commands in one shell, up to the first that fails. The whole output is kept in memory.
 * @throws {ZferryError} `cancelled`, `timeout`, `command-too-long` and the codes of `ssh-errors.ts`.
 */
export async function runBatch(
  machine: Machine,
  commands: readonly Command[],
  options: RunBatch,
): Promise<readonly CommandResult[]> {
  const { signal, timeoutMs, line, tie, atOnce } = options;
  const release = await machine.enter(1, signal);
  try {
    const nonce = newNonce();
    const argv = machine.argv(batchScript(commands, nonce, machine.tie, atOnce));
    if (signal?.aborted === true) throw cancelled();
    options.onStart?.();
    const child = startChild(tie, argv, { stdin: idleStdin(machine.tie), stdout: 'read' });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    const stderr = markedReader(nonce);
    child.stderr.setEncoding('utf8').on('data', (text: string) => stderr.feed(text));
    const watch = endWatch([child], signal, timeoutMs);
    const { exit, startError } = await child.closed;
    await watch.done();
    stderr.end();

    if (watch.reason() === 'cancelled') throw cancelled();
    if (watch.reason() === 'timeout') throw timedOut(machine, line, timeoutMs ?? 0);
    const stdout = splitMarked(Buffer.concat(chunks).toString('utf8'), nonce);
    if (stdout.began) machine.greets = stdout.greeting === '' ? 'no' : 'yes';
    if (!stdout.complete || !stderr.complete) {
      const said = stdout.began ? '' : stdout.greeting;
      const words = startError ?? `${said}${stderr.greeting()}${stderr.all()}`;
      throw machine.explain({ began: stdout.began, exit, words, command: line });
    }
    return results(commands, stdout, stderr, atOnce === undefined ? commands.length : laneStart(commands));
  } finally {
    release();
  }
}

/** @param start the number of the first that went on at the same time as others; a lane that was ended has not said how its commands did */
function results(
  commands: readonly Command[],
  stdout: Marked,
  stderr: MarkedReader,
  start: number,
): CommandResult[] {
  return commands.map(({ argv }, index) => {
    const status = stdout.statuses[index];
    const text = stdout.texts[index] ?? '';
    if (index >= start) return { argv, status, stdout: '', stderr: text };
    return { argv, status, stdout: text, stderr: status === undefined ? '' : stderr.text(index) };
  });
}

function timedOut(machine: Machine, command: string, timeoutMs: number): ZferryError {
  const where = machine.host === '' ? 'this machine' : machine.host;
  return new ZferryError({
    code: 'timeout',
    message: `A command on ${where} was not done within ${timeoutMs / 1000} s and was ended`,
    host: machine.host,
    command,
  });
}
