import type { Hosts } from '../host/hosts.ts';
import type { Report } from './events.ts';

/** All of the world that the engine touches, handed in: real hosts and clock, or a simulator's. */
export type World = {
  readonly hosts: Hosts;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly report: Report;
  readonly signal?: AbortSignal | undefined;
};
