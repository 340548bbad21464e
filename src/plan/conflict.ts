import type { Dataset } from '../zfs/dataset.ts';
import { localOwn, ownProperties, valueOwn } from '../zfs/dataset.ts';
import type { ShortName } from '../zfs/dataset-name.ts';
import { lastPart, parentOf } from '../zfs/dataset-name.ts';
import type { Guid } from '../zfs/guid.ts';
import type { ReceiveProcess } from '../zfs/receive-processes.ts';
import type { Point, Snapshot } from '../zfs/snapshot.ts';
import { type Base, findBase } from './base.ts';
import { isOwnSnapshot } from './own-snapshot.ts';
import { onHost, placeText } from './place.ts';
import type { Trace } from './traces.ts';

/** Every reason; docs/states.md has them all. */
export const conflictKinds = [
  'being-received',
  'foreign-receive',
  'initial-not-allowed',
  'key-mismatch',
  'mode-changed',
  'name-taken',
  'no-common-snapshot',
  'not-from-raw',
  'other-source',
  'promoted-away',
  'swapped',
  'target-has-no-snapshots',
  'target-newer',
  'target-written',
] as const;

/** Why a snapshot cannot be destroyed. */
export type SnapshotDetails = { readonly holds: readonly string[]; readonly clones: readonly string[] };

/**
 * Why a target cannot take what the source has without losing something. Each carries its evidence. Nothing is
 * done about it unasked.
 */
export type Conflict = {
  readonly kind: (typeof conflictKinds)[number];
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
  /** The snapshot of the target whose name is taken by it, where that is what stands in the way. */
  readonly clash: Snapshot | undefined;
  /** What is known of snapshots that only the target has, where somebody has asked. */
  readonly details: ReadonlyMap<ShortName, SnapshotDetails>;
  /** What others did to it since, as far as the histories of the pools tell. */
  readonly traces: readonly Trace[];
  /** Both histories, for whoever wants to see them. */
  readonly source: readonly Snapshot[];
  readonly target: readonly Snapshot[];
};

/** What stands between a target that exists and the newest snapshot of its source; `undefined` if nothing does. */
export function findConflict(
  source: Dataset,
  target: Dataset,
  base: Base | undefined,
  {
    sourceHost,
    host,
    raw,
    impure,
  }: {
    readonly sourceHost: string;
    readonly host: string;
    readonly raw: boolean;
    readonly impure: ReadonlySet<Guid>;
  },
): Conflict | undefined {
  const conflict = (kind: Conflict['kind'], message: string, next: string): Conflict =>
    describeConflict(kind, message, next, source, target, base);
  const name = target.name;
  const below = quotedName(`${name}/${lastPart(source.name)}`);
  const aside =
    parentOf(name) === undefined
      ? `a pool's root cannot be renamed; to put the copy below it, give ${below} as the target`
      : 'keep what is there under another name and go on: run this again with --on-divergence set-aside (and first with --dry-run, to see it)';
  const foreign =
    parentOf(name) === undefined
      ? aside
      : `to have it set aside, so that a copy takes its place: zferry reset ${quotedName(placeText({ host, dataset: name }))} (which first says what it would do), then run this again`;

  if (localOwn(source, ownProperties.source) === target.guid) {
    return conflict(
      'swapped',
      `${source.name} is a copy of ${name}, and would now be sent over its own original`,
      `if source and target are swapped, turn them round; to get the data back beside the original, choose another target${originalAgain(source, sourceHost, target, host)}`,
    );
  }
  const was = modeOf(source, target);
  if (base !== undefined && was !== (raw ? 'raw' : 'plain')) {
    const again = source.encrypted ? ` to go on with it as it is: --raw ${raw ? 'no' : 'auto'};` : '';
    return conflict(
      'mode-changed',
      `${name} was received ${was === 'raw' ? 'raw (encrypted as on the source)' : 'in plain'} and would now come ${raw ? 'raw' : 'in plain'}, which ZFS cannot do`,
      `${again} to have it sent anew the other way, ${aside}`.trim(),
    );
  }
  if (base !== undefined && raw && source.key && target.key && source.key.guid !== target.key.guid) {
    return conflict(
      'key-mismatch',
      `${name} is encrypted with another key than ${source.name}, so it cannot go on raw: it was received in plain and encrypted there, or the source was`,
      `to go on in plain, with the keys loaded on both sides: --raw no; to have it sent anew raw, ${aside}`,
    );
  }
  if (isPlaceholder(target)) {
    return conflict(
      'target-has-no-snapshots',
      `${name} was made to hold what is below it, and a copy is to take its place`,
      parentOf(name) === undefined ? aside : 'run this again',
    );
  }
  if (target.snapshots.length === 0) {
    return conflict(
      'target-has-no-snapshots',
      `${name} exists and has no snapshots to go on from`,
      parentOf(name) === undefined
        ? aside
        : `to put the copy below it, give ${below} as the target; or ${foreign}`,
    );
  }
  if (base === undefined) {
    const remembered = localOwn(target, ownProperties.source);
    if (remembered !== undefined && remembered !== source.guid) {
      return conflict(
        'other-source',
        `${name} is already the replica of another source (a dataset with the GUID ${remembered}; that of ${source.name} is ${source.guid})`,
        `choose another target, or ${foreign}`,
      );
    }
    return conflict(
      'no-common-snapshot',
      `${name} and its source have no snapshot in common`,
      remembered === undefined ? foreign : aside,
    );
  }
  const newest = target.snapshots.at(-1);
  if (newest !== undefined && newest.guid !== base.target.guid) {
    const own = target.snapshots.filter((snapshot) => snapshot.createtxg > base.target.createtxg);
    if (raw && own.some(({ guid }) => impure.has(guid))) {
      const list = own.map((one) => `@${one.name}`).join(', ');
      const message = `nothing raw goes onto ${list} of ${name}, which did not arrive raw; the newest that did is @${base.target.name}`;
      return { ...conflict('not-from-raw', message, aside), targetOnly: own };
    }
    return conflict('target-newer', `${name} ${newerText(own, base, target)}`, aside);
  }
  if (target.written > 0) {
    return conflict(
      'target-written',
      `${name} was written to since its newest snapshot (@${base.target.name})`,
      `see ${onHost(host)} what was written: zfs diff ${quotedName(`${name}@${base.target.name}`)} ${quotedName(name)} (it shows nothing where only times of access were); or ${aside}`,
    );
  }
  return undefined;
}

/** How a source that was restored from its copy becomes the original. */
function originalAgain(source: Dataset, sourceHost: string, target: Dataset, host: string): string {
  const id = valueOwn(source, ownProperties.id);
  if (id === undefined) return '';
  const places = [
    placeText({ host: sourceHost, dataset: source.name }),
    placeText({ host, dataset: target.name }),
  ];
  return `; if ${source.name} was restored from ${target.name} and is the original from now on: zferry holds --release --id ${id} --yes ${places.map(quotedName).join(' ')}, then zfs set readonly=off ${quotedName(source.name)} ${onHost(sourceHost)}, then run this again`;
}

/** How a target was received, by what it remembers; where it does not, by its key: a raw copy has that of its source. */
function modeOf(source: Dataset, target: Dataset): 'raw' | 'plain' {
  if (source.encrypted && !target.encrypted) return 'plain';
  const remembered = localOwn(target, ownProperties.mode);
  if (remembered === 'raw' || remembered === 'plain') return remembered;
  return source.encrypted && source.key?.guid === target.key?.guid ? 'raw' : 'plain';
}

/** What came from the source once was lost there; the rest was made on the target. */
function newerText(newer: readonly Snapshot[], base: Base, target: Dataset): string {
  const list = newer.map(({ name }) => `@${name}`).join(', ');
  const than = `newer than the last common one (@${base.target.name}): ${list}`;
  const id = valueOwn(target, ownProperties.id);
  if (id !== undefined && newer.every(({ name }) => isOwnSnapshot(name, id))) {
    return `has what was sent to it and its source has lost, ${than}; the source was rolled back, or they were destroyed there`;
  }
  return `has ${newer.length === 1 ? 'a snapshot' : 'snapshots'} that the source has not, ${than}`;
}

/** A parent that was made only to hold others, and still is no more than that. */
export function isPlaceholder(dataset: Dataset): boolean {
  return dataset.snapshots.length === 0 && localOwn(dataset, ownProperties.placeholder) === 'on';
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
  host: string,
): Conflict | undefined {
  const coming = new Map(sending.map((snapshot) => [snapshot.name, snapshot]));
  const others = target.snapshots.filter(({ name, guid }) => (coming.get(name)?.guid ?? guid) !== guid);
  const taken = new Set(others.map(({ name }) => name));
  const clash = sending.find(({ name }) => taken.has(name));
  if (clash === undefined) return undefined;
  const full = `${target.name}@${clash.name}`;
  return describeConflict(
    'name-taken',
    `${full} is another snapshot than the source's of that name`,
    `rename it ${onHost(host)}: zfs rename ${quotedName(full)} ${quotedName(`${full}_other`)}; or run this again with --on-divergence set-aside, which does that`,
    source,
    target,
    base,
    target.snapshots.find(({ name }) => name === clash.name),
  );
}

export function describeConflict(
  kind: Conflict['kind'],
  message: string,
  next: string,
  source: Dataset,
  target: Dataset | undefined,
  base: Base | undefined,
  clash?: Snapshot,
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
    clash,
    details: new Map(),
    traces: [],
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
