import { createHash } from 'node:crypto';
import type { Side } from '../plan/sync-plan.ts';
import { localOwn, ownProperties } from '../zfs/dataset.ts';

/**
 * The id of a replica: what its target remembers, else one derived from the source's GUID, the job's name (a sync
 * without a job has none) and the target, so that it is the same on each run.
 * Six letters and digits; names of snapshots carry it.
 */
export function replicaId(source: Side, target: Side, job = ''): string {
  const top = target.datasets.find((dataset) => dataset.name === target.place.dataset);
  const remembered = top && localOwn(top, ownProperties.id);
  if (remembered !== undefined && /^[a-z0-9]{1,32}$/.test(remembered)) return remembered;
  const guid =
    source.datasets.find((dataset) => dataset.name === source.place.dataset)?.guid ?? source.pool.guid;
  const facts = [guid, job, target.pool.guid, target.place.dataset].join('\0');
  const digest = createHash('sha256').update(facts).digest();
  return BigInt(`0x${digest.toString('hex')}`)
    .toString(36)
    .slice(-6);
}
