import { type DatasetName, isWithin } from '../zfs/dataset-name.ts';
import type { HistoryEntry } from '../zfs/history.ts';

/** A command that may be why a copy cannot go on. */
export type Trace = HistoryEntry & {
  /** `''` is this machine. */
  readonly host: string;
};

/** How many of the last ones are of use to whoever looks for the cause. */
const kept = 3;

/** What can bring a copy and its source apart. */
const verbs = new Set([
  'destroy',
  'inherit',
  'promote',
  'receive',
  'recv',
  'rename',
  'rollback',
  'set',
  'snapshot',
]);
const settings = /\b(?:canmount|mountpoint|readonly|volmode)\b/;

/** Reads the history of a pool, oldest first, and keeps the last commands to each dataset that were given after zferry was at it. */
export function traceKeeper(datasets: readonly DatasetName[]) {
  const traces = new Map<DatasetName, HistoryEntry[]>();
  return {
    note(entry: HistoryEntry): void {
      for (const dataset of datasets) {
        if (!concerns(entry.command, dataset)) continue;
        if (isOurs(entry.command)) traces.delete(dataset);
        else if (isTelling(entry.command))
          traces.set(dataset, [...(traces.get(dataset) ?? []), entry].slice(-kept));
      }
    },
    traces: traces as ReadonlyMap<DatasetName, readonly HistoryEntry[]>,
  };
}

/** Whether a command names a dataset or something of it, or with `-r` or `-R` what it lies below. */
function concerns(command: string, dataset: DatasetName): boolean {
  // A name can have spaces, so words alone would miss it.
  for (let at = command.indexOf(` ${dataset}`); at !== -1; at = command.indexOf(` ${dataset}`, at + 1)) {
    if (/^(?:[@#,\s]|$)/.test(command.slice(at + 1 + dataset.length))) return true;
  }
  return (
    / -[a-zA-Z]*[rR]/.test(command) &&
    command.split(' ').some((word) => isWithin(dataset, word.replace(/[@#].*/, '') as DatasetName))
  );
}

/** What zferry does at each run bears its name. Snapshots of its own are destroyed and rolled back to by others, too. */
function isOurs(command: string): boolean {
  if (/^zfs (?:destroy|rollback) /.test(command)) return false;
  // Its receives of increments are this and nothing else.
  return /\bzferry[_:]/.test(command) || /^zfs receive -s -u [^-]/.test(command);
}

function isTelling(command: string): boolean {
  const verb = command.split(' ')[1] ?? '';
  // Old bookmarks of ours go at each run.
  if (verb === 'destroy' && command.includes('#zferry_')) return false;
  return verbs.has(verb) && (!['set', 'inherit'].includes(verb) || settings.test(command));
}
