import { createHash } from 'node:crypto';
import { unfinished } from '../plan/aside.ts';
import type { Side } from '../plan/side.ts';
import { localOwn, ownProperties } from '../zfs/dataset.ts';
import { getMarksArgs } from '../zfs/list-args.ts';
import { parseMarks } from '../zfs/list-output.ts';
import { commandError, firstFailure } from './problem.ts';
import type { World } from './world.ts';

/**
 * The id of a replica: what its target remembers, else one derived from the source's GUID, the job's name (a sync
 * without a job has none) and the target, so that it is the same on each run. Never one that another dataset of the target's pool
 * has: a replica that was renamed keeps its id, and the next one by the old name must not rotate its snapshots away.
 * Six letters and digits; names of snapshots carry it.
 * @param marks of the target's pool, before a first copy
 */
export function replicaId(source: Side, target: Side, marks: Marks, job = ''): string {
  const top = target.datasets.find((dataset) => dataset.name === target.place.dataset);
  const remembered = top && localOwn(top, ownProperties.id);
  if (remembered !== undefined && /^[a-z0-9]{1,32}$/.test(remembered)) return remembered;
  const aside = marks.find(
    ({ name, property, value }) =>
      property === ownProperties.aside && unfinished(name, value)?.original === target.place.dataset,
  );
  const kept = marks.find(({ name, property }) => name === aside?.name && property === ownProperties.id);
  if (kept) return kept.value;
  const inUse = new Set(
    marks.filter(({ property }) => property === ownProperties.id).map(({ value }) => value),
  );
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

export type Marks = ReturnType<typeof parseMarks>;

/** What marks the replicas in the target's pool, and what was set aside there. One command. */
export async function marksIn(world: World, { place: { host }, pool }: Side): Promise<Marks> {
  const commands = [{ argv: getMarksArgs(pool.name, [ownProperties.id, ownProperties.aside]) }];
  const { results } = await world.hosts.run({ host, commands }, { signal: world.signal });
  const failed = firstFailure(results);
  if (failed) throw commandError(host, failed, `Listing the replicas in ${pool.name}`);
  return parseMarks(results[0]?.stdout ?? '');
}
