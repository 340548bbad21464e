import { expect } from 'vitest';
import { variant } from '../variants.ts';
import { furtherScenario, scenario } from '../world/scenario.ts';

scenario(
  'only our bookmark is left of the base: one increment from it, then the rest in one',
  async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', 'src/data');
    await source.zfs('snapshot', 'src/data@one');
    expect(await sync('src/data', 'dst/copy', '--no-snapshot')).toMatchObject({ code: 0 });
    for (const name of ['two', 'three', 'four']) {
      await source.write('src/data', name, name);
      await source.zfs('snapshot', `src/data@${name}`);
    }
    await source.zfs('destroy', 'src/data@one');

    const run = await sync('src/data', 'dst/copy', '--no-snapshot');

    expect(run.code).toBe(0);
    const sends = run.commands.filter((line) => line.includes('zfs send'));
    // A release that can lose one of many gets them one by one.
    const rest =
      variant().zfs.b === '2.1'
        ? [/-i @two src\/data@three/, /-i @three src\/data@four/]
        : [/-I @two src\/data@four/];
    expect(sends).toEqual(
      [/-i \S*#zferry_\w+_\d+\S* src\/data@two/, ...rest].map((line) => expect.stringMatching(line)),
    );
    expect((await target.history('dst/copy')).slice(1)).toEqual(await source.history('src/data'));
  },
);

furtherScenario(
  'rolled back in the middle of a run: what is then the last base is not rotated away',
  async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', 'src/data');
    for (const name of ['one', 'two', 'three']) {
      await source.write('src/data', 'file', name);
      expect(await sync('src/data', 'dst/copy')).toMatchObject({ code: 0 });
    }
    const oldest = (await source.history('src/data'))[0]?.split(' ')[0] ?? '';
    await source.before('bookmark', [['rollback', '-r', `src/data${oldest}`]]);
    const during = await sync('src/data', 'dst/copy', '--keep', '1');
    expect(during, during.err).toMatchObject({
      code: 0,
      err: expect.stringContaining('no own snapshot is rotated away'),
    });
    await source.letPass();
    expect((await source.history('src/data')).map((line) => line.split(' ')[0])).toEqual([oldest]);

    const run = await sync('src/data', 'dst/copy', '--on-divergence', 'set-aside');
    expect(run, run.err).toMatchObject({ code: 0 });
    expect(run.commands.filter((line) => line.includes('zfs send'))).toEqual([
      expect.stringContaining(' -i '),
    ]);
    expect((await target.history('dst/copy')).at(-1)).toBe((await source.history('src/data')).at(-1));
  },
);
