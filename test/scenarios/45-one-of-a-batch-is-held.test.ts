import { expect } from 'vitest';
import { scenario } from '../world/scenario.ts';

scenario('the middle one of a batch is held: the others go, and the warning names its tag', async (world) => {
  const { source, target, sync } = world;
  await source.zfs('create', 'src/data');
  for (let i = 0; i < 3; i++) expect(await sync('src/data', 'dst/copy')).toMatchObject({ code: 0 });
  const [, middle = ''] = await source.history('src/data');
  const held = `src/data${middle.split(' ')[0]}`;
  await source.zfs('hold', 'legal', held);

  const run = await sync('src/data', 'dst/copy', '--keep', '1');

  expect(run.code).toBe(0);
  expect(run.err).toContain(
    `${held} is held by "legal" (to let go of it: zfs release legal ${held}); it stays`,
  );
  expect(await source.history('src/data')).toEqual([middle, expect.stringMatching(/^@zferry_/)]);
  expect(await source.holds()).toContain(`${held} legal`);
  expect(await target.history('dst/copy')).toHaveLength(4);

  await source.zfs('release', 'legal', held);
  const next = await sync('src/data', 'dst/copy', '--keep', '1');
  expect(next).toMatchObject({ code: 0, err: expect.not.stringContaining('warning') });
  expect(next.commands.filter((line) => line.includes('zfs holds'))).toEqual([]);
  expect(await source.history('src/data')).toHaveLength(1);
});
