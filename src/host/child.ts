import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import { Readable, type Writable } from 'node:stream';
import { localEnv } from './local-env.ts';
import type { Tie } from './tie.ts';

export type Exit = { readonly code?: number; readonly signal?: string };

export type Ended = {
  /** A program that could not be started counts as ended with 127, as in a shell. */
  readonly exit: Exit;
  /** Why it could not be started. */
  readonly startError?: string;
};

export type Child = {
  /** Where it is `'open'`. What nobody reads any more is dropped: its reader's end is seen as the child's. */
  readonly stdin: Writable | undefined;
  /** Empty unless it was asked for. */
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly ended: Promise<Ended>;
  /** It has ended and its output has been read. */
  readonly closed: Promise<Ended>;
  /** How long it may take to end when asked (milliseconds). */
  readonly patienceMs: number;
  /** Signals its whole process group, where it is still there. */
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
};

export type ChildStdio = {
  /** A descriptor, `null` for /dev/null, or `'open'`: what we write, and its end is our end. */
  readonly stdin: number | null | 'open';
  /** A descriptor, `null` for /dev/null, or `'read'` for text that we read. */
  readonly stdout: number | null | 'read';
};

/**
 * Output that another process keeps open (a grandchild; for ssh, the master of its connection) is waited for until nothing came for 2 s, in turns of the event loop: on a
 * machine that was paused the time is up before what is there could be read.
 */
const turnMs = 100;
const quietTurns = 20;

/** `zfs receive` needs a moment to keep what it has; ssh has nothing to keep, and waits for a network that is gone. */
const patienceMs = 3000;
const sshPatienceMs = 200;

/** Starts a program in a process group of its own, tied to our life. Its stderr is text for us. */
export function startChild(tie: Tie, argv: readonly string[], { stdin, stdout }: ChildStdio): Child {
  const cannot = (error: unknown): string =>
    `cannot start ${argv[0] ?? ''}: ${error instanceof Error ? error.message : String(error)}`;
  const [program = '', ...args] = tie.wrap(argv);
  let lifeline: number | undefined;
  let child: ChildProcess;
  try {
    lifeline = tie.lifeline();
    const stdio: StdioOptions = [
      stdin === 'open' ? 'pipe' : (stdin ?? 'ignore'),
      stdout === 'read' ? 'pipe' : (stdout ?? 'ignore'),
      'pipe',
    ];
    if (lifeline !== undefined) stdio.push(lifeline);
    child = spawn(program, args, { stdio, detached: true, env: localEnv() });
  } catch (error) {
    return unstarted(cannot(error));
  } finally {
    if (lifeline !== undefined) closeSync(lifeline);
  }

  const ended = new Promise<Ended>((resolve) => {
    child.once('exit', (code, signal) =>
      resolve({ exit: signal === null ? { code: code ?? 0 } : { signal } }),
    );
    child.once('error', (error) => resolve({ exit: { code: 127 }, startError: cannot(error) }));
  });
  // Without descriptors left (EMFILE) there are no streams either.
  const out = child.stdout ?? Readable.from([]);
  const err = child.stderr ?? Readable.from([]);
  let killed = false;
  const closed = drained(ended, [child.stdout, child.stderr], () => killed);
  child.stdin?.on('error', () => undefined);
  return {
    stdin: child.stdin ?? undefined,
    stdout: out,
    stderr: err,
    ended,
    closed,
    patienceMs: argv[0] === 'ssh' ? sshPatienceMs : patienceMs,
    signal(name) {
      killed ||= name === 'SIGKILL';
      if (child.pid !== undefined) signalGroup(child.pid, name);
    },
  };
}

function unstarted(startError: string): Child {
  const ended = Promise.resolve({ exit: { code: 127 }, startError });
  return {
    stdin: undefined,
    stdout: Readable.from([]),
    stderr: Readable.from([]),
    ended,
    closed: ended,
    patienceMs,
    signal: () => undefined,
  };
}

async function drained(
  ended: Promise<Ended>,
  streams: readonly (Readable | null | undefined)[],
  killed: () => boolean,
): Promise<Ended> {
  const open = streams.filter((stream) => stream instanceof Socket);
  const all = Promise.all(
    open.map((stream) => new Promise<void>((resolve) => stream.once('close', () => resolve()))),
  );
  const end = await ended;
  let before = 0;
  let quiet = 0;
  const timer = setInterval(() => {
    const now = open.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
    const waiting = open.some(({ readableLength }) => readableLength > 0);
    quiet = now === before && !waiting ? quiet + 1 : 0;
    before = now;
    if (quiet < (killed() ? 1 : quietTurns)) return;
    for (const stream of open) stream.destroy();
  }, turnMs);
  await all;
  clearInterval(timer);
  return end;
}

function signalGroup(leader: number, name: NodeJS.Signals): void {
  try {
    process.kill(-leader, name);
  } catch (error) {
    // It ended in the meantime.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
