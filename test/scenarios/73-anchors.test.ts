import { expect } from 'vitest';
import { fullScenario, furtherScenario, scenario } from '../world/scenario.ts';
import { linesOf, type Side } from '../world/side.ts';

const bookmarks = async (side: Side, dataset: string): Promise<string[]> =>
  linesOf(await side.zfs('list', '-H', '-d', '1', '-t', 'bookmark', '-o', 'name', dataset));

scenario('the base is protected on both sides, the one before it no more', async (world) => {
  const { source, target, sync } = world;
  await source.zfs('create', 'src/data');
  await source.zfs('create', 'src/data/below');
  for (let i = 0; i < 3; i++) {
    await source.write('src/data', 'file', `${i}`);
    expect(await sync('src/data', 'dst/copy', '-r')).toMatchObject({
      code: 0,
      err: expect.not.stringContaining('not'),
    });
  }
  const id = await target.get('zferry:id', 'dst/copy');
  for (const [from, to] of [
    ['src/data', 'dst/copy'],
    ['src/data/below', 'dst/copy/below'],
  ] as const) {
    const [name, guid] = (await target.history(to)).at(-1)?.split(' ') ?? [];
    expect(await bookmarks(source, from)).toEqual([`${from}#zferry_${id}_${guid}`]);
    expect(await target.holds()).toContain(`${to}${name} zferry_${id}`);
  }
  expect(await target.holds()).toHaveLength(2);
  expect(await source.holds()).toEqual([]);

  // With nothing to do, nothing is asked.
  const idle = await sync('src/data', 'dst/copy', '-r', '--no-snapshot');
  expect(idle.commands.filter((line) => /zfs (hold|bookmark|release)/.test(line))).toEqual([]);
});

furtherScenario('two targets of one source do not touch each other’s', async (world) => {
  const { source, target, sync } = world;
  await source.zfs('create', 'src/data');
  await sync('src/data', 'dst/one');
  const [mark] = await bookmarks(source, 'src/data');
  await sync('src/data', 'dst/two');
  for (let i = 0; i < 2; i++) {
    await source.write('src/data', 'file', `${i}`);
    expect(await sync('src/data', 'dst/two', '--keep', '1')).toMatchObject({ code: 0 });
  }
  expect(await bookmarks(source, 'src/data')).toHaveLength(2);
  expect(await bookmarks(source, 'src/data')).toContain(mark);
  // The first one's base can be destroyed by whoever thinks it old: its bookmark is enough.
  const [base = ''] = await target.history('dst/one');
  await source.zfs('destroy', `src/data${base.split(' ')[0]}`);
  expect(await sync('src/data', 'dst/one')).toMatchObject({ code: 0 });
});

scenario('what a run that was killed left is let go of by the next', { real: 'a kill' }, async (world) => {
  const { source, target, sync, syncDuring } = world;
  await source.zfs('create', 'src/data');
  await sync('src/data', 'dst/copy');
  await source.write('src/data', 'file', 'more');
  // The old base stays held, as after a power cut right before it is let go.
  await target.intercept('release', 'touch /root/releasing; sleep 60');
  await syncDuring(
    async (pid) => {
      await target.until('[ -e /root/releasing ]');
      process.kill(pid, 'SIGKILL');
    },
    'src/data',
    'dst/copy',
  );
  await target.letPass();
  await target.sh('rm /root/releasing');
  expect(await target.holds()).toHaveLength(2);
  await source.write('src/data', 'file', 'and more');
  expect(await sync('src/data', 'dst/copy')).toMatchObject({ code: 0 });
  const newest = (await target.history('dst/copy')).at(-1)?.split(' ')[0];
  expect(await target.holds()).toEqual([expect.stringContaining(`dst/copy${newest} zferry_`)]);
  expect(await bookmarks(source, 'src/data')).toHaveLength(1);
});

fullScenario('without the rights for it, it goes on without, and says so once', async (world) => {
  const { source, target, sync } = world;
  await source.zfs('create', 'src/data');
  await source.zfs('create', 'src/data/below');
  await source.intercept('bookmark', 'echo "cannot create bookmark: permission denied" >&2; exit 1');
  await target.intercept('hold', 'echo "cannot hold snapshot: permission denied" >&2; exit 1');
  for (let i = 0; i < 2; i++) {
    await source.write('src/data', 'file', `${i}`);
    const run = await sync('src/data', 'dst/copy', '-r');
    expect(run.code).toBe(0);
    expect(run.err.match(/the base is not bookmarked on a/g)).toHaveLength(1);
    expect(run.err.match(/the base is not held on b/g)).toHaveLength(1);
  }
  expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
});

scenario(
  'what has just arrived is destroyed before it is held: the bookmark of what is the base then stays',
  async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', 'src/data');
    await source.zfs('snapshot', 'src/data@one');
    expect(await sync('src/data', 'dst/copy', '--no-snapshot')).toMatchObject({ code: 0 });
    const [one = ''] = await source.history('src/data');
    await source.zfs('snapshot', 'src/data@two');
    await target.before('hold', [['destroy', 'dst/copy@two']]);
    await world.zferry('sync', '--no-snapshot', '{source}src/data', '{target}dst/copy');
    await target.letPass();

    expect(await target.history('dst/copy')).toEqual([one]);
    const marks = await source.zfs('list', '-H', '-t', 'bookmark', '-o', 'guid', '-r', 'src/data');
    expect(marks.split('\n')).toContain(one.split(' ')[1]);
    await source.zfs('destroy', 'src/data@one');
    expect(await sync('src/data', 'dst/copy', '--no-snapshot')).toMatchObject({ code: 0 });
    expect((await target.history('dst/copy')).at(-1)).toBe((await source.history('src/data')).at(-1));
  },
);
