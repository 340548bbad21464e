import { ZferryError } from '../zfs/failure.ts';
import { cancelled } from './cancelled.ts';
import { heldLock } from './held-lock.ts';
import type { LastHolder, LockAnswer, LockRequest } from './hosts.ts';
import { lockScript } from './lock-script.ts';
import { type LockSession, lockSession } from './lock-session.ts';
import type { Machine } from './machine.ts';
import { newNonce } from './nonce.ts';
import { oneLine } from './one-line.ts';
import type { Tie } from './tie.ts';

export type TakeLock = {
  /** Stops the asking; no lock and no trace of it stays. */
  readonly signal: AbortSignal;
  /** Lets go of a lock that is held. */
  readonly closing: AbortSignal;
  readonly tie: Tie;
  /** As a person would type it. */
  readonly line: string;
  readonly expiryMs: number;
  readonly peek: boolean;
  readonly onStart?: (() => void) | undefined;
  /** Told what settles when the session has ended, whether it got the lock or not. */
  readonly onSession?: ((ended: Promise<void>) => void) | undefined;
};

/**
 * Asks for the lock, and does not wait where another has it.
 * @throws {ZferryError} `cancelled` and the codes of `ssh-errors.ts`.
 */
export async function takeLock(
  machine: Machine,
  request: LockRequest,
  options: TakeLock,
): Promise<LockAnswer> {
  const { signal, closing, expiryMs, line } = options;
  const session = await start(machine, request, options);
  const stop = (): void => void session.end('undo');
  signal.addEventListener('abort', stop, { once: true });
  const word = await session.word;
  signal.removeEventListener('abort', stop);

  if (word?.kind === 'held' && !signal.aborted) {
    const explain = (): ZferryError => lockLost(machine, request, line, session.words());
    const lock = heldLock(session, { expiryMs, closing, explain });
    return { kind: 'held', lock, before: lastHolder(word.text) };
  }
  const { exit, startError } = await session.closed;
  if (signal.aborted) throw cancelled();
  if (word === undefined) {
    const words = startError ?? session.words();
    throw machine.explain({ began: session.began(), exit, words, command: line });
  }
  if (word.kind === 'free') return { kind: 'free', before: lastHolder(word.text) };
  if (word.kind === 'taken') return { kind: 'taken', holder: oneLine(word.text) };
  return { kind: 'unavailable', reason: oneLine(word.text) };
}

/** Its end gives the session back, whoever ends it. */
async function start(machine: Machine, request: LockRequest, options: TakeLock): Promise<LockSession> {
  const leave = await machine.enter(1, options.signal);
  try {
    const nonce = newNonce();
    const argv = machine.argv(lockScript(request, nonce, options));
    if (options.signal.aborted) throw cancelled();
    options.onStart?.();
    const session = lockSession(options.tie, argv, nonce);
    const ended = session.closed.then(leave);
    options.onSession?.(ended);
    return session;
  } catch (error) {
    leave();
    throw error;
  }
}

/** By what the file said: `clean`, `PID LINE`, or nothing. */
function lastHolder(text: string): LastHolder {
  if (text === '') return 'unknown';
  if (text === 'clean') return 'clean';
  return { holder: oneLine(text.replace(/^\d+ /, '')) };
}

function lockLost(machine: Machine, request: LockRequest, command: string, words: string): ZferryError {
  const said = words.trim();
  const where = machine.host === '' ? 'this machine' : machine.host;
  return new ZferryError({
    code: 'lock-lost',
    message: `The lock of ${request.dataset} on ${where} was lost`,
    host: machine.host,
    command,
    meaning: `The session that held it has ended, so another run may begin there.${said === '' ? '' : ` It said: ${said}`}`,
    next: 'Once the host answers, run the same command again: it goes on from where it was.',
  });
}
