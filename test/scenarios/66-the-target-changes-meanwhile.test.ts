import { expect } from 'vitest';
import { interrupted } from '../world/interrupted.ts';
import { furtherScenario, scenario } from '../world/scenario.ts';

scenario(
  'a snapshot on the target stands in the way: what has arrived stays until it is gone',
  async (world) => {
    const { source, target, sync } = world;
    await interrupted(world, 'one', 'two');
    await target.zfs('snapshot', 'dst/copy@mine');

    const refused = await sync('src/data', 'dst/copy', '--no-snapshot');
    expect(refused.code).toBe(4);
    expect(refused.err).toContain('has a snapshot that the source has not');
    expect(await target.get('receive_resume_token', 'dst/copy')).toMatch(/^1-/);

    await target.zfs('destroy', 'dst/copy@mine');
    const run = await sync('src/data', 'dst/copy', '--no-snapshot');
    expect(run.code).toBe(0);
    expect(run.err).toContain('resumed src/data rest of @two');
    expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
  },
);

furtherScenario(
  'somebody lets go of it between plan and step: planned anew, in the same run',
  async (world) => {
    const { source, target, sync } = world;
    await interrupted(world, 'one', 'two');
    await target.before('receive', [['receive', '-A', 'dst/copy']], ' -s ');

    const run = await sync('src/data', 'dst/copy', '--no-snapshot');

    expect(run.code).toBe(0);
    expect(run.err).toMatch(/the target changed between the parts of a receive .*; trying again in/);
    expect(run.err).toContain('sent src/data -i @one @two');
    expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
    expect(await source.holds()).toEqual([]);
  },
);
