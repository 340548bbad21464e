import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseDatasetName } from '../src/zfs/dataset-name.ts';
import { run } from './lab-pair.ts';
import { listingOf } from './listings.ts';
import type { Planned } from './planning-child.ts';
import { median, table } from './table.ts';

export type PlanningOptions = {
  readonly datasets: number;
  readonly snapshots: number;
  readonly rounds: number;
};

/** As `bin/zferry` starts it. */
const asStarted = ['--max-semi-space-size=4'];

const child = fileURLToPath(new URL('planning-child.ts', import.meta.url));

/** From what `zfs` prints of both sides to the plan, in a process of its own: no host takes part. */
export async function benchPlanning({ datasets, snapshots, rounds }: PlanningOptions): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'zferry-bench-'));
  const [from, to] = [parseDatasetName('tank/data'), parseDatasetName('backup/data')];
  // The newest one of each is yet to come.
  const listings = {
    a: listingOf(from, { datasets, snapshots }),
    b: listingOf(to, { datasets, snapshots: snapshots - 1, copyOf: from }),
  };
  for (const [host, listing] of Object.entries(listings))
    for (const [what, text] of Object.entries(listing)) writeFileSync(join(folder, `${host}-${what}`), text);
  const all: Planned[] = [];
  for (let round = 0; round < rounds; round++) {
    const { out } = await run(process.execPath, [...asStarted, child, folder, String(datasets)]);
    all.push(JSON.parse(out) as Planned);
  }
  rmSync(folder, { recursive: true });
  const of = (pick: (one: Planned) => number): number => median(all.map(pick));
  const rows = [
    ['', 'measured', 'goal'],
    ['time', `${(of(({ ms }) => ms) / 1000).toFixed(2)} s`, 'below 2 s'],
    ['processor', `${(of(({ cpuMs }) => cpuMs) / 1000).toFixed(2)} s`, ''],
    ['memory at most', `${Math.round(of(({ maxMiB }) => maxMiB))} MiB`, 'below 512 MiB'],
    ['of it what ZFS printed', `${Math.round(of(({ textMiB }) => textMiB))} MiB`, ''],
  ];
  return `Planning for ${datasets} datasets with ${snapshots} snapshots each on both sides, from what ZFS printed to the plan; median of ${rounds}.\n\n${table(rows)}`;
}
