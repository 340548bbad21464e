import { createHash } from 'node:crypto';
import type { Side } from '../plan/side.ts';
import { localOwn, ownProperties } from '../zfs/dataset.ts';
import { getLocalIdsArgs } from '../zfs/list-args.ts';
import { parseIds } from '../zfs/list-output.ts';
import { commandError, firstFailure } from './problem.ts';
import type { World } from './world.ts';

/**
 * The id of a replica: what its target remembers, else one derived from the source's GUID, the job's name (a sync
 * without a job has none) and the target, so that it is the same on each run. Never one that another dataset of the target's pool
 * has: a replica that was renamed keeps its id, and the next one by the old name must not rotate its snapshots away.
 * Six letters and digits; names of snapshots carry it. Costs a command on the target, only before a first copy.
 * @throws ZferryError from the table of errors
 */
export async function replicaId(world: World, source: Side, target: Side, job = ''): Promise<string> {
  const top = target.datasets.find((dataset) => dataset.name === target.place.dataset);
  const remembered = top && localOwn(top, ownProperties.id);
  if (remembered !== undefined && /^[a-z0-9]{1,32}$/.test(remembered)) return remembered;
  const inUse = top === undefined ? await idsInUse(world, target) : new Set<string>();
  for (let salt = 0; ; salt++) {
    const id = deriveId(source, target, job, salt);
    if (!inUse.has(id)) return id;
  }
}

function deriveId(source: Side, target: Side, job: string, salt: number): string {
  const guid = source.datasets.find(({ name }) => name === source.place.dataset)?.guid ?? source.pool.guid;
  const facts = [guid, job, target.pool.guid, target.place.dataset, ...(salt === 0 ? [] : [salt])].join('\0');
  const digest = createHash('sha256').update(facts).digest('hex');
  return BigInt(`0x${digest}`).toString(36).slice(-6);
}

async function idsInUse(world: World, target: Side): Promise<Set<string>> {
  const { host } = target.place;
  const commands = [{ argv: getLocalIdsArgs(target.pool.name) }];
  const { results } = await world.hosts.run({ host, commands }, { signal: world.signal });
  const failed = firstFailure(results);
  if (failed) throw commandError(host, failed, `Listing the replicas in ${target.pool.name}`);
  return parseIds(results[0]?.stdout ?? '');
}
