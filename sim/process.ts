import type { EngineEvent } from '../src/engine/events.ts';
import type { SyncRequest } from '../src/engine/prepare-sync.ts';
import { sync } from '../src/engine/sync.ts';
import type { SyncResult } from '../src/engine/sync-result.ts';
import type { KnownListings, World } from '../src/engine/world.ts';
import type { Place } from '../src/plan/place.ts';
import { parsePropertyRequest } from '../src/plan/property-request.ts';
import { ZferryError } from '../src/zfs/failure.ts';
import { SimProcess, type SimWorld } from './hosts.ts';
import type { Random } from './random.ts';

/** What one run of zferry came to. */
export type Ended =
  | { readonly kind: 'result'; readonly result: SyncResult }
  | { readonly kind: 'error'; readonly error: ZferryError };

export type Run = {
  readonly process: SimProcess;
  readonly events: readonly EngineEvent[];
  /** Settles when it ends by itself; never where it is killed. */
  readonly ended: Promise<Ended>;
};

/** `zferry sync` with its options as they are unless told otherwise. */
export function requestOf(source: Place, target: Place, differs: Partial<SyncRequest> = {}): SyncRequest {
  return {
    source,
    target,
    depth: 'tree',
    exclude: [],
    choice: { kind: 'all' },
    initial: 'all',
    snapshot: 'auto',
    volumes: 'sparse',
    direct: false,
    way: { compress: 'off', filter: { send: undefined, receive: undefined } },
    keep: undefined,
    pruneVanished: undefined,
    onDivergence: 'stop',
    raw: 'auto',
    encrypt: undefined,
    give: parsePropertyRequest([], []),
    mount: false,
    waitMs: 0,
    retries: 3,
    stallMs: undefined,
    bytesPerSecond: undefined,
    parallel: 4,
    ...differs,
  };
}

/** Starts one, as a process of its own. */
export function startSync(
  world: SimWorld,
  random: Random,
  who: string,
  request: SyncRequest,
  known?: KnownListings,
): Run {
  const process = new SimProcess(world);
  const events: EngineEvent[] = [];
  const engine: World = {
    hosts: process,
    now: () => world.scheduler.now,
    sleep: async (ms, signal) => {
      await world.scheduler.sleep(ms, signal);
      if (!process.alive) await new Promise(() => undefined);
    },
    random: () => random.next(),
    who,
    report: (event) => void events.push(event),
    known,
  };
  return { process, events, ended: run(engine, request) };
}

async function run(world: World, request: SyncRequest): Promise<Ended> {
  try {
    return { kind: 'result', result: await sync(world, request) };
  } catch (error) {
    if (!(error instanceof ZferryError)) throw error;
    return { kind: 'error', error };
  }
}
