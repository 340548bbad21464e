import type { Dataset } from '../zfs/dataset.ts';
import { localOwn, ownProperties } from '../zfs/dataset.ts';
import { lastPart, parentOf } from '../zfs/dataset-name.ts';
import type { Guid } from '../zfs/guid.ts';
import type { ReceiveProcess } from '../zfs/receive-processes.ts';
import type { Point, Snapshot } from '../zfs/snapshot.ts';
import { type Base, findBase } from './base.ts';

/**
 * Why a target cannot take what the source has without losing something. Each carries its evidence. Nothing is
 * done about it unasked.
 */
export type Conflict = {
  readonly kind:
    | 'being-received'
    | 'foreign-receive'
    | 'initial-not-allowed'
    | 'mode-changed'
    | 'name-taken'
    | 'no-common-snapshot'
    | 'other-source'
    | 'swapped'
    | 'target-has-no-snapshots'
    | 'target-newer'
    | 'target-written';
  /** One sentence. */
  readonly message: string;
  /** The next thing to try; it loses nothing. */
  readonly next: string;
  readonly base: Base | undefined;
  /** On the source and not on the target, since the base if there is one; oldest first. */
  readonly sourceOnly: readonly Snapshot[];
  /** On the target and not on the source, since the base if there is one; oldest first. */
  readonly targetOnly: readonly Snapshot[];
  /** Bytes written on the target since its newest snapshot. */
  readonly written: number;
  /** Both histories, for whoever wants to see them. */
  readonly source: readonly Snapshot[];
  readonly target: readonly Snapshot[];
};

/** What stands between a target that exists and the newest snapshot of its source; `undefined` if nothing does. */
export function findConflict(source: Dataset, target: Dataset, base: Base | undefined): Conflict | undefined {
  const conflict = (kind: Conflict['kind'], message: string, next: string): Conflict =>
    describeConflict(kind, message, next, source, target, base);
  const name = target.name;
  const below = `${name}/${lastPart(source.name)}`;
  const aside =
    parentOf(name) === undefined
      ? `a pool's root cannot be renamed; to put the copy below it, give ${below} as the target`
      : `keep what is there under another name: zfs rename ${quotedName(name)} ${quotedName(`${name}_aside`)}, then run this again for a new full copy`;

  if (localOwn(source, ownProperties.source) === target.guid) {
    return conflict(
      'swapped',
      `${source.name} is a copy of ${name}, and would now be sent over its own original`,
      'if source and target are swapped, turn them round; to get the data back beside the original, choose another target',
    );
  }
  const mode = source.encrypted && !target.encrypted ? 'plain' : localOwn(target, ownProperties.mode);
  const wantedMode = source.encrypted ? 'raw' : 'plain';
  if (base !== undefined && mode !== undefined && mode !== wantedMode) {
    return conflict(
      'mode-changed',
      `${name} was received ${mode === 'raw' ? 'raw (encrypted as on the source)' : 'in plain'} and would now come ${wantedMode}`,
      aside,
    );
  }
  if (target.snapshots.length === 0 && localOwn(target, ownProperties.placeholder) === 'on') {
    return conflict(
      'target-has-no-snapshots',
      `${name} was made to hold what is below it, and takes no copy itself`,
      'those below it go on; to have it copied, too, choose another target for the whole',
    );
  }
  if (target.snapshots.length === 0) {
    return conflict(
      'target-has-no-snapshots',
      `${name} exists and has no snapshots to go on from`,
      parentOf(name) === undefined
        ? aside
        : `to put the copy below it, give ${below} as the target; or ${aside}`,
    );
  }
  if (base === undefined) {
    const remembered = localOwn(target, ownProperties.source);
    if (remembered !== undefined && remembered !== source.guid) {
      return conflict(
        'other-source',
        `${name} is already the replica of another source (a dataset with the GUID ${remembered}; that of ${source.name} is ${source.guid})`,
        `choose another target, or ${aside}`,
      );
    }
    return conflict('no-common-snapshot', `${name} and its source have no snapshot in common`, aside);
  }
  const newest = target.snapshots.at(-1);
  if (newest !== undefined && newest.guid !== base.target.guid) {
    const own = target.snapshots.filter((snapshot) => snapshot.createtxg > base.target.createtxg);
    const list = own.map((snapshot) => `@${snapshot.name}`).join(', ');
    return conflict(
      'target-newer',
      `${name} has ${own.length === 1 ? 'a snapshot' : 'snapshots'} that the source has not, newer than the last common one (@${base.target.name}): ${list}`,
      aside,
    );
  }
  if (target.written > 0) {
    return conflict(
      'target-written',
      `${name} was written to since its newest snapshot (@${base.target.name})`,
      `see what was written: zfs diff ${quotedName(`${name}@${base.target.name}`)} ${quotedName(name)}; or ${aside}`,
    );
  }
  return undefined;
}

/** A receive into the target that has not ended: nothing can be said of the target before it has. */
export function findRunning(
  source: Dataset,
  target: Dataset,
  receiver: ReceiveProcess | undefined,
): Conflict | undefined {
  const running = (message: string): Conflict =>
    describeConflict(
      'being-received',
      message,
      'wait until it has ended; leave the dataset as it is meanwhile',
      source,
      target,
      findBase(source, target),
    );
  if (receiver) {
    const { pid, elapsed, line } = receiver;
    return running(
      `${target.name} is being received into right now: process ${pid}, for ${elapsed}: ${line}`,
    );
  }
  // What was cut off has a token; what was cut off without one, ZFS removes by itself.
  return target.inconsistent && target.resumeToken === undefined
    ? running(`a first copy is being received into ${target.name} right now`)
    : undefined;
}

/** A snapshot that is to be sent has the name of another one on the target. */
export function findTakenName(
  source: Dataset,
  target: Dataset,
  base: Base,
  sending: readonly Snapshot[],
): Conflict | undefined {
  const taken = new Map(target.snapshots.map((snapshot) => [snapshot.name, snapshot.guid]));
  const clash = sending.find(
    (snapshot) => taken.has(snapshot.name) && taken.get(snapshot.name) !== snapshot.guid,
  );
  if (clash === undefined) return undefined;
  const full = `${target.name}@${clash.name}`;
  return describeConflict(
    'name-taken',
    `${full} is another snapshot than the source's of that name`,
    `rename it: zfs rename ${quotedName(full)} ${quotedName(`${full}_other`)}`,
    source,
    target,
    base,
  );
}

export function describeConflict(
  kind: Conflict['kind'],
  message: string,
  next: string,
  source: Dataset,
  target: Dataset | undefined,
  base: Base | undefined,
): Conflict {
  const there = target?.snapshots ?? [];
  return {
    kind,
    message,
    next,
    base,
    sourceOnly: without(since(base?.source, source.snapshots), there),
    targetOnly: without(since(base?.target, there), source.snapshots),
    written: target?.written ?? 0,
    source: source.snapshots,
    target: there,
  };
}

function since(base: Point | undefined, history: readonly Snapshot[]): readonly Snapshot[] {
  return base === undefined ? history : history.filter((snapshot) => snapshot.createtxg > base.createtxg);
}

function without(some: readonly Snapshot[], others: readonly Snapshot[]): Snapshot[] {
  const guids = new Set<Guid>(others.map((snapshot) => snapshot.guid));
  return some.filter((snapshot) => !guids.has(snapshot.guid));
}

/** For a line that is meant to be pasted into a shell. */
export function quotedName(word: string): string {
  return /^[A-Za-z0-9_./:@%-]+$/.test(word) ? word : `'${word}'`;
}
