import { type Adoption, planAdoption } from '../plan/adopt.ts';
import type { Place } from '../plan/place.ts';
import { setArgs } from '../zfs/change-args.ts';
import type { Depth } from '../zfs/list-args.ts';
import { both } from './both.ts';
import { listSide } from './list-side.ts';
import { lockReplica } from './lock.ts';
import { commandError, firstFailure } from './problem.ts';
import { marksIn, replicaId } from './replica-id.ts';
import type { World } from './world.ts';

export type AdoptRequest = { readonly source: Place; readonly target: Place; readonly depth: Depth };

export type Adopted = AdoptRequest & { readonly id: string; readonly datasets: readonly Adoption[] };

/** What taking a copy over would change. Changes nothing. @throws ZferryError where a side cannot be listed */
export async function planAdopt(world: World, request: AdoptRequest): Promise<Adopted> {
  const { hosts, signal } = world;
  const { source, target, depth } = request;
  const [from, to] = await both(
    listSide(hosts, source, 'source', { depth, signal }),
    listSide(hosts, target, 'target', { depth, signal }),
  );
  const id = replicaId(from, to, await marksIn(world, to));
  return { ...request, id, datasets: planAdoption(from, to, id) };
}

/**
 * Takes a copy over that something else has made: gives it the properties of a replica, one command for all. Its data and snapshots are not touched.
 * @throws ZferryError `locked`, and where a property cannot be set
 */
export async function adopt(world: World, request: AdoptRequest): Promise<Adopted> {
  const lock = await lockReplica(world, request.target, undefined);
  try {
    const adopted = await planAdopt(world, request);
    const { host } = request.target;
    const commands = adopted.datasets.flatMap((one) =>
      one.kind === 'adopt' ? [{ argv: setArgs(one.target, one.properties) }] : [],
    );
    if (commands.length > 0) {
      const { results } = await world.hosts.run({ host, commands }, { signal: world.signal });
      const failed = firstFailure(results);
      if (failed) throw commandError(host, failed, `Taking ${failed.argv.at(-1) ?? ''} over`);
    }
    return adopted;
  } finally {
    await lock.held?.release('undo');
  }
}
