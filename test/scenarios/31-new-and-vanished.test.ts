import { expect } from 'vitest';
import { furtherScenario, scenario } from '../world/scenario.ts';

scenario(
  'a child appears: a full copy; one disappears: it stays on the target, and that is said',
  async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', '-p', 'src/home/ann/deep');
    await source.zfs('create', 'src/home/bob');
    await source.write('src/home/ann', 'letter', 'Dear reader');
    await sync('src/home', 'dst/home', '-r');
    const kept = await target.history('dst/home/ann');
    const top = await target.history('dst/home');

    await source.zfs('destroy', '-r', 'src/home/ann');
    await source.zfs('create', 'src/home/cyd');
    const dry = await sync('src/home', 'dst/home', '-r', '-n');
    expect(dry.out).toContain('keep      dst/home/ann: its source is gone; it stays as it is');
    const run = await sync('src/home', 'dst/home', '-r');

    expect(run.code).toBe(0);
    expect(run.out).toContain('kept on the target, their source is gone: dst/home/ann');
    expect(run.out).not.toContain('dst/home/ann/deep');
    expect(await target.history('dst/home/cyd')).toEqual(await source.history('src/home/cyd'));
    expect(await target.history('dst/home/ann')).toEqual(kept);
    expect(await target.history('dst/home')).toHaveLength(top.length + 1);

    const json = await sync('src/home', 'dst/home', '-r', '--json', '-q');
    const { vanished } = JSON.parse(json.out).plan;
    expect(vanished).toMatchObject([{ name: 'dst/home/ann', fate: 'kept' }]);
  },
);

furtherScenario(
  'a child that comes again under its old name is another one: refused, with both histories',
  async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', '-p', 'src/home/ann');
    await source.zfs('create', 'src/home/bob');
    await sync('src/home', 'dst/home', '-r');
    const kept = await target.history('dst/home/ann');
    await source.zfs('destroy', '-r', 'src/home/ann');
    await source.zfs('create', 'src/home/ann');

    const run = await sync('src/home', 'dst/home', '-r');

    expect(run.code).toBe(3);
    expect(run.err).toContain('dst/home/ann is already the replica of another source');
    expect(await target.history('dst/home/ann')).toEqual(kept);
    expect(await target.history('dst/home/bob')).toHaveLength(2);
  },
);
