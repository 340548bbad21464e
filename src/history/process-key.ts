import { readFileSync } from 'node:fs';

/** A process by its id and, where the system tells it, when it started: ids are used again. */
export function processKey(pid: number): string {
  return `${pid}:${startTime(pid) ?? ''}`;
}

/** Whether the process of a key still runs. Where no start time can be told, its id alone counts. */
export function isRunning(key: string): boolean {
  const [id = '', started = ''] = key.split(':');
  const pid = Number(id);
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Not permitted to signal it means that it is there.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  return started === '' || startTime(pid) === started;
}

/** Clock ticks since boot, from field 22 of /proc/PID/stat (proc(5)); the name before it can hold anything. */
function startTime(pid: number): string | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined; // no /proc, or no such process
  }
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
}
