import { expect } from 'vitest';
import { furtherScenario, scenario } from '../world/scenario.ts';

scenario('refused, with both histories, and nothing is destroyed', async ({ source, target, sync }) => {
  await source.zfs('create', 'src/data');
  await source.zfs('snapshot', 'src/data@ours');
  await target.zfs('create', 'dst/copy');
  await target.write('dst/copy', 'file', 'precious');
  await target.zfs('snapshot', 'dst/copy@theirs');
  const before = [await source.everything(), await target.everything()];

  const run = await sync('src/data', 'dst/copy');

  expect(run.code).toBe(4);
  expect(run.err).toMatch(/only on the source: @ours/);
  expect(run.err).toMatch(/only on the target: @theirs/);
  expect(run.err).toMatch(/What to do: to have it set aside.*zferry reset b:dst\/copy/);
  expect([await source.everything(), await target.everything()]).toEqual(before);

  const dry = await sync('src/data', 'dst/copy', '--dry-run', '--json');
  expect(dry.code).toBe(4);
  const [dataset] = JSON.parse(dry.out).plan.datasets;
  expect(dataset.conflict).toMatchObject({
    kind: 'no-common-snapshot',
    base: null,
    sourceOnly: [{ name: 'ours' }],
    targetOnly: [{ name: 'theirs' }],
  });
});

furtherScenario(
  'a snapshot of its own on the target stops the next increment',
  async ({ source, target, sync }) => {
    await source.zfs('create', 'src/data');
    await sync('src/data', 'dst/copy');
    await target.zfs('snapshot', 'dst/copy@theirs');
    const run = await sync('src/data', 'dst/copy');
    expect(run.code).toBe(4);
    expect(run.err).toContain('@theirs');
  },
);

furtherScenario('so does a target that was written to', async ({ source, target, sync }) => {
  await source.zfs('create', 'src/data');
  await sync('src/data', 'dst/copy', '--mount');
  await target.zfs('set', 'readonly=off', 'dst/copy');
  await target.write('dst/copy', 'file', 'mine');
  await target.zpool('sync', 'dst');
  const run = await sync('src/data', 'dst/copy');
  expect(run.code).toBe(4);
  expect(run.err).toContain('was written to since its newest snapshot');
  expect(await target.read('dst/copy', 'file')).toBe('mine');
});
