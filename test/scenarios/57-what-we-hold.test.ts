import { expect } from 'vitest';
import { furtherScenario, scenario } from '../world/scenario.ts';

scenario(
  'a replica that is given up: all of ours is found, shown and let go of, and nothing else',
  async (world) => {
    const { source, target, sync, zferry } = world;
    await source.zfs('create', 'src/data');
    await source.zfs('create', 'src/data/below');
    // Of others, and of another replica.
    await source.zfs('snapshot', 'src/data@theirs');
    await source.zfs('hold', 'theirs', 'src/data@theirs');
    await source.zfs('bookmark', 'src/data@theirs', 'src/data#theirs');
    await source.zfs('set', 'my:note=kept', 'src/data');
    for (const name of ['one', 'two'])
      expect(await sync('src/data', `dst/${name}`, '-r')).toMatchObject({ code: 0 });
    await target.zfs('set', 'my:note=kept', 'dst/one');
    const [one, two] = [await target.get('zferry:id', 'dst/one'), await target.get('zferry:id', 'dst/two')];

    const list = await zferry('holds', '{source}', '{target}');
    expect(list.code).toBe(0);
    for (const id of [one, two]) {
      expect(list.out).toMatch(
        new RegExp(`a:src/data#zferry_${id}_\\d+ +bookmark +${id} +\\S+.* the base of the next`),
      );
      expect(list.out).toMatch(new RegExp(`b:dst/\\w+@\\S+ +hold +${id} `));
    }
    expect(list.out).toMatch(/b:dst\/one +properties .*zferry:id/);
    expect(list.out).not.toContain('theirs');

    const before = await world.everything();
    const preview = await zferry('holds', '--release', '--id', one, '{source}', '{target}');
    expect(preview).toMatchObject({ code: 0, out: expect.stringContaining('Nothing was changed') });
    expect(await world.everything()).toEqual(before);

    expect(await zferry('holds', '--release', '--id', one, '--yes', '{source}', '{target}')).toMatchObject({
      code: 0,
    });
    const left = await zferry('holds', '{source}', '{target}', '--json');
    const holdings: { id: string }[] = JSON.parse(left.out).holdings;
    expect(new Set(holdings.map(({ id }) => id))).toEqual(new Set([two]));
    const after = await world.everything();
    expect(before.filter((line) => !after.includes(line))).toEqual([
      expect.stringContaining(`src/data#zferry_${one}_`),
      expect.stringContaining(`src/data/below#zferry_${one}_`),
    ]);
    expect(await source.holds()).toEqual(['src/data@theirs theirs']);
    expect(await target.get('my:note', 'dst/one')).toBe('kept');
    expect(await sync('src/data', 'dst/two', '-r')).toMatchObject({ code: 0 });
    // Nothing keeps it from being destroyed.
    await target.zfs('destroy', '-r', 'dst/one');
  },
);

furtherScenario(
  'a bookmark whose copy is on no host that was looked at is left alone until its replica is named',
  async (world) => {
    const { source, target, sync, zferry } = world;
    await source.zfs('create', 'src/data');
    await sync('src/data', 'dst/copy');
    const id = await target.get('zferry:id', 'dst/copy');
    const alone = await zferry('holds', '--release', '--yes', '{source}');
    expect(alone.out).toContain('Nothing to let go of');
    expect(alone.out).toContain(`--release --id ${id}`);
    expect(await source.zfs('list', '-H', '-t', 'bookmark', '-o', 'name')).toContain(id);
  },
);
