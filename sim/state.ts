/** What a file system or volume has in it. Never changed, only replaced, so that snapshots and streams can share it. */
export type Content = {
  readonly files: ReadonlyMap<string, string>;
  /** How much room it takes. */
  readonly bytes: number;
};

export type SimSnapshot = {
  name: string;
  readonly guid: string;
  readonly txg: number;
  /** Seconds since 1970; a receive keeps it. */
  readonly creation: number;
  readonly content: Content;
  /** Bytes written since the snapshot before. */
  readonly written: number;
  /** Tags, with when each was set. */
  readonly holds: Map<string, number>;
  /** Of an encrypted one: with which set of initialisation vectors it was written. A raw stream brings it along. */
  readonly ivSet: string | undefined;
};

export type SimBookmark = {
  readonly name: string;
  readonly guid: string;
  readonly txg: number;
  readonly creation: number;
  readonly ivSet: string | undefined;
};

/** What a receive has brought so far. */
export type Partial = {
  readonly to: { readonly guid: string; readonly name: string };
  readonly from: string | undefined;
  readonly bytes: number;
  readonly raw: boolean;
};

/** A receive that runs. */
export type Receiving = {
  readonly pid: number;
  readonly line: string;
  readonly mark: string | undefined;
  /** What it would go on with, could it be; a token is to be seen while it runs, too. */
  readonly asks?: Partial;
};

/** How a dataset is encrypted. */
export type Crypt = {
  /** Of the key that its data is encrypted with: a raw copy and a clone have the same, any other its own. */
  readonly keyGuid: string;
  /** The dataset whose key is loaded for it; itself where it is an encryption root. */
  root: SimDataset;
  /** Of the passphrase that wraps that key. */
  salt: string;
  /** Of an encryption root: whether its key is loaded. */
  loaded: boolean;
};

export type SimDataset = {
  name: string;
  readonly type: 'filesystem' | 'volume';
  readonly guid: string;
  readonly txg: number;
  readonly creation: number;
  readonly local: Map<string, string>;
  /** Oldest first. */
  snapshots: SimSnapshot[];
  bookmarks: SimBookmark[];
  /** The snapshot that it is a clone of. */
  origin: SimSnapshot | undefined;
  content: Content;
  written: number;
  mounted: boolean;
  /** Only the beginning of a first copy is there. */
  inconsistent: boolean;
  partial: Partial | undefined;
  receiving: Receiving | undefined;
  crypt: Crypt | undefined;
  /** When its snapshots were first seen to be those, and which. */
  changed?: { readonly at: number; readonly snapshots: string };
};

export const nothing: Content = { files: new Map(), bytes: 0 };

/** A pool: its datasets by name, the transaction groups it has written, and what numbers are next. */
export class SimPool {
  readonly name: string;
  readonly guid: string;
  /** Bytes. */
  capacity: number;
  readonly datasets = new Map<string, SimDataset>();
  /** Commands that changed something, for `zpool history -l`. */
  readonly history: { readonly at: number; readonly argv: readonly string[]; readonly host: string }[] = [];
  txg = 4;
  /** Seconds since 1970, by the clock of its host. */
  now: () => number = () => 0;

  constructor(name: string, guid: string, capacity = 10_000_000_000) {
    this.name = name;
    this.guid = guid;
    this.capacity = capacity;
  }

  /** As `zpool history -l` prints it. */
  historyLines(): string[] {
    return this.history.map(({ at, argv, host }) => {
      const time = new Date(at).toISOString().slice(0, 19).replace('T', '.');
      return `${time} ${argv.join(' ')} [user 0 (root) on ${host}:linux]`;
    });
  }

  used(): number {
    let sum = 0;
    for (const one of this.datasets.values()) sum += ownBytes(one);
    return sum;
  }

  /** A dataset and all below it, parents first. */
  tree(root: string): SimDataset[] {
    const below = `${root}/`;
    return [...this.datasets.values()]
      .filter(({ name }) => name === root || name.startsWith(below))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Those right below it. */
  children(root: string): SimDataset[] {
    return this.tree(root).filter(({ name }) => parentOf(name) === root);
  }

  /** Who has a snapshot now: a promote moves it. */
  ownerOf(snapshot: SimSnapshot): SimDataset | undefined {
    for (const one of this.datasets.values()) if (one.snapshots.includes(snapshot)) return one;
    return undefined;
  }

  clonesOf(snapshot: SimSnapshot): SimDataset[] {
    return [...this.datasets.values()].filter(({ origin }) => origin === snapshot);
  }
}

/** Without those below it. */
export function ownBytes({ content, snapshots, partial, origin }: SimDataset): number {
  const kept = snapshots.reduce((sum, { written }) => sum + written, 0);
  const shared = origin?.content.bytes ?? 0;
  return Math.max(content.bytes - shared, 0) + kept + (partial?.bytes ?? 0);
}

export function parentOf(name: string): string | undefined {
  const cut = name.lastIndexOf('/');
  return cut === -1 ? undefined : name.slice(0, cut);
}

export function poolNameOf(name: string): string {
  const end = name.search(/[/@#]/);
  return end === -1 ? name : name.slice(0, end);
}
