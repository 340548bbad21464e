import type { SnapshotDetails } from '../plan/conflict.ts';
import type { Side } from '../plan/side.ts';
import type { SyncPlan } from '../plan/sync-plan.ts';
import type { DatasetName, ShortName } from '../zfs/dataset-name.ts';
import { listHoldsArgs, parseHolds } from '../zfs/hold-args.ts';
import { keptSnapshotsArgs } from '../zfs/list-args.ts';
import { parseClones } from '../zfs/points-output.ts';
import { portions } from '../zfs/portions.ts';
import type { World } from './world.ts';

/**
 * What keeps the snapshots that only the target has from being destroyed, where that decides what can be done. One command, and only where something
 * has diverged.
 */
export async function listDetails(world: World, plan: SyncPlan): Promise<Side['details']> {
  const names = plan.datasets.flatMap((one) =>
    conflictsOf(one).flatMap(({ targetOnly, base }) =>
      base === undefined ? [] : targetOnly.map(({ name }) => `${one.target}@${name}`),
    ),
  );
  const details = new Map<DatasetName, Map<ShortName, SnapshotDetails>>();
  if (names.length === 0) return details;
  const { host } = plan.target;
  const parts = portions(names);
  const commands = [...parts.map(keptSnapshotsArgs), ...parts.map(listHoldsArgs)].map((argv) => ({
    argv,
    optional: true as const,
  }));
  const { results } = await world.hosts.run({ host, commands }, { signal: world.signal });
  const textOf = (some: typeof results): string => some.map(({ stdout }) => stdout).join('');
  const clones = parseClones(textOf(results.slice(0, parts.length)));
  const holds = parseHolds(textOf(results.slice(parts.length)));
  for (const full of names) {
    const one = { holds: holds.get(full) ?? [], clones: clones.get(full) ?? [] };
    if (one.holds.length + one.clones.length === 0) continue;
    const [dataset, name] = full.split('@') as [DatasetName, ShortName];
    details.set(dataset, (details.get(dataset) ?? new Map<ShortName, SnapshotDetails>()).set(name, one));
  }
  return details;
}

function conflictsOf({ decision, remedies = [] }: SyncPlan['datasets'][number]) {
  const refused = decision.kind === 'refused' ? [decision.conflict] : [];
  return [...refused, ...remedies.map(({ conflict }) => conflict)];
}
