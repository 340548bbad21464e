import { expect } from 'vitest';
import { isFull, variant } from '../variants.ts';
import type { Run } from '../world/run-zferry.ts';
import { scenario } from '../world/scenario.ts';

/** 100 in the full run: making them takes an emulated host half a minute. */
const many = isFull ? 100 : 20;
const datasets = Array.from({ length: many }, (_, i) => `src/tree/d${i}`);

/** Of each side, 1 where its release does not say when snapshots have changed, which is found out once. */
const { zfs } = variant();
const untold = { source: Number(zfs.a === '2.1'), target: Number(zfs.b === '2.1') };

/** Starts of an ssh session on each side. */
function starts(run: Run): { source: number; target: number } {
  const all = run.commands.join(' | ');
  const count = (host: string) => all.split(new RegExp(`ssh -F \\S+ ${host} `)).length - 1;
  return { source: count('a'), target: count('b') };
}

scenario(
  `nothing to do on ${many} datasets with 3 snapshots each: a command a host, and the lock`,
  { minutes: 8 },
  async (world) => {
    const { source, target, zferry } = world;
    const script = datasets.map((name) => `zfs create ${name}`).join('\n');
    // The target gets the very same snapshots with a copy of the pool, quicker than by as many sends. It is another pool then, and its release has to know it.
    const features = zfs.b === '2.1' ? '-o compatibility=openzfs-2.1-linux ' : '';
    const copy = await source.sh(`set -e
zpool destroy src && truncate -s 192M /root/pool && zpool create ${features}src /root/pool
zfs create src/tree
${script}
for s in 1 2 3; do zfs snapshot -r src/tree@$s; done
zpool sync src && zstd -qc /root/pool | base64 -w 0`);
    await target.sh(
      'set -e; zpool destroy dst; base64 -d | zstd -qdc > /root/pool; zpool import -f -d /root -N src dst; zpool reguid dst',
      copy,
    );

    const sync = async () =>
      await zferry('sync', '-v', '-r', '--no-snapshot', '{source}src/tree', '{target}dst/tree');
    const run = await sync();

    expect(run.code).toBe(0);
    expect(run.out).toContain(`${many + 1} datasets up to date`);
    // Nobody knows how the run before ended, so holds of it are looked for, and the base is protected on both sides.
    expect(starts(run)).toEqual({ source: 3 + untold.source, target: 4 + untold.target });
    expect(starts(await sync())).toEqual({ source: 1, target: 2 });
    // By then nothing has changed since both were seen, so no snapshot is listed where that is told.
    const known = await sync();
    expect(starts(known)).toEqual({ source: 1, target: 2 });
    expect(known.out).toContain(`${many + 1} datasets up to date`);
    const listings = known.commands.filter((line) => line.includes('snapshot,bookmark'));
    // Of snapshots that such a release took, none tells it.
    expect(listings).toHaveLength(untold.source + Math.max(untold.source, untold.target));

    // The budget is eight commands a host for a hundred increments.
    await source.sh(datasets.map((name) => `echo more > /${name}/file`).join('\n'));
    const next = await zferry('sync', '-v', '-r', '{source}src/tree', '{target}dst/tree');
    expect(next.code).toBe(0);
    expect(next.out).toContain(`${many + 1} snapshots of ${many + 1} datasets sent`);
    console.log(`${many} small increments: ${JSON.stringify(starts(next))} commands`);
    expect(starts(next).source).toBeLessThanOrEqual(8);
    expect(starts(next).target).toBeLessThanOrEqual(8);
  },
);
