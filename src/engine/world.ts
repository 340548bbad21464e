import type { Hosts } from '../host/hosts.ts';
import type { Report } from './events.ts';

/** All of the world that the engine touches, handed in: real hosts and clock, or a simulator's. */
export type World = {
  readonly hosts: Hosts;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Waits that many milliseconds, or until the signal aborts; never rejects. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  /** Who runs this and where, for whoever finds our lock: `root@web, process 4711`. */
  readonly who: string;
  readonly report: Report;
  readonly signal?: AbortSignal | undefined;
};
