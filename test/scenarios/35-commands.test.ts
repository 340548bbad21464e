import { expect } from 'vitest';
import type { Run } from '../world/run-zferry.ts';
import { scenario } from '../world/scenario.ts';

const datasets = Array.from({ length: 100 }, (_, i) => `src/tree/d${i}`);

/** Starts of an ssh session on each side. */
function starts(run: Run): { source: number; target: number } {
  const all = run.commands.join(' | ');
  const count = (host: string) => all.split(new RegExp(`ssh -F \\S+ ${host} `)).length - 1;
  return { source: count('a'), target: count('b') };
}

scenario('nothing to do on 100 datasets with 3 snapshots each: one command a host', async (world) => {
  const { source, target, sync } = world;
  const script = datasets.map((name) => `zfs create -u ${name}`).join('\n');
  await source.sh(`zfs create src/tree\n${script}\nfor s in 1 2 3; do zfs snapshot -r src/tree@$s; done`);
  const first = await sync('src/tree', 'dst/tree', '-r', '--no-snapshot', '--initial', 'newest');
  expect(first.code).toBe(0);

  const run = await sync('src/tree', 'dst/tree', '-r', '--no-snapshot');

  expect(run.code).toBe(0);
  expect(run.out).toContain('101 datasets up to date');
  expect(starts(run)).toEqual({ source: 1, target: 1 });
  expect(await target.history('dst/tree/d99')).toEqual((await source.history('src/tree/d99')).slice(-1));
});
