import { expect } from 'vitest';
import { furtherScenario, scenario, type World } from '../world/scenario.ts';

/** Three snapshots whose names sort the other way round than they were made. */
async function history({ source }: World): Promise<void> {
  await source.zfs('create', 'src/data');
  for (const name of ['c', 'b', 'a']) {
    await source.write('src/data', 'file', name);
    await source.zfs('snapshot', `src/data@${name}`);
  }
}

scenario('all three arrive, in the order they were made', async (world) => {
  await history(world);
  const run = await world.sync('src/data', 'dst/copy', '--no-snapshot');
  expect(run.code).toBe(0);
  const arrived = await world.target.history('dst/copy');
  expect(arrived).toEqual(await world.source.history('src/data'));
  expect(arrived.map((line) => line.split(' ')[0])).toEqual(['@c', '@b', '@a']);
});

furtherScenario('--initial newest sends one, and increments follow from it', async (world) => {
  const { source, target, sync } = world;
  await history(world);
  expect(await sync('src/data', 'dst/copy', '--no-snapshot', '--initial', 'newest')).toMatchObject({
    code: 0,
  });
  expect(await target.history('dst/copy')).toEqual((await source.history('src/data')).slice(-1));

  await source.zfs('snapshot', 'src/data@later');
  expect(await sync('src/data', 'dst/copy', '--no-snapshot')).toMatchObject({ code: 0 });
  expect(await target.history('dst/copy')).toEqual((await source.history('src/data')).slice(-2));
});

furtherScenario('--initial fail refuses a first copy and changes nothing', async (world) => {
  const { source, target, sync } = world;
  await history(world);
  const before = [await source.everything(), await target.everything()];
  const run = await sync('src/data', 'dst/copy', '--initial', 'fail');
  expect(run.code).toBe(4);
  expect(run.err).toContain('--initial fail');
  expect([await source.everything(), await target.everything()]).toEqual(before);
});
