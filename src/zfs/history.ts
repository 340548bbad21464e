import type { DatasetName } from './dataset-name.ts';

/** A command that somebody gave, as the history of the pool has it. */
export type HistoryEntry = {
  /** `2026-11-21 02:56:50`, by the clock and in the time zone of that host. */
  readonly at: string;
  /** `zfs rollback -r tank/x@a`: its words with a space between, as ZFS keeps them; they cannot always be told apart. */
  readonly command: string;
  /** `root`; `undefined` where the history does not say. */
  readonly user: string | undefined;
};

/** Every `zfs` and `zpool` command that changed something in a pool, oldest first, a line each. Only root may ask. */
export function historyArgs(pool: DatasetName): string[] {
  return ['zpool', 'history', '-l', pool];
}

/** `undefined` for what is not a `zfs` command: those of `zpool`, headings, rests of a command with a newline in it. */
export function parseHistoryLine(line: string): HistoryEntry | undefined {
  const [, day, time, command, uid, user] =
    /^(\d{4}-\d\d-\d\d)\.(\d\d:\d\d:\d\d) (zfs .*?)(?: \[user (\d+)(?: \(([^)]*)\))?(?: on [^\]]*)?\])?$/.exec(
      line,
    ) ?? [];
  if (command === undefined) return undefined;
  return { at: `${day} ${time}`, command, user: user ?? uid };
}
