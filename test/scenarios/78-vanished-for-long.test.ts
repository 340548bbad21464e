import { expect } from 'vitest';
import { furtherScenario, scenario, type World } from '../world/scenario.ts';

/** A mark as a run of long ago has left it. */
const longAgo = '20260101T000000Z';

/** src/home on dst/home, and src/home/ann with what is below it gone again. */
async function annIsGone({ source, sync }: World): Promise<void> {
  await source.zfs('create', '-p', 'src/home/ann/deep');
  await source.zfs('create', 'src/home/bob');
  await source.write('src/home/ann/deep', 'letter', 'Dear reader');
  expect(await sync('src/home', 'dst/home', '-r')).toMatchObject({ code: 0 });
  await source.zfs('destroy', '-r', 'src/home/ann');
}

/** Prunes what is gone for 30 days. Not by `sync`, which checks that nothing on the target is destroyed. */
const prune = (world: World, ...more: string[]) =>
  world.zferry(
    'sync',
    '-v',
    '-r',
    '--prune-vanished',
    '30d',
    ...more,
    '{source}src/home',
    '{target}dst/home',
  );

scenario(
  'a source that is gone: noted when first seen, destroyed after its time and not before',
  { minutes: 6 },
  async (world) => {
    const { source, target, sync, zferry } = world;
    await annIsGone(world);

    expect(await prune(world)).toMatchObject({ code: 0 });
    const mark = await target.get('zferry:vanished', 'dst/home/ann');
    expect(mark).toMatch(/^\d{8}T\d{6}Z$/);
    expect(await target.zfs('get', '-H', '-r', '-s', 'local', '-o', 'name', 'zferry:vanished', 'dst')).toBe(
      'dst/home/ann\n',
    );
    const again = await prune(world);
    expect(again.out).toMatch(/their source is gone: dst\/home\/ann \(since 20\d\d-\S+ \S+ UTC; until 20/);
    expect(again.commands.filter((line) => /zferry:vanished=|zfs destroy -r/.test(line))).toEqual([]);
    expect(await target.get('zferry:vanished', 'dst/home/ann')).toBe(mark);
    expect((await zferry('holds', '{target}')).out).toMatch(/dst\/home\/ann .*its source is gone/);

    await target.zfs('set', `zferry:vanished=${longAgo}`, 'dst/home/ann');
    expect(await sync('src/home', 'dst/home', '-r')).toMatchObject({
      code: 0,
      out: expect.stringContaining('dst/home/ann (since 2026-01-01 00:00 UTC)'),
    });
    const before = await world.everything();
    const dry = await prune(world, '--dry-run');
    expect(dry.out).toMatch(
      /destroy {3}dst\/home\/ann: its source is gone since 2026-01-01 00:00 UTC; LOSES 2 snapshots of 2 datasets, \S+ KiB/,
    );
    expect(await world.everything()).toEqual(before);

    const run = await prune(world, '--json');
    expect(run.code).toBe(0);
    const { result } = JSON.parse(run.out);
    expect(result.destroyed).toMatchObject([{ name: 'dst/home/ann', datasets: 2, snapshots: 2 }]);
    const after = await target.everything();
    const lost = before.filter((line) => line.startsWith('dst') && !after.includes(line));
    expect(lost).toHaveLength(4);
    expect(lost.filter((line) => !line.startsWith('dst/home/ann'))).toEqual([]);
    expect(await target.history('dst/home/bob')).toEqual(await source.history('src/home/bob'));
  },
);

furtherScenario(
  'what somebody holds, has cloned, or has put there stays whole, and that is said',
  { minutes: 6 },
  async (world) => {
    const { target } = world;
    await annIsGone(world);
    expect(await prune(world)).toMatchObject({ code: 0 });
    await target.zfs('set', `zferry:vanished=${longAgo}`, 'dst/home/ann');
    const ann = (await target.everything()).filter((line) => line.startsWith('dst/home/ann'));
    const snapshot = ann.find((line) => line.startsWith('dst/home/ann@'))?.split(' ')[0] ?? '';
    const stays = async (words: string | RegExp): Promise<void> => {
      const run = await prune(world);
      expect(run.code).toBe(0);
      expect(`${run.err}\n${run.out}`).toMatch(words);
      const now = await target.everything();
      expect(ann.filter((line) => !now.includes(line))).toEqual([]);
    };

    await target.zfs('hold', 'legal', snapshot);
    await stays(new RegExp(`warning: dst/home/ann, .* stays on b .*: ${snapshot} is held by "legal"`));
    await target.zfs('release', 'legal', snapshot);

    await target.zfs('clone', snapshot, 'dst/look');
    await stays(new RegExp(`warning: .*: ${snapshot} has the clone dst/look`));
    await target.zfs('destroy', 'dst/look');

    await target.zfs('create', '-u', 'dst/home/ann/theirs');
    await stays('dst/home/ann/theirs is no copy of something that is gone');
    await target.zfs('destroy', 'dst/home/ann/theirs');

    // Its own holds are no obstacle.
    expect((await target.holds()).filter((line) => line.startsWith('dst/home/ann'))).toHaveLength(2);
    expect(await prune(world)).toMatchObject({
      code: 0,
      out: expect.stringContaining('destroyed, their source was gone for long enough: dst/home/ann'),
    });
    expect((await target.everything()).filter((line) => line.startsWith('dst/home/ann'))).toEqual([]);
  },
);

furtherScenario(
  'not when something of the run fails, nor for another source; one that comes back loses its mark',
  { minutes: 6 },
  async (world) => {
    const { source, target, sync } = world;
    await annIsGone(world);
    await sync('src/home', 'dst/home', '-r');
    await target.zfs('set', `zferry:vanished=${longAgo}`, 'dst/home/ann');
    const ann = async () => (await target.everything()).filter((line) => line.startsWith('dst/home/ann'));
    const before = await ann();

    await target.zfs('set', 'readonly=off', 'dst/home/bob');
    await target.zfs('mount', 'dst/home/bob');
    await target.write('dst/home/bob', 'mine', 'mine');
    await target.zpool('sync', 'dst');
    await target.zfs('unmount', 'dst/home/bob');
    const partly = await prune(world);
    expect(partly.code).toBe(3);
    expect(partly.err).toContain('dst/home/ann (since 2026-01-01 00:00 UTC; not all of the rest can go on)');
    expect(await ann()).toEqual(before);
    await sync('src/home', 'dst/home', '-r', '--on-divergence', 'set-aside');

    await source.zfs('rename', 'src/home', 'src/old');
    await source.zfs('create', 'src/home');
    const other = await prune(world);
    expect(other.code).not.toBe(0);
    expect(await ann()).toEqual(before);
    await source.zfs('destroy', '-r', 'src/home');
    await source.zfs('rename', 'src/old', 'src/home');

    await source.zfs('create', 'src/home/ann');
    await prune(world);
    expect(await target.get('zferry:vanished', 'dst/home/ann')).toBe('-');
    // What was below it is gone all the same, since now.
    expect(await target.get('zferry:vanished', 'dst/home/ann/deep')).not.toBe(longAgo);
    expect(await ann()).toEqual(before);
  },
);

furtherScenario(
  'what was made on the target stays, although its source is gone for long enough',
  async (world) => {
    const { source, target } = world;
    await annIsGone(world);
    await source.zfs('create', 'src/home/eve');
    expect(await prune(world)).toMatchObject({ code: 0 });
    await source.zfs('destroy', '-r', 'src/home/eve');
    await target.zfs('set', 'readonly=off', 'dst/home/ann/deep');
    await target.zfs('mount', 'dst/home/ann/deep');
    await target.write('dst/home/ann/deep', 'mine', 'precious');
    await target.zfs('unmount', 'dst/home/ann/deep');
    await target.zfs('snapshot', 'dst/home/ann/deep@mine');
    const eve = (await target.history('dst/home/eve')).at(-1)?.split(' ')[0] ?? '';
    await target.zfs('bookmark', `dst/home/eve${eve}`, 'dst/home/eve#theirs');
    for (const name of ['ann', 'eve'])
      await target.zfs('set', `zferry:vanished=${longAgo}`, `dst/home/${name}`);

    const run = await prune(world);

    expect(run, run.err).toMatchObject({ code: 0 });
    expect(run.err).toContain('nothing says that dst/home/ann/deep@mine came from its source');
    expect(run.out).toContain('dst/home/eve has the bookmark #theirs');
    expect(await target.zfs('list', '-Ho', 'name', '-t', 'all', '-r', 'dst/home')).toMatch(
      /deep@mine[\s\S]*eve#theirs/,
    );
  },
);
