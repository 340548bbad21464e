import type { Dataset } from '../zfs/dataset.ts';
import { type DatasetName, parseShortName, type ShortName } from '../zfs/dataset-name.ts';
import { usageError } from '../zfs/failure.ts';
import { fitsGlob } from './glob.ts';
import { utcText } from './utc.ts';

/** Which snapshots a job replicates. An excluded one still serves as a base. */
export type SnapshotChoice =
  | { readonly kind: 'all' }
  | { readonly kind: 'own' }
  | { readonly kind: 'glob'; readonly pattern: string };

export function parseSnapshotChoice(text: string): SnapshotChoice {
  if (text === 'all' || text === 'own') return { kind: text };
  if (text === '')
    throw usageError('--snapshots needs "all", "own" or a pattern', 'for instance --snapshots "daily-*"');
  return { kind: 'glob', pattern: text };
}

/** `zferry_<id>_<UTC>Z`; `at` in milliseconds since 1970. UTC, so that two never fall together when clocks change. */
export function ownSnapshotName(id: string, at: number): ShortName {
  return parseShortName(`zferry_${id}_${utcText(at)}`);
}

/** Own means this id, to the letter: another job's snapshots are never ours. */
export function isOwnSnapshot(name: ShortName, id: string): boolean {
  const prefix = `zferry_${id}_`;
  return name.startsWith(prefix) && /^\d{8}T\d{6}Z$/.test(name.slice(prefix.length));
}

/**
 * The first second, from `at` on, whose name is free on every dataset of both sides: two runs in one second would collide, also where the
 * source has rotated the first one's away.
 */
export function freeSnapshotName(id: string, at: number, datasets: readonly Dataset[]): ShortName {
  const isTaken = (name: ShortName): boolean =>
    datasets.some(({ snapshots }) => snapshots.some((snapshot) => snapshot.name === name));
  for (let time = at; ; time += 1000) {
    const name = ownSnapshotName(id, time);
    if (!isTaken(name)) return name;
  }
}

export function isChosen(choice: SnapshotChoice, name: ShortName, id: string): boolean {
  switch (choice.kind) {
    case 'all':
      return true;
    case 'own':
      return isOwnSnapshot(name, id);
    case 'glob':
      return fitsGlob(name, choice.pattern);
  }
}

/** Whether a dataset is left out: a pattern fits it or one of its parents below `root`. */
export function isExcluded(name: DatasetName, root: DatasetName, patterns: readonly string[]): boolean {
  const parts = name.slice(root.length).split('/').filter(Boolean);
  const paths = parts.map((_, i) => parts.slice(0, i + 1).join('/'));
  return patterns.some((pattern) =>
    pattern.includes('/')
      ? paths.some((path) => fitsGlob(path, pattern) || fitsGlob(`${root}/${path}`, pattern))
      : parts.some((part) => fitsGlob(part, pattern)),
  );
}
