import type { EngineEvent } from '../src/engine/events.ts';
import { type Round, syncRounds } from '../src/engine/rounds.ts';
import { sync } from '../src/engine/sync.ts';
import type { SyncRequest } from '../src/engine/sync-request.ts';
import type { SyncResult } from '../src/engine/sync-result.ts';
import type { RoundOutcome } from '../src/engine/try-round.ts';
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
  /** Names of its snapshots that go again, since they only carried a round. */
  readonly carried: ReadonlySet<string>;
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

/** Again and again, so many times and so far apart (milliseconds), and then asked to stop, or before by `stop`. */
export type Often = { readonly rounds: number; readonly everyMs: number; readonly stop?: AbortController };

/** Starts one, as a process of its own. @param often where it is `--every` */
export function startSync(
  world: SimWorld,
  random: Random,
  who: string,
  request: SyncRequest,
  { known, often }: { readonly known?: KnownListings | undefined; readonly often?: Often | undefined } = {},
): Run {
  let asked: string[] = [];
  const process = new SimProcess(world, ({ line }) => {
    for (const [, name = ''] of line.matchAll(/zfs snapshot [^;|]*@([^\s;|]+)/g)) asked.push(name);
  });
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
  const carried = new Set<string>();
  let told = 0;
  // What was not answered goes as well, whatever came of it.
  const onRound = (round: Round): void => {
    const newest = events.slice(told).findLast((event) => event.kind === 'snapshot-taken')?.name;
    for (const name of asked) if (round.carried || name !== newest) carried.add(name);
    [asked, told] = [[], events.length];
  };
  return { process, events, carried, ended: run(engine, request, often && { ...often, onRound }) };
}

type Watched = Often & { readonly onRound: (round: Round) => void };

async function run(world: World, request: SyncRequest, often: Watched | undefined): Promise<Ended> {
  try {
    if (often !== undefined) return await runOften(world, request, often);
    return { kind: 'result', result: await sync(world, request) };
  } catch (error) {
    if (!(error instanceof ZferryError)) throw error;
    return { kind: 'error', error };
  }
}

async function runOften(
  world: World,
  request: SyncRequest,
  { rounds, everyMs, stop = new AbortController(), onRound: watch }: Watched,
): Promise<Ended> {
  let last: RoundOutcome | undefined;
  const onRound = (round: Round): void => {
    const { number, outcome } = round;
    last = outcome;
    watch(round);
    if (number >= rounds) stop.abort();
  };
  await syncRounds(world, request, { everyMs, stop: stop.signal, onRound });
  if (last === undefined) throw new Error('not one round');
  return last;
}
