import type { Dataset, OwnProperty } from '../zfs/dataset.ts';
import { parseDatasetName, parseShortName } from '../zfs/dataset-name.ts';
import { parseGuid } from '../zfs/guid.ts';
import type { Bookmark, Snapshot } from '../zfs/snapshot.ts';
import { nothingGiven } from './given-properties.ts';
import type { Side } from './side.ts';
import { planSync, type SyncOptions, type SyncPlan } from './sync-plan.ts';

/**
 * Histories in a tiny notation, for tests: `@a,1 @b,2 #c,1` is two snapshots and a bookmark with these GUIDs,
 * in the order they were made (a bookmark's transaction group is its GUID's).
 */
export function points(text: string): { snapshots: Snapshot[]; bookmarks: Bookmark[] } {
  const snapshots: Snapshot[] = [];
  const bookmarks: Bookmark[] = [];
  for (const [index, word] of text.split(' ').filter(Boolean).entries()) {
    const [name = '', guid = ''] = word.slice(1).split(',');
    const point = { name: parseShortName(name), guid: parseGuid(guid), createtxg: index + 1 };
    if (word.startsWith('@')) snapshots.push({ kind: 'snapshot', ...point });
    else bookmarks.push({ kind: 'bookmark', ...point });
  }
  return { snapshots, bookmarks };
}

/** A dataset that is a plain, clean filesystem but for what is given. */
export function dataset(name: string, history = '', differs: Partial<Dataset> = {}): Dataset {
  return {
    name: parseDatasetName(name),
    type: 'filesystem',
    guid: parseGuid('1000'),
    createtxg: 1,
    used: 100,
    available: 1_000_000,
    referenced: 100,
    written: 0,
    readonly: false,
    mounted: false,
    encrypted: false,
    keyLoaded: true,
    resumeToken: undefined,
    inconsistent: false,
    origin: undefined,
    key: undefined,
    own: new Map(),
    ...points(history),
    ...differs,
  };
}

/** Our user properties, all local. */
export function own(properties: Partial<Record<OwnProperty, string>>): Dataset['own'] {
  return new Map(
    Object.entries(properties).map(([name, value]) => [
      name as OwnProperty,
      { value, source: 'local' as const },
    ]),
  );
}

/** One side's listing, its pool with nothing special. */
export function side(root: string, datasets: readonly Dataset[], ancestors: readonly Dataset[] = []): Side {
  const name = parseDatasetName(root);
  const pool = parseDatasetName(root.split('/', 1)[0] ?? root);
  return {
    place: { host: '', dataset: name },
    version: { major: 2, minor: 3, patch: 9 },
    pool: { name: pool, guid: parseGuid('42'), health: 'ONLINE', readonly: false, features: new Map() },
    datasets,
    ancestors: ancestors.length > 0 ? ancestors : root === pool ? [] : [dataset(pool)],
    emptyRoot: false,
    remembered: false,
    receives: [],
    details: new Map(),
  };
}

export function syncOptions(differs: Partial<SyncOptions> = {}): SyncOptions {
  return {
    id: 'ab12cd',
    exclude: [],
    choice: { kind: 'all' },
    initial: 'all',
    snapshot: 'auto',
    volumes: 'sparse',
    direct: false,
    way: { compress: 'off', filter: { send: undefined, receive: undefined } },
    keep: undefined,
    carried: new Set(),
    pruneVanished: undefined,
    cleanBefore: false,
    given: nothingGiven,
    onDivergence: 'stop',
    raw: 'auto',
    encrypt: undefined,
    impure: new Set(),
    occupied: new Set(),
    displaced: new Map(),
    rebuilding: new Map(),
    traces: new Map(),
    mayNotHold: false,
    now: Date.UTC(2026, 10, 20, 3, 4, 5),
    ...differs,
  };
}

/** What `dataset` takes. */
export type Row = Parameters<typeof dataset>;

/** The plan for a tree `t/s` and its copy `n/c`, without an own snapshot. */
export function planTree(
  sources: readonly Row[],
  copies: readonly Row[],
  options: Partial<SyncOptions> = {},
): SyncPlan {
  return planSync(
    side(
      't/s',
      sources.map((one) => dataset(...one)),
    ),
    side(
      'n/c',
      copies.map((one) => dataset(...one)),
    ),
    syncOptions({ snapshot: 'no', ...options }),
    new Set(),
  );
}
