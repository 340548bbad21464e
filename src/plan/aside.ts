import type { Dataset } from '../zfs/dataset.ts';
import { localOwn, ownProperties } from '../zfs/dataset.ts';
import { type DatasetName, isWithin, lastPart, parentOf, parseDatasetName } from '../zfs/dataset-name.ts';
import { type Guid, parseGuid } from '../zfs/guid.ts';

/**
 * A dataset that was set aside, as it remembers it itself, so that what was cut off in the middle can be finished: `open` until what takes its
 * place is there and has its properties and children, `moved` until nothing is left on it that would make it a replica, then `done`.
 */
export type Aside = {
  /** `20261120T030405Z` */
  readonly since: string;
  readonly state: 'open' | 'moved' | 'done';
  /** The snapshot that a clone takes its place from; `undefined` where a full copy does. */
  readonly base: Guid | undefined;
  /** What it was called. */
  readonly original: DatasetName;
};

export function asideText({ since, state, base, original }: Aside): string {
  return `${since} ${state} ${base ?? '-'} ${original}`;
}

/** `undefined` for what nobody of us has written. */
export function parseAside(text: string): Aside | undefined {
  const [, since = '', state = '', base = '', original = ''] =
    /^(\d{8}T\d{6}Z) (open|moved|done) (\d+|-) (.+)$/.exec(text) ?? [];
  if (state !== 'open' && state !== 'moved' && state !== 'done') return undefined;
  return {
    since,
    state,
    base: base === '-' ? undefined : parseGuid(base),
    original: parseDatasetName(original),
  };
}

/** A set-aside that was begun and is not done. */
export type Unfinished = { readonly copy: DatasetName; readonly original: DatasetName };

/**
 * Whether it was set aside, as its mark says: one that has its own name yet was cut off before it began.
 * @param name of the dataset itself
 */
export function isAside(dataset: Dataset): boolean {
  const mark = localOwn(dataset, ownProperties.aside);
  return mark !== undefined && parseAside(mark)?.original !== dataset.name;
}

/** Datasets that were set aside, and what stayed below them. */
export function asideIn(datasets: readonly Dataset[]): ReadonlySet<DatasetName> {
  const tops = datasets.filter(isAside).map(({ name }) => name);
  return new Set(datasets.map(({ name }) => name).filter((name) => tops.some((top) => isWithin(name, top))));
}

/**
 * Those that a listing shows: by the copy itself, or by what takes its place.
 * @param above what is there above them
 */
export function unfinishedIn(datasets: readonly Dataset[], above: readonly Dataset[]): Unfinished[] {
  const names = new Set([...above, ...datasets].map(({ name }) => name));
  const found = new Map<DatasetName, Unfinished>();
  for (const dataset of datasets) {
    const copy = localOwn(dataset, ownProperties.rebuilding);
    if (copy !== undefined) found.set(dataset.name, { copy: parseDatasetName(copy), original: dataset.name });
    const mark = localOwn(dataset, ownProperties.aside);
    const one = mark === undefined ? undefined : unfinished(dataset.name, mark);
    if (one === undefined) continue;
    const parent = parentOf(one.original);
    // Both went along with a parent that was renamed since.
    const original =
      parent === undefined || names.has(parent) ? one.original : beside(one.copy, one.original);
    found.set(original, { copy: one.copy, original });
  }
  return [...found.values()];
}

/** Whether a copy was set aside for that name, be it that the parent of both is called otherwise now. */
export function isMeantFor(aside: Aside, { copy, original }: Unfinished): boolean {
  return original === aside.original || original === beside(copy, aside.original);
}

/** The last part of that name, next to the copy. */
function beside(copy: DatasetName, name: DatasetName): DatasetName {
  return `${parentOf(copy) ?? ''}/${lastPart(name)}` as DatasetName;
}

/** By its mark; `undefined` where all is done. One that has its own name yet never began: only its mark goes. */
export function unfinished(copy: DatasetName, mark: string): Unfinished | undefined {
  const aside = parseAside(mark);
  if (aside === undefined || aside.state === 'done') return undefined;
  return { copy, original: aside.original };
}
