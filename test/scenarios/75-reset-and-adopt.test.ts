import { expect } from 'vitest';
import { asides } from '../world/diverged.ts';
import { furtherScenario, scenario } from '../world/scenario.ts';

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
  { real: 'streams by hand' },
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

furtherScenario(
  'reset of what then gets no snapshot: what is below it comes back to a place that is made, which turns real later',
  async ({ source, target, sync, zferry }) => {
    await source.zfs('create', '-p', 'src/data/below');
    await source.zfs('snapshot', '-r', 'src/data@daily-1');
    const dailies = ['src/data', 'dst/copy', '-r', '--snapshots', 'daily-*'] as const;
    expect(await sync(...dailies)).toMatchObject({ code: 0 });
    const guid = await target.get('guid', 'dst/copy/below');
    expect(await zferry('reset', '--yes', '{target}dst/copy')).toMatchObject({ code: 0 });
    const [copy = ''] = (await target.zfs('list', '-Ho', 'name', '-d', '1', 'dst'))
      .split('\n')
      .filter((line) => line.includes('_diverged_'));
    expect(await zferry('reset', '--yes', `{target}${copy}`)).toMatchObject({
      code: 4,
      err: expect.stringContaining('it is what was set aside of dst/copy'),
    });

    await source.release('src/data');
    await source.zfs('destroy', 'src/data@daily-1');
    const run = await sync(...dailies);
    expect(run, run.err).toMatchObject({ code: 0 });
    expect(await target.get('guid', 'dst/copy/below')).toBe(guid);
    expect(await target.get('zferry:placeholder', 'dst/copy')).toBe('on');
    expect(await asides(target)).toEqual([copy]);

    await source.zfs('snapshot', '-r', 'src/data@daily-2');
    const real = await sync(...dailies);
    expect(real, real.err).toMatchObject({ code: 0 });
    expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
    expect(await target.get('guid', 'dst/copy/below')).toBe(guid);
  },
);

furtherScenario('a replica below another one waits until that has arrived again', async (world) => {
  const { source, target, sync, zferry } = world;
  await source.zfs('create', 'src/outer');
  await source.zfs('create', 'src/inner');
  expect(await sync('src/outer', 'dst/outer')).toMatchObject({ code: 0 });
  expect(await sync('src/inner', 'dst/outer/inner')).toMatchObject({ code: 0 });
  const guid = await target.get('guid', 'dst/outer/inner');
  expect(await zferry('reset', '--yes', '{target}dst/outer')).toMatchObject({ code: 0 });

  const early = await sync('src/inner', 'dst/outer/inner');
  expect(early).toMatchObject({ code: 4, err: expect.stringContaining('run the sync to dst/outer first') });

  expect(await sync('src/outer', 'dst/outer')).toMatchObject({ code: 0 });
  expect(await target.get('guid', 'dst/outer/inner')).toBe(guid);
  expect(await sync('src/inner', 'dst/outer/inner')).toMatchObject({ code: 0 });
});
