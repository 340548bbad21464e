import type { Place } from '../plan/place.ts';
import type { PropertyRequest } from '../plan/property-request.ts';
import type { SyncOptions } from '../plan/sync-plan.ts';
import type { Depth } from '../zfs/list-args.ts';

/** What a run is asked for; the rest of what a plan needs to know is found out. */
export type SyncRequest = Omit<
  SyncOptions,
  | 'id'
  | 'now'
  | 'cleanBefore'
  | 'displaced'
  | 'rebuilding'
  | 'impure'
  | 'occupied'
  | 'traces'
  | 'mayNotHold'
  | 'given'
  | 'carried'
> & {
  readonly source: Place;
  readonly target: Place;
  readonly depth: Depth;
  /** Properties that the copy is given when it arrives first. */
  readonly give: PropertyRequest;
  /** Mounts the replica afterwards. */
  readonly mount: boolean;
  /** How long to wait for another run or receive (milliseconds). */
  readonly waitMs: number;
  /** How often in a row to try again without having got on. */
  readonly retries: number;
  /** How long nothing may get on before a step is ended (milliseconds); `undefined`: for ever. */
  readonly stallMs: number | undefined;
  /** `undefined`: as fast as it goes. */
  readonly bytesPerSecond: number | undefined;
  /** How many datasets are sent at once, 1 or more. */
  readonly parallel: number;
};
