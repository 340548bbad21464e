import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { isFull } from '../variants.ts';
import { scenario } from '../world/scenario.ts';

if (isFull) {
  scenario('a target that vanishes is noticed, and gone on with when it is back', async (world) => {
    const { source, target, syncDuring, cable } = world;
    await source.zfs('create', 'src/data');
    await source.fill('src/data', 'file', 12_000_000);
    const pull = async (): Promise<void> => {
      await target.received(2_000_000);
      await cable('target', 'out');
      await sleep(50_000);
      await cable('target', 'in');
    };

    const run = await syncDuring(pull, 'src/data', 'dst/copy', '--bwlimit', '1M');
    await cable('target', 'in');

    expect(run.err).toMatch(/The connection to b was lost; trying again in/);
    expect(run.err).toContain('resumed src/data rest of @');
    expect(run.code).toBe(0);
    expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
  });

  scenario('the lock of a machine that vanished is free after a minute', { drive: 'push' }, async (world) => {
    const { source, target, zferry, cable } = world;
    await source.zfs('create', 'src/data');
    await source.fill('src/data', 'file', 30_000_000);
    const lost = zferry(
      'sync',
      '--bwlimit',
      '200K',
      '--retries',
      '0',
      '{source}src/data',
      '{target}dst/copy',
    );
    await target.received(1_000_000);
    const taken = () => target.sh('for f in /var/run/zferry/*; do flock -n $f true || echo $f; done');
    expect(await taken()).toContain('/var/run/zferry/');

    await cable('source', 'out');
    const started = Date.now();
    while ((await taken()) !== '') await sleep(2000);
    const seconds = (Date.now() - started) / 1000;
    console.log(`free after ${seconds} s`);
    expect(seconds).toBeGreaterThan(40);
    await cable('source', 'in');
    expect((await lost).code).toBe(1);
  });
} else {
  scenario('a target that vanishes before anything was reached is an error at once', async (world) => {
    const { source, target, sync, cable } = world;
    await source.zfs('create', 'src/data');
    await cable('target', 'out');
    const run = await sync('src/data', 'dst/copy');
    await cable('target', 'in');
    expect(run.code).toBe(1);
    expect(run.err).not.toContain('trying again');
    expect(await source.history('src/data')).toEqual([]);
    expect(await target.everything()).toHaveLength(1);
  });
}
