import { expect } from 'vitest';
import { scenario } from '../world/scenario.ts';

const names = ['with space', 'co:lon', 'do.t', '-dash', 'under_score', ' x', 'end.'];

scenario('a tree of all the names that ZFS allows', async ({ source, target, sync }) => {
  await source.zfs('create', 'src/my data');
  for (const name of names) await source.zfs('create', `src/my data/x${name}`);
  await source.zfs('snapshot', '-r', 'src/my data@it: is-1.0 late');

  const run = await sync('src/my data', 'dst/far away/my:copy', '-r');

  expect(run.code).toBe(0);
  for (const name of names) {
    const arrived = await target.history(`dst/far away/my:copy/x${name}`);
    expect(arrived).toHaveLength(2);
    expect(arrived).toEqual(await source.history(`src/my data/x${name}`));
  }
});

scenario('property values of every kind stay as they are on both sides', async ({ source, target, sync }) => {
  const value = `a "b" 'c' $HOME \`id\` 100% \\ !x\nnext\tline ü`;
  await source.zfs('create', '-o', `org.example:note=${value}`, 'src/data');
  await target.zfs('create', '-o', `org.example:note=${value}`, 'dst/there');
  expect(await sync('src/data', 'dst/there/copy')).toMatchObject({ code: 0 });
  expect(await sync('src/data', 'dst/there/copy')).toMatchObject({ code: 0 });
  expect(await source.get('org.example:note', 'src/data')).toBe(value);
  expect(await target.get('org.example:note', 'dst/there')).toBe(value);
  expect(await target.get('org.example:note', 'dst/there/copy')).toBe(value);
});
