import { expect } from 'vitest';
import { scenario } from '../world/scenario.ts';

scenario('the second of two sources is refused before anything runs', async ({ source, target, sync }) => {
  await source.zfs('create', 'src/one');
  await source.zfs('create', 'src/two');
  await sync('src/one', 'dst/copy');
  const before = [await source.everything(), await target.everything()];

  const run = await sync('src/two', 'dst/copy');

  expect(run.code).toBe(4);
  expect(run.err).toContain('already the replica of another source');
  expect([await source.everything(), await target.everything()]).toEqual(before);
});
