import { expect } from 'vitest';
import { variant } from '../variants.ts';
import { scenario } from '../world/scenario.ts';

scenario(
  'the target gets what it lacks, and then nothing at all is sent',
  async ({ source, target, sync }) => {
    await source.zfs('create', 'src/data');
    await source.zfs('snapshot', 'src/data@1');
    await sync('src/data', 'dst/copy', '--no-snapshot');
    for (const name of ['2', '3']) {
      await source.write('src/data', 'file', name);
      await source.zfs('snapshot', `src/data@${name}`);
    }

    const run = await sync('src/data', 'dst/copy', '--no-snapshot');
    expect(run.code).toBe(0);
    // A release that can lose one of many gets them one by one.
    const sends = variant().zfs.b === '2.1' ? ['-i @1 src/data@2', '-i @2 src/data@3'] : ['-I @1 src/data@3'];
    expect(run.commands.filter((line) => line.includes('zfs send'))).toEqual(
      sends.map((words) => expect.stringContaining(words)),
    );
    expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));

    const again = await sync('src/data', 'dst/copy', '--no-snapshot');
    expect(again.code).toBe(0);
    expect(again.out).toContain('nothing to send');
    expect(again.commands.filter((line) => line.includes('zfs send'))).toEqual([]);
  },
);

scenario('later receives set no property, and what the operator sets on the copy stays', async (world) => {
  const { source, target, sync } = world;
  await source.zfs('create', 'src/data');
  await sync('src/data', 'dst/copy');
  await target.zfs('set', 'compression=gzip', 'org.example:note=mine', 'dst/copy');

  const run = await sync('src/data', 'dst/copy');
  const receive = run.commands.find((line) => line.includes('zfs receive')) ?? '';
  expect(receive).not.toContain(' -o ');
  expect(await target.get('compression', 'dst/copy')).toBe('gzip');
  expect(await target.get('org.example:note', 'dst/copy')).toBe('mine');
});
