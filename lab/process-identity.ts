import { readFileSync } from 'node:fs';

/** A process that no later one can be mistaken for: ids are used again, an id with its start time is not. */
export interface ProcessIdentity {
  readonly pid: number;
  /** The boot (the first digits of its id) and the clock ticks from there, as `/proc/PID/stat` has them. */
  readonly started: string;
}

/** Who has this id now, or undefined when nobody has, or only a zombie. */
export function processIdentity(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the name in parentheses and may hold spaces and parentheses itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return { pid, started: `${boot.slice(0, 8)}-${fields[19]}` };
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

export function isAlive(process: ProcessIdentity): boolean {
  return processIdentity(process.pid)?.started === process.started;
}

/** Kills exactly that process, if it still runs, and waits until it is gone (at most 5 s). */
export async function killProcess(target: ProcessIdentity): Promise<void> {
  for (let waited = 0; isAlive(target); waited += 10) {
    if (waited % 1000 === 0) {
      try {
        process.kill(target.pid, 'SIGKILL');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
    if (waited > 5000) throw new Error(`Process ${target.pid} does not end although it was killed.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** This process. */
export function ownIdentity(): ProcessIdentity {
  const own = processIdentity(process.pid);
  if (!own) throw new Error('This process is not in /proc; the lab needs Linux.');
  return own;
}
