import type { Taken } from '../plan/sync-plan.ts';
import type { DatasetName, ShortName } from '../zfs/dataset-name.ts';
import type { Guid } from '../zfs/guid.ts';
import type { Traces } from './find-traces.ts';
import type { Prepared } from './prepare-sync.ts';
import type { Healed } from './sync-result.ts';

/** What one run has done so far, over all its attempts. */
export type RunState = {
  /** An attempt came so far that something may have been changed. */
  begun: boolean;
  /** The own snapshot: one a run, however often it tries. */
  taken: Taken | undefined;
  /** Its name, or that of one before it, as soon as it was asked for: what was not answered may have been done. */
  readonly asked: Set<ShortName>;
  /** When that was asked for, and when all that arrived was found on the target (milliseconds since 1970). */
  takenAt: number | undefined;
  provenAt: number | undefined;
  /** What the last attempt went by. */
  prepared: Prepared | undefined;
  /** Whether holds of an earlier run were looked for. */
  searched: boolean;
  /** The lock had to be taken: others may have had it since the round before. */
  lockIsNew: boolean;
  /** A step found its target busy, without a token that would say why. */
  sawBusy: boolean;
  /** How far the snapshots were that were cut off, when last looked at. */
  cutOff: ReadonlyMap<string, number>;
  /** Full names of the source's snapshots that have our hold, or may have. */
  readonly held: Set<string>;
  /** Full names of the target's snapshots that have our hold, where they were looked for. */
  heldTargets: Set<string> | undefined;
  /** Targets that took no raw increment, since their newest snapshot did not arrive raw. */
  readonly notRaw: Set<DatasetName>;
  /** The user may not hold on the source. */
  mayNotHold: boolean;
  /** What others did to what has diverged, as far as somebody has looked. */
  traces: Traces;
  /** What has been put right, in order. */
  readonly healed: Healed[];
  /** What was below a set-aside copy is in its place again, and can be sent to. */
  movedBack: boolean;
  /** Targets whose newest snapshot was gone again right after it was proven. */
  readonly gone: Set<DatasetName>;
  /** Full names of the bookmarks of bases to come that this run has made. */
  readonly marked: Set<string>;
  /** What an interrupted receive left is on a target still, neither gone on with nor let go. */
  leftTokens: boolean;
  /** Holds of ours on the target that could not be let go. */
  leftAnchors: boolean;
  /** The words of a program that lets streams through at a set rate. */
  readonly limiter: readonly string[] | undefined;
  /** It only carries what is new over: what protects the base, and what is to be tidied up, is left to a later one. */
  readonly carries: boolean;
  /** It has tidied up, or begun to. */
  tidies: boolean;
  /** Gets what tidies up after a run that went well, which need not be waited for. */
  readonly tidyLater: ((work: Promise<unknown>) => void) | undefined;
  /** GUIDs of own snapshots that such runs have taken, and that are to go. */
  readonly carried: ReadonlySet<Guid>;
  /** Warnings that are said once a run. */
  readonly warned: Set<string>;
};

export function newRunState(
  limiter?: readonly string[],
  {
    carries = false,
    carried = new Set(),
    tidyLater,
    held = new Set(),
    heldTargets,
  }: Partial<Pick<RunState, 'carries' | 'carried' | 'tidyLater' | 'held' | 'heldTargets'>> = {},
): RunState {
  return {
    begun: false,
    taken: undefined,
    asked: new Set(),
    takenAt: undefined,
    prepared: undefined,
    provenAt: undefined,
    searched: heldTargets !== undefined,
    lockIsNew: false,
    sawBusy: false,
    cutOff: new Map(),
    held,
    heldTargets,
    notRaw: new Set(),
    mayNotHold: false,
    healed: [],
    gone: new Set(),
    traces: new Map(),
    movedBack: false,
    marked: new Set(),
    leftTokens: false,
    leftAnchors: false,
    limiter,
    carries,
    carried,
    tidyLater,
    tidies: false,
    warned: new Set(),
  };
}
