import { type Dataset, localOwn, ownProperties, valueOwn } from '../zfs/dataset.ts';
import { type DatasetName, highestAbove, isWithin, parentOf, rebase } from '../zfs/dataset-name.ts';
import { anchorId } from './anchors.ts';
import { asideIn, isAside } from './aside.ts';
import type { LeftOut } from './left-out.ts';
import { isExcluded } from './own-snapshot.ts';
import type { Side } from './side.ts';
import { minuteText, parseUtc } from './utc.ts';

/** What the policy makes of a dataset whose source is gone. */
export type Fate =
  /** Nobody asked for anything else. */
  | { readonly kind: 'kept' }
  /** It would go, if it were gone for long enough; milliseconds since 1970. */
  | { readonly kind: 'waits'; readonly until: number }
  /** It may not go, however long it is gone. */
  | { readonly kind: 'stays'; readonly reason: string }
  /** Once all else of the run went well. `used` in bytes, with all that is below it. */
  | {
      readonly kind: 'destroyed';
      readonly datasets: number;
      readonly snapshots: number;
      readonly used: number;
    };

/** A dataset on the target that came from here, its source gone. Of a tree only its top. */
export type Vanished = {
  readonly name: DatasetName;
  /** When a run saw it first, milliseconds since 1970; `undefined`: this one does, or it is not noted. */
  readonly since: number | undefined;
  /** This run notes that it is gone. */
  readonly marks: boolean;
  readonly fate: Fate;
};

export type VanishedPolicy = {
  readonly id: string;
  readonly exclude: readonly string[];
  /** For how long a source has to be gone before its copy is destroyed (milliseconds); `undefined`: for ever. */
  readonly pruneVanished: number | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
};

export type VanishedFindings = {
  readonly vanished: readonly Vanished[];
  /** Datasets that were noted as gone and whose source is there again. */
  readonly returned: readonly DatasetName[];
};

/**
 * What of a replica has no source any more, and what becomes of it. Whatever is left out of the run has not vanished: nobody can tell whether its
 * source would still be wanted.
 */
export function findVanished(
  source: Side,
  target: Side,
  leftOut: readonly LeftOut[],
  policy: VanishedPolicy,
): VanishedFindings {
  const gone = goneFrom(source, target, leftOut, policy);
  const all = new Set(gone.keys());
  const tops = [...gone.values()].filter(({ name }) => highestAbove(name, all) === undefined);
  const other = topFault(source, target);
  const vanished = tops.map((top): Vanished => {
    const below = target.datasets.filter(({ name }) => isWithin(name, top.name));
    const moved = movedTo(source, below);
    const since = moved === undefined ? sinceOf(top) : undefined;
    const fault =
      other ?? moved ?? below.map((one) => faultOf(one, gone)).find((reason) => reason !== undefined);
    return {
      name: top.name,
      since,
      marks: since === undefined && moved === undefined && other === undefined,
      fate: fateOf(top, below, since, fault, policy),
    };
  });
  const waiting = new Set(vanished.filter(({ since }) => since !== undefined).map(({ name }) => name));
  const returned = target.datasets.filter(
    (one) =>
      localOwn(one, ownProperties.vanished) !== undefined &&
      valueOwn(one, ownProperties.id) === policy.id &&
      !waiting.has(one.name) &&
      (!gone.has(one.name) || movedTo(source, [one]) !== undefined),
  );
  return { vanished, returned: returned.map(({ name }) => name) };
}

/** Those of this replica whose source is not there, by name. */
function goneFrom(
  source: Side,
  target: Side,
  leftOut: readonly LeftOut[],
  { id, exclude }: VanishedPolicy,
): Map<DatasetName, Dataset> {
  const root = source.place.dataset;
  const there = new Set(source.datasets.map(({ name }) => name));
  const out = new Set(leftOut.map(({ name }) => name));
  const isGone = (name: DatasetName): boolean => {
    if (there.has(name) || isExcluded(name, root, exclude)) return false;
    let above = parentOf(name);
    while (above !== undefined && !there.has(above)) above = parentOf(above);
    return above === undefined || !out.has(above);
  };
  const aside = asideIn(target.datasets);
  const gone = target.datasets
    .filter((one) => localOwn(one, ownProperties.source) !== undefined)
    .filter(({ name }) => !aside.has(name))
    .filter((one) => valueOwn(one, ownProperties.id) === id)
    .filter(({ name }) => isGone(rebase(name, target.place.dataset, root)));
  return new Map(gone.map((one) => [one.name, one]));
}

/** A mark that nobody can read is none. */
function sinceOf(dataset: Dataset): number | undefined {
  const mark = localOwn(dataset, ownProperties.vanished);
  return mark === undefined ? undefined : parseUtc(mark);
}

/** Of another source than before, everything would look gone. */
function topFault({ datasets, place }: Side, target: Side): string | undefined {
  const source = datasets.find(({ name }) => name === place.dataset);
  const top = target.datasets.find(({ name }) => name === target.place.dataset);
  const remembered = top && localOwn(top, ownProperties.source);
  if (remembered === undefined)
    return `${target.place.dataset} itself does not remember that it is a copy of ${place.dataset}`;
  return remembered === source?.guid
    ? undefined
    : `${target.place.dataset} is the copy of another dataset than what is now called ${place.dataset}`;
}

/** A source that is elsewhere in the tree was renamed, and is not gone. */
function movedTo({ datasets }: Side, copies: readonly Dataset[]): string | undefined {
  const byGuid = new Map<string, DatasetName>(datasets.map(({ guid, name }) => [guid, name]));
  for (const copy of copies) {
    const name = byGuid.get(localOwn(copy, ownProperties.source) ?? '');
    if (name !== undefined) return `the source of ${copy.name} is still there, as ${name}`;
  }
  return undefined;
}

/** Why one dataset may not be destroyed, and nothing above it. */
function faultOf(dataset: Dataset, gone: ReadonlyMap<DatasetName, Dataset>): string | undefined {
  const { name } = dataset;
  if (isAside(dataset)) return `${name} was set aside`;
  if (localOwn(dataset, ownProperties.rebuilding) !== undefined) return `${name} is being made again`;
  if (!gone.has(name)) return `${name} is no copy of something that is gone`;
  // It may be diverged data of somebody, and there is no source to compare it with.
  if (dataset.mounted === true && !dataset.readonly) return `${name} is mounted and can be written to`;
  const mark = dataset.bookmarks.find((one) => anchorId(one.name) === undefined);
  if (mark) return `${name} has the bookmark #${mark.name}, which did not come from its source`;
  if (dataset.written > 0) return `${name} was written to since its newest snapshot`;
  if (dataset.resumeToken !== undefined || dataset.inconsistent)
    return `a receive into ${name} has not ended (if none is running, let go of the rest: zfs receive -A '${name}')`;
  return undefined;
}

function fateOf(
  top: Dataset,
  below: readonly Dataset[],
  since: number | undefined,
  fault: string | undefined,
  { pruneVanished: age, now }: VanishedPolicy,
): Fate {
  if (age === undefined) return { kind: 'kept' };
  if (fault !== undefined) return { kind: 'stays', reason: fault };
  if (since !== undefined && since > now) {
    return {
      kind: 'stays',
      reason: `it is marked with a time that is yet to come (${minuteText(since)}), so a clock is or was wrong`,
    };
  }
  if (since === undefined || now - since < age) return { kind: 'waits', until: (since ?? now) + age };
  return {
    kind: 'destroyed',
    datasets: below.length,
    snapshots: below.reduce((sum, { snapshots }) => sum + snapshots.length, 0),
    used: top.used,
  };
}
