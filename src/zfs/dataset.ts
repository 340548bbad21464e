import type { DatasetName } from './dataset-name.ts';
import type { Guid } from './guid.ts';
import type { Bookmark, Snapshot } from './snapshot.ts';

/** The user properties in which a replica remembers what it is, and one that people set. All begin with `zferry:`. */
export const ownProperties = {
  /** The replica's id; on its top dataset, inherited below. */
  id: 'zferry:id',
  /** GUID of the source dataset: tells a rename on the source from a promote. On each dataset. */
  source: 'zferry:source',
  /** `plain` or `raw`: how the stream was sent; never changes for a lineage. */
  mode: 'zferry:mode',
  /** `on` or `off`: whether `zfs send -L` was used; ZFS refuses to go back from on to off. */
  largeBlocks: 'zferry:large-blocks',
  /** `on` for a parent that was made only to hold a replica. */
  placeholder: 'zferry:placeholder',
  /** `<UTC> <open|done> <GUID of the base, or -> <name>`, on a dataset that was set aside: what it was called, and whether all was done. */
  aside: 'zferry:aside',
  /** The name of the copy that was set aside, on what takes its place, until all is done. */
  rebuilding: 'zferry:rebuilding',
  /** `20261120T030405Z`, since when it is known that the source of a dataset is gone; of a tree on its top. */
  vanished: 'zferry:vanished',
  /** `off` on a source dataset leaves it out, with what inherits it. Set by people, and by nobody else. */
  sync: 'zferry:sync',
} as const;

export type OwnProperty = (typeof ownProperties)[keyof typeof ownProperties];

/** Those that zferry sets, and may take away. */
export const ownMarks: readonly OwnProperty[] = Object.values(ownProperties).filter(
  (name) => name !== ownProperties.sync,
);

export type PropertySource = 'local' | 'received' | { readonly inheritedFrom: string };

export type UserProperty = { readonly value: string; readonly source: PropertySource };

/** How a dataset is encrypted. Hidden properties, readable by name (module/zcommon/zfs_prop.c). */
export type EncryptionKey = {
  /** The dataset whose key is loaded for it. */
  readonly root: DatasetName;
  /** Of the key that its data is encrypted with: a raw copy has the same, any other its own. */
  readonly guid: Guid;
  /** `pbkdf2salt` of the passphrase that wraps that key: another one after `zfs change-key`. `0` where the key is no passphrase. */
  readonly salt: string;
};

/** One dataset as a listing shows it. Sizes in bytes. */
export type Dataset = {
  readonly name: DatasetName;
  readonly type: 'filesystem' | 'volume';
  readonly guid: Guid;
  readonly createtxg: number;
  readonly used: number;
  /** What is free for it here, quotas of its ancestors counted. */
  readonly available: number;
  readonly referenced: number;
  /** Bytes written since its newest snapshot. */
  readonly written: number;
  readonly readonly: boolean;
  /** `undefined` for a volume. */
  readonly mounted: boolean | undefined;
  readonly encrypted: boolean;
  /** The encryption key is loaded, or none is needed. */
  readonly keyLoaded: boolean;
  readonly resumeToken: string | undefined;
  /** A receive into it has not ended: it runs, or was cut off and left a token. */
  readonly inconsistent: boolean;
  /** `dataset@snapshot` that it is a clone of. */
  readonly origin: string | undefined;
  /** `undefined` for what is not encrypted. */
  readonly key: EncryptionKey | undefined;
  /** When a snapshot of it was last made, destroyed, renamed or received, to the second; where it was asked for and is known (OpenZFS 2.2). */
  readonly changed?: number;
  readonly own: ReadonlyMap<OwnProperty, UserProperty>;
  /** In the order of their transaction groups, oldest first. */
  readonly snapshots: readonly Snapshot[];
  readonly bookmarks: readonly Bookmark[];
};

export function byName(datasets: readonly Dataset[]): Map<DatasetName, Dataset> {
  return new Map(datasets.map((dataset) => [dataset.name, dataset]));
}

/** The value of one of our properties, set on this dataset or inherited. A received value does not count: it speaks of another dataset. */
export function valueOwn(dataset: Dataset, property: OwnProperty): string | undefined {
  const found = dataset.own.get(property);
  return found === undefined || found.source === 'received' ? undefined : found.value;
}

/** The value of one of our properties where it counts: `local` on this dataset. */
export function localOwn(dataset: Dataset, property: OwnProperty): string | undefined {
  const found = dataset.own.get(property);
  return found?.source === 'local' ? found.value : undefined;
}
