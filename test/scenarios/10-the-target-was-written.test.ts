import { expect } from 'vitest';
import { asides, diverged, wasWritten } from '../world/diverged.ts';
import { furtherScenario, scenario } from '../world/scenario.ts';

scenario('written on the target: named, and set aside with its data when asked for', async (world) => {
  const { source, target, sync } = world;
  await wasWritten(world);

  const stopped = await sync('src/data', 'dst/copy');
  expect(stopped.code).toBe(4);
  expect(stopped.err).toContain('was written to since its newest snapshot');
  expect(stopped.err).toContain('--on-divergence set-aside');
  expect(stopped.err).toMatch(/ root: zfs set readonly=off dst\/copy\n/);

  const preview = await sync('src/data', 'dst/copy', '--on-divergence', 'set-aside', '--dry-run');
  expect(preview.code).toBe(0);
  expect(preview.out).toMatch(/set aside dst\/copy as dst\/copy_diverged_\d{8}T\d{6}Z/);
  expect(await asides(target)).toEqual([]);

  const run = await sync('src/data', 'dst/copy', '--on-divergence', 'set-aside');
  expect(run).toMatchObject({ code: 0 });
  expect(run.err).toMatch(/warning: set dst\/copy aside as dst\/copy_diverged_/);
  // Nothing of what the target had was sent again: one increment.
  expect(run.commands.filter((line) => line.includes('zfs send'))).toEqual([expect.stringContaining(' -i ')]);
  expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
  expect(await target.get('readonly', 'dst/copy')).toBe('on');
  const [copy = ''] = await asides(target);
  expect(await diverged(target, copy, 'mine')).toBe('precious');

  await source.write('src/data', 'later', 'later');
  const next = await sync('src/data', 'dst/copy', '--mount');
  expect(next).toMatchObject({ code: 0 });
  expect(await target.read('dst/copy', 'later')).toBe('later');
});

furtherScenario('rolled back only when that is asked for by name', async (world) => {
  const { source, target, zferry } = world;
  await wasWritten(world);
  const args = ['--on-divergence', 'rollback', '{source}src/data', '{target}dst/copy'];

  const preview = await zferry('sync', '--dry-run', ...args);
  expect(preview.out).toMatch(/roll back dst\/copy to @\S+: DESTROYS \S+ \S+ written/);
  expect(await target.get('written', 'dst/copy')).not.toBe('0');

  expect(await zferry('sync', ...args)).toMatchObject({ code: 0 });
  expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
  expect(await asides(target)).toEqual([]);
  expect(await zferry('sync', '--mount', '{source}src/data', '{target}dst/copy')).toMatchObject({ code: 0 });
  await expect(target.read('dst/copy', 'mine')).rejects.toThrow();
});

scenario(
  'a copy that is in use is not set aside, and stays mounted',
  { real: 'a process in a mounted copy' },
  async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', '-p', 'src/data/x');
    expect(await sync('src/data', 'dst/copy', '-r', '--mount')).toMatchObject({ code: 0 });
    await target.zfs('snapshot', 'dst/copy@mine');
    await target.sh('cd /dst/copy/x && { sleep 120 > /dev/null 2>&1 & echo $! > /root/user; }');

    const busy = await sync('src/data', 'dst/copy', '-r', '--on-divergence', 'set-aside', '--retries', '0');
    expect(busy).toMatchObject({ code: 1, err: expect.stringContaining('Setting dst/copy aside') });
    expect(await target.get('mounted', 'dst/copy')).toBe('yes');
    expect(await target.get('mounted', 'dst/copy/x')).toBe('yes');
    await target.sh('kill $(cat /root/user); sleep 0.2');
    const run = await sync('src/data', 'dst/copy', '-r', '--on-divergence', 'set-aside', '-q');
    expect(run, run.err).toMatchObject({ code: 0 });
    expect(run.err).toContain('warning: set dst/copy aside as');
    expect(run.err).toContain('unmounted dst/copy, dst/copy/x');
  },
);
