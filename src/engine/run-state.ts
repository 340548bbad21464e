import type { Outstanding } from '../plan/sizes.ts';
import type { Taken } from '../plan/sync-plan.ts';

/** What one run has done so far, over all its attempts. */
export type RunState = {
  /** The own snapshot: one a run, however often it tries. */
  taken: Taken | undefined;
  /** What was still to come when the last attempt began. */
  outstanding: Outstanding | undefined;
  /** Whether holds of an earlier run were looked for. */
  searched: boolean;
  /** Full names of the source's snapshots that have our hold, or may have. */
  readonly held: Set<string>;
  /** The words of a program that lets streams through at a set rate. */
  readonly limiter: readonly string[] | undefined;
  /** Warnings that are said once a run. */
  readonly warned: Set<string>;
};

export function newRunState(limiter?: readonly string[]): RunState {
  return {
    taken: undefined,
    outstanding: undefined,
    searched: false,
    held: new Set(),
    limiter,
    warned: new Set(),
  };
}
