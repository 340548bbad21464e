import type { Hosts } from '../host/hosts.ts';
import type { KnownListing } from '../plan/known-listing.ts';
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
  /** What earlier runs have seen, where somebody keeps that. */
  readonly known?: KnownListings | undefined;
};

/** By place. It can be lost, and it can be wrong: that costs time, and nothing else. */
export type KnownListings = {
  /** `not told`: that host's release does not say when snapshots have changed. */
  readonly read: (key: string) => KnownListing | 'not told' | undefined;
  readonly write: (key: string, listing: KnownListing | 'not told' | undefined) => void;
};
