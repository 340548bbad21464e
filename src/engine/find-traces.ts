import type { DatasetPlan } from '../plan/decision.ts';
import type { Side } from '../plan/side.ts';
import type { SyncPlan } from '../plan/sync-plan.ts';
import { type Trace, traceKeeper } from '../plan/traces.ts';
import type { DatasetName } from '../zfs/dataset-name.ts';
import { ZferryError } from '../zfs/failure.ts';
import { historyArgs, parseHistoryLine } from '../zfs/history.ts';
import { both } from './both.ts';
import type { World } from './world.ts';

/** Traces by target dataset. */
export type Traces = ReadonlyMap<DatasetName, readonly Trace[]>;

/** How long a history is read (milliseconds): that of an old pool can be many megabytes. */
const patience = 10_000;

/**
 * The last commands that others gave to what has diverged, on both sides, as the histories of the pools tell. A command a side, and only where something has
 * diverged that was not looked for before. Where nobody may read it, or it takes too long, there is nothing to tell.
 */
export async function findTraces(
  world: World,
  plan: SyncPlan,
  source: Side,
  target: Side,
  known: Traces,
): Promise<Traces> {
  const diverged = plan.datasets.filter((one) => hasDiverged(one) && !known.has(one.target));
  if (diverged.length === 0) return known;
  const tracesOf = async ({ place: { host }, pool }: Side, datasets: readonly DatasetName[]) => {
    const keeper = traceKeeper(datasets);
    const late = new AbortController();
    const read = new AbortController();
    const watch = async (): Promise<void> => {
      await world.sleep(patience, read.signal);
      if (!read.signal.aborted) late.abort();
    };
    void watch();
    const signal = world.signal ? AbortSignal.any([late.signal, world.signal]) : late.signal;
    try {
      for await (const line of world.hosts.follow(host, { argv: historyArgs(pool.name) }, { signal })) {
        const entry = parseHistoryLine(line);
        if (entry) keeper.note(entry);
      }
    } catch (error) {
      if (!(error instanceof ZferryError) || error.code !== 'command-failed') throw error;
    } finally {
      read.abort();
    }
    // Cut short, it lacks its end, which is what tells.
    return signal.aborted ? new Map<DatasetName, never[]>() : keeper.traces;
  };
  const [here, there] = await both(
    tracesOf(
      source,
      diverged.map((one) => one.source),
    ),
    tracesOf(
      target,
      diverged.map((one) => one.target),
    ),
  );
  const found = new Map(known);
  for (const one of diverged) {
    found.set(one.target, [
      ...(here.get(one.source) ?? []).map((entry) => ({ ...entry, host: source.place.host })),
      ...(there.get(one.target) ?? []).map((entry) => ({ ...entry, host: target.place.host })),
    ]);
  }
  return found;
}

function hasDiverged({ decision, remedies = [] }: DatasetPlan): boolean {
  const conflicts = [
    ...(decision.kind === 'refused' ? [decision.conflict] : []),
    ...remedies.map(({ conflict }) => conflict),
  ];
  return conflicts.some(({ kind }) =>
    ['name-taken', 'no-common-snapshot', 'target-newer', 'target-written'].includes(kind),
  );
}
