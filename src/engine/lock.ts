import { createHash } from 'node:crypto';
import type { HeldLock, LockAnswer } from '../host/hosts.ts';
import { formatDuration } from '../plan/format.ts';
import { onHost, type Place, placeText } from '../plan/place.ts';
import { poolOf } from '../zfs/dataset-name.ts';
import { exitCodes, ZferryError } from '../zfs/failure.ts';
import type { World } from './world.ts';

/** The lock of a replica, held; or that its host has no means for one. */
export type ReplicaLock = {
  /** Undefined where the host has no means for a lock. */
  readonly held: HeldLock | undefined;
  /** The run before this ended without leaving anything behind. */
  readonly cleanBefore: boolean;
  /** What our receives bear on the target's host, so that a later run can tell whose they are. */
  readonly mark: string;
  /** Who had the lock before us and did not let go of it. */
  readonly dead: string | undefined;
  /** What those of the run bear that had the lock before us and did not let go of it. */
  readonly deadMark: string | undefined;
};

/** Milliseconds between two looks at a lock that is taken. */
const firstLook = 500;
const slowestLook = 5000;

/**
 * Takes the lock of a replica, on the target's host, so that it counts whichever machine drives.
 * @param waitMs how long to wait for another run; 0: not at all; `undefined`: that cannot be asked for
 * @throws ZferryError `locked` (exit code 5), and those of the connection
 */
export async function lockReplica(
  world: World,
  target: Place,
  waitMs: number | undefined,
): Promise<ReplicaLock> {
  const since = new Date(world.now()).toISOString().replace(/\.\d+Z$/, 'Z');
  const holder = `${world.who}, since ${since}`;
  const request = { pool: poolOf(target.dataset), dataset: target.dataset, holder };
  const until = world.now() + (waitMs ?? 0);
  let said = '';
  for (let pause = firstLook; ; pause = Math.min(pause * 1.5, slowestLook)) {
    const answer = await world.hosts.lock(target.host, request, { signal: world.signal });
    if (answer.kind === 'held') return heldLock(holder, answer);
    if (answer.kind === 'unavailable') {
      const message = `no lock is taken ${onHost(target.host)}: ${answer.reason}`;
      world.report({ kind: 'note', message });
      return {
        held: undefined,
        cleanBefore: false,
        mark: markOf(holder),
        dead: undefined,
        deadMark: undefined,
      };
    }
    if (answer.kind === 'free') throw new Error('a lock was asked for, and only told of');
    if (world.now() >= until) throw locked(target, answer.holder, waitMs);
    if (said !== answer.holder) {
      world.report({ kind: 'waiting', target: placeText(target), holder: answer.holder });
      said = answer.holder;
    }
    await world.sleep(Math.min(pause, until - world.now()), world.signal);
  }
}

function heldLock(holder: string, { lock, before }: Extract<LockAnswer, { kind: 'held' }>): ReplicaLock {
  const dead = typeof before === 'object' ? before.holder : undefined;
  return {
    held: lock,
    cleanBefore: before === 'clean',
    mark: markOf(holder),
    dead,
    deadMark: dead === undefined ? undefined : markOf(dead),
  };
}

function markOf(holder: string): string {
  return `zferry_run_${createHash('sha256').update(holder).digest('hex').slice(0, 16)}`;
}

function locked(target: Place, holder: string, waitMs: number | undefined): ZferryError {
  return new ZferryError({
    code: 'locked',
    host: target.host,
    exitCode: exitCodes.busy,
    message: `Another run is replicating to ${placeText(target)}: ${holder || 'it has not said who it is'}`,
    meaning: waitMs ? `it had not ended after ${formatDuration(waitMs)}` : undefined,
    next:
      waitMs === undefined
        ? 'run it when that has ended'
        : waitMs > 0
          ? 'let this one wait longer; --wait alone waits as long as it takes'
          : 'run it when that has ended, or let it wait: --wait',
  });
}

/** How the lock of a replica stands, for who only wants to know. Changes nothing. */
export async function askLock(world: World, target: Place): Promise<{ readonly cleanBefore: boolean }> {
  const request = { pool: poolOf(target.dataset), dataset: target.dataset, holder: world.who };
  const answer = await world.hosts.lock(target.host, request, { signal: world.signal, peek: true });
  if (answer.kind === 'taken') {
    const message = `another run is replicating to ${placeText(target)} right now: ${answer.holder}`;
    world.report({ kind: 'note', message });
  }
  return { cleanBefore: answer.kind === 'free' && answer.before === 'clean' };
}
