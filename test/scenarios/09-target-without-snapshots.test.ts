import { expect } from 'vitest';
import { furtherScenario, scenario } from '../world/scenario.ts';

scenario('a target with data and no snapshots is refused', async ({ source, target, sync }) => {
  await source.zfs('create', 'src/data');
  await target.zfs('create', 'dst/copy');
  await target.write('dst/copy', 'file', 'precious');

  const run = await sync('src/data', 'dst/copy');

  expect(run.code).toBe(4);
  expect(run.err).toContain('has no snapshots to go on from');
  expect(run.err).toContain('give dst/copy/data as the target');
  expect(await target.read('dst/copy', 'file')).toBe('precious');
  expect(await source.history('src/data')).toEqual([]);
});

furtherScenario("a pool's root that is in use suggests a name below it", async ({ source, target, sync }) => {
  await source.zfs('create', 'src/data');
  await target.zfs('create', 'dst/other');
  const run = await sync('src/data', 'dst');
  expect(run.code).toBe(4);
  expect(run.err).toContain('give dst/data as the target');
});
