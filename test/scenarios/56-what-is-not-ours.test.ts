import { expect } from 'vitest';
import { scenario } from '../world/scenario.ts';
import { linesOf, type Side } from '../world/side.ts';

/** What others have put there: all but what bears our name. */
async function ofOthers(side: Side): Promise<string[]> {
  const properties = await side.zfs(
    'get',
    '-Hp',
    '-r',
    '-s',
    'local',
    '-o',
    'name,property,value',
    'all',
    side.pool,
  );
  const lines = [...(await side.everything()), ...(await side.holds()), ...linesOf(properties)];
  return lines.filter((line) => !/zferry/.test(line)).sort();
}

scenario(
  'snapshots, holds, bookmarks and properties of others are after all that we do as they were before',
  async (world) => {
    const { source, target, sync, zferry } = world;
    await source.zfs('create', 'src/data');
    await source.zfs('snapshot', 'src/data@theirs');
    await source.zfs('hold', 'theirs', 'src/data@theirs');
    await source.zfs('hold', 'zferry_of_somebody', 'src/data@theirs');
    await source.zfs('bookmark', 'src/data@theirs', 'src/data#theirs');
    await source.zfs('snapshot', 'src/data@zferry_like');
    await source.zfs('bookmark', 'src/data@zferry_like', 'src/data#zferry_mark');
    await source.zfs('set', 'my:note=theirs', 'src/data');
    await target.zfs('create', '-o', 'my:note=theirs', 'dst/other');
    await target.zfs('snapshot', 'dst/other@theirs');
    await target.zfs('hold', 'theirs', 'dst/other@theirs');
    const [here, there] = [await ofOthers(source), await ofOthers(target)];
    const looksLikeOurs = ['src/data@zferry_like', 'src/data#zferry_mark'];

    for (let i = 0; i < 2; i++)
      expect(await sync('src/data', 'dst/copy', '--keep', '1')).toMatchObject({ code: 0 });
    await target.zfs('set', 'my:note=mine', 'dst/copy');
    await target.zfs('snapshot', 'dst/copy@theirs2');
    await target.zfs('hold', 'theirs', 'dst/copy@theirs2');
    expect(await sync('src/data', 'dst/copy', '--on-divergence', 'set-aside')).toMatchObject({ code: 0 });
    const id = await target.get('zferry:id', 'dst/copy');
    expect(await zferry('holds', '--release', '--id', id, '--yes', '{source}', '{target}')).toMatchObject({
      code: 0,
    });

    expect(await ofOthers(source)).toEqual(here);
    expect(await ofOthers(target)).toEqual(expect.arrayContaining(there));
    const names = (await source.everything()).map((line) => line.split(' ')[0]);
    expect(names).toEqual(expect.arrayContaining(looksLikeOurs));
    expect(await source.holds()).toContain('src/data@theirs zferry_of_somebody');
    expect(await target.get('my:note', 'dst/copy')).toBe('mine');
    expect((await target.holds()).filter((line) => line.includes('theirs2'))).toHaveLength(1);
  },
);
