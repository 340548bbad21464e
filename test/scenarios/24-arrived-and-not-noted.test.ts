import { expect } from 'vitest';
import { scenario } from '../world/scenario.ts';

scenario('killed after all had arrived and before it was noted: nothing is sent again', async (world) => {
  const { source, target, sync, syncDuring } = world;
  await source.zfs('create', 'src/data');
  await source.fill('src/data', 'file', 2_000_000);
  await source.zfs('snapshot', 'src/data@one');
  await target.intercept('receive', 'real "$@"; sleep 20');
  const kill = async (pid: number): Promise<void> => {
    await target.until('zfs list dst/copy@one');
    process.kill(pid, 'SIGKILL');
  };
  const killed = await syncDuring(kill, 'src/data', 'dst/copy', '--no-snapshot');
  expect(killed.code).toBe(137);
  await target.letPass();
  expect(await source.holds()).toHaveLength(1);

  const run = await sync('src/data', 'dst/copy', '--no-snapshot');

  expect(run.code).toBe(0);
  expect(run.out).toContain('nothing to send');
  expect(run.commands.filter((line) => /zfs (send|receive)/.test(line))).toEqual([]);
  expect(run.err).toMatch(/did not come to its end; this one goes on from what it left/);
  expect(await source.holds()).toEqual([]);
  expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
});
