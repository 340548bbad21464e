import type { DatasetName } from '../zfs/dataset-name.ts';
import { ZferryError } from '../zfs/failure.ts';
import { receiveStateArgs } from '../zfs/receive-args.ts';
import {
  countersArgs,
  parseReceives,
  processesArgs,
  type ReceiveProcess,
  receiveInto,
} from '../zfs/receive-processes.ts';
import type { World } from './world.ts';

export type StallWatch = {
  /** Aborts when nothing has changed on the target for the set time. */
  readonly signal: AbortSignal;
  readonly stop: () => void;
};

/** How many looks fall into the set time. */
const looks = 5;

/**
 * Looks at a target, now and then, for whether its receive gets on: Linux counts what its process has read, and ZFS stores how
 * far it is. The latter alone is coarse: a receive gathers up to 2 MB before it writes any of it (seen with 50 kB/s: 40 s).
 * A look that gets no answer in its time counts as one that saw no change.
 */
export function watchStall(
  world: World,
  host: string,
  targets: readonly DatasetName[],
  stallMs: number,
): StallWatch {
  const stalled = new AbortController();
  const stop = new AbortController();
  const signal = world.signal ? AbortSignal.any([world.signal, stop.signal]) : stop.signal;
  const pause = stallMs / looks;
  let receiver: ReceiveProcess | undefined;
  const state = async (): Promise<string | undefined> => {
    // Of many, another one may be under way now.
    const looking = receiver === undefined || targets.length > 1;
    const commands = [
      ...(looking ? [processesArgs()] : []),
      ...(receiver ? [countersArgs(receiver.pid)] : []),
      receiveStateArgs(targets),
    ].map((argv) => ({ argv, optional: true as const }));
    try {
      const { results } = await world.hosts.run({ host, commands }, { signal, timeoutMs: pause });
      const rest = results.slice(looking ? 1 : 0).map(({ stdout }) => stdout);
      const running = looking ? parseReceives(results[0]?.stdout ?? '') : [];
      if (looking) receiver = targets.map((target) => receiveInto(running, target)).find(Boolean);
      return `${receiver?.pid ?? ''} ${rest.join('')}`;
    } catch (error) {
      // A connection that is gone ends the step by itself.
      if (error instanceof ZferryError) return undefined;
      throw error;
    }
  };
  const watch = async (): Promise<void> => {
    let before: string | undefined;
    let moved = world.now();
    for (;;) {
      await world.sleep(pause, signal);
      if (signal.aborted) return;
      const now = await state();
      if (now !== undefined && now !== before) {
        before = now;
        moved = world.now();
      } else if (world.now() - moved >= stallMs) {
        stalled.abort();
        return;
      }
    }
  };
  void watch();
  return { signal: stalled.signal, stop: () => stop.abort() };
}
