import type { Machine } from './machine.ts';

/**
 * Takes the sessions of a whole pipeline, those of one machine at once and the machines in one order for all, so
 * that two pipelines never wait for each other.
 * @returns what gives all of them back.
 */
export async function enterAll(machines: readonly Machine[], signal: AbortSignal): Promise<() => void> {
  const releases: (() => void)[] = [];
  const release = (): void => {
    for (const one of releases) one();
  };
  const ordered = [...new Set(machines)].sort((a, b) => (a.host < b.host ? -1 : 1));
  try {
    for (const machine of ordered) {
      const count = machines.filter((one) => one === machine).length;
      releases.push(await machine.enter(count, signal));
    }
    return release;
  } catch (error) {
    release();
    throw error;
  }
}
