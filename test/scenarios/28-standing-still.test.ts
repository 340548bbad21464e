import { expect } from 'vitest';
import { scenario } from '../world/scenario.ts';

/** The first send stands still in its middle. */
const frozenOnce = `[ -e /root/once ] || { touch /root/once; real "$@" | { head -c 3000000; exec sleep 300; }; exit; }
real "$@"`;

scenario('a step on which nothing gets on is ended and tried again', async (world) => {
  const { source, target, sync } = world;
  await source.zfs('create', 'src/data');
  await source.fill('src/data', 'file', 6_000_000);
  await source.sh('rm -f /root/once');
  await source.intercept('send', frozenOnce);

  const run = await sync('src/data', 'dst/copy', '--stall', '10s');

  expect(run.err).toMatch(/was ended: nothing arrived on b for 10 s; trying again in/);
  expect(run.err).toContain('resumed src/data rest of @');
  expect(run.code).toBe(0);
  expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
});

scenario('a slow step that still moves is left alone', async (world) => {
  const { source, target, sync } = world;
  await source.zfs('create', 'src/data');
  await source.fill('src/data', 'file', 600_000);

  const started = Date.now();
  const run = await sync('src/data', 'dst/copy', '--bwlimit', '30K', '--stall', '10s');

  expect(Date.now() - started).toBeGreaterThan(15_000);
  expect(run.err).not.toContain('trying again');
  expect(run.code).toBe(0);
  expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
});
