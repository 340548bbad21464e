import type { DatasetName } from './dataset-name.ts';

/** A `zfs receive` that runs on a host right now. */
export type ReceiveProcess = {
  readonly pid: number;
  /** How long it has run, as `ps` writes it: `[[days-]hours:]minutes:seconds`. */
  readonly elapsed: string;
  readonly line: string;
  /** The run of zferry that started it from another machine; its shell has it in its command line. */
  readonly mark: string | undefined;
};

/** Every process there, in the columns that POSIX knows. */
export function processesArgs(): string[] {
  return ['ps', '-A', '-o', 'pid=', '-o', 'ppid=', '-o', 'etime=', '-o', 'args='];
}

const runMark = /zferry_run_[0-9a-f]+/;

/** The running receives among all processes; lines that are no process are passed over. */
export function parseReceives(text: string): ReceiveProcess[] {
  const processes = text.split('\n').flatMap((line) => {
    const [, pid, parent, elapsed, args] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.+)$/.exec(line) ?? [];
    return pid && parent && elapsed && args
      ? [{ pid: Number(pid), parent: Number(parent), elapsed, args }]
      : [];
  });
  const lines = new Map(processes.map(({ pid, args }) => [pid, args]));
  return processes
    .filter(({ args }) => /^(?:\S*\/)?zfs (?:receive|recv) /.test(args))
    .map(({ pid, parent, elapsed, args }) => ({
      pid,
      elapsed,
      line: args.trimEnd(),
      mark: runMark.exec(lines.get(parent) ?? '')?.[0],
    }));
}

/** The one that receives into a dataset: its last word is that name, or with `-d` and `-e` one above it. */
export function receiveInto(
  receives: readonly ReceiveProcess[],
  dataset: DatasetName,
): ReceiveProcess | undefined {
  return receives.find(({ line }) => {
    if (line.endsWith(` ${dataset}`) || line.includes(` ${dataset}@`)) return true;
    const last = line.slice(line.lastIndexOf(' ') + 1);
    return / -[a-zA-Z]*[de]/.test(line) && dataset.startsWith(`${last}/`);
  });
}

/** What a process has read and written so far; Linux alone has it. */
export function countersArgs(pid: number): string[] {
  return ['cat', `/proc/${pid}/io`];
}

/** Asks a process to end. A `zfs receive -s` that ends so keeps what it has. */
export function endProcessArgs(pid: number): string[] {
  return ['kill', '-TERM', String(pid)];
}
