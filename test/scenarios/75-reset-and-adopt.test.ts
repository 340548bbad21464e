import { expect } from 'vitest';
import { asides } from '../world/diverged.ts';
import { scenario } from '../world/scenario.ts';

scenario(
  'reset: said first, then set aside; the next sync sends a full copy, and what is below comes back',
  async (world) => {
    const { source, target, sync, zferry } = world;
    await source.zfs('create', 'src/data');
    await source.zfs('create', 'src/data/below');
    expect(await sync('src/data', 'dst/copy', '-r')).toMatchObject({ code: 0 });
    const before = await target.everything();

    const preview = await zferry('reset', '{target}dst/copy');
    expect(preview).toMatchObject({ code: 0, out: expect.stringContaining('Nothing was changed') });
    expect(await target.everything()).toEqual(before);

    expect(await zferry('reset', '--yes', '{target}dst/copy')).toMatchObject({ code: 0 });
    const guids = (await target.everything()).map((line) => line.split(' ').at(-1));
    expect(before.filter((line) => !guids.includes(line.split(' ').at(-1)))).toEqual([]);

    const run = await sync('src/data', 'dst/copy', '-r');
    expect(run).toMatchObject({ code: 0 });
    const sends = run.commands.filter((line) => line.includes('zfs send'));
    expect(sends.filter((line) => !/ -[iI] /.test(line))).toHaveLength(1);
    expect(await target.history('dst/copy/below')).toEqual(await source.history('src/data/below'));
    expect(await asides(target)).toHaveLength(1);
  },
);

scenario('what cannot be reset says why', async ({ target, zferry }) => {
  expect(await zferry('reset', '--yes', '{target}dst/none')).toMatchObject({
    code: 1,
    err: expect.stringContaining('is not there'),
  });
  expect(await zferry('reset', '--yes', '{target}dst')).toMatchObject({
    code: 4,
    err: expect.stringContaining('the root of a pool'),
  });
  expect(await target.everything()).toHaveLength(1);
});

scenario(
  'adopt: a copy made by hand goes on by increments, one with nothing in common does not',
  async (world) => {
    const { source, target, sync, zferry } = world;
    for (const name of ['src/data', 'src/data/below', 'src/other', 'src/data/new'])
      await source.zfs('create', name);
    await source.zfs('snapshot', '-r', 'src/data@hand');
    await source.zfs('snapshot', 'src/other@hand');
    for (const [from, to] of [
      ['src/data', 'dst/copy'],
      ['src/data/below', 'dst/copy/below'],
    ] as const) {
      const stream = await source.sh(`zfs send ${from}@hand | base64 -w 0`);
      await target.sh(`base64 -d | zfs receive -u ${to}`, stream);
    }
    await target.zfs('set', 'my:note=kept', 'dst/copy');

    const wrong = await zferry('adopt', '{source}src/other', '{target}dst/copy');
    expect(wrong).toMatchObject({
      code: 4,
      out: expect.stringContaining('none of its 1 snapshots has the GUID'),
    });
    const preview = await zferry('adopt', '-n', '-r', '{source}src/data', '{target}dst/copy');
    expect(preview).toMatchObject({ code: 0, out: expect.stringContaining('Nothing was changed') });
    expect(await target.get('zferry:id', 'dst/copy')).toBe('-');

    const adopted = await zferry('adopt', '-r', '{source}src/data', '{target}dst/copy');
    expect(adopted).toMatchObject({ code: 0, out: expect.stringMatching(/dst\/copy\/new: is not there/) });
    expect(await target.get('readonly', 'dst/copy/below')).toBe('on');
    expect(await target.get('my:note', 'dst/copy')).toBe('kept');
    const run = await sync('src/data', 'dst/copy', '-r');
    expect(run).toMatchObject({ code: 0 });
    const full = run.commands.filter((line) => line.includes('zfs send') && !/ -[iI] /.test(line));
    expect(full).toEqual([expect.stringContaining('src/data/new')]);
    const again = await zferry('adopt', '-r', '{source}src/data', '{target}dst/copy');
    expect(again.out).toContain('is a replica of src/data already');
  },
);
