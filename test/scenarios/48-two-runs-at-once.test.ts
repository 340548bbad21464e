import { expect } from 'vitest';
import { scenario } from '../world/scenario.ts';

scenario(
  'a second run says who is at it and since when, and exits 5; told to wait, it waits',
  async (world) => {
    const { source, target, sync, syncDuring, zferry } = world;
    await source.zfs('create', 'src/data');
    await source.sh('head -c 6000000 /dev/urandom > /src/data/file && sync');

    const meanwhile = async (pid: number): Promise<void> => {
      await target.received(1_000_000);
      const second = await zferry('sync', '{source}src/data', '{target}dst/copy');
      expect(second.code).toBe(5);
      const since = /Another run is replicating to b:dst\/copy: \S+@\S+, process (\d+), since (\S+Z)/.exec(
        second.err,
      );
      expect(Number(since?.[1])).toBe(pid);
      expect(Math.abs(Date.parse(since?.[2] ?? '') - Date.now())).toBeLessThan(60_000);
      expect(second.err).toContain('--wait');

      // It plans from what is there when the first has ended: there is nothing left to send.
      const third = await zferry(
        'sync',
        '--wait',
        '2m',
        '--no-snapshot',
        '{source}src/data',
        '{target}dst/copy',
      );
      expect(third).toMatchObject({ code: 0 });
      expect(third.err).toContain('waiting for another run to dst/copy');
      expect(third.out).toContain('nothing to send');
    };
    const first = await syncDuring(meanwhile, 'src/data', 'dst/copy', '--bwlimit', '1M');

    expect(first.code).toBe(0);
    expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
    expect(world.runStates()).toEqual(['ended', 'ended', 'ended']);

    const impatient = await sync('src/data', 'dst/copy', '--wait', '1s', '--no-snapshot');
    expect(impatient.code).toBe(0);
  },
);

scenario(
  'two machines that drive one target keep out of each other’s way',
  { drive: 'push' },
  async (world) => {
    const { source, target, syncDuring, zferry } = world;
    await source.zfs('create', 'src/data');
    await source.sh('head -c 4000000 /dev/urandom > /src/data/file && sync');

    const meanwhile = async (): Promise<void> => {
      await target.received(1_000_000);
      const second = await zferry('sync', '{source}src/data', '{target}dst/copy');
      expect(second.code).toBe(5);
      expect(second.err).toContain('Another run is replicating to b:dst/copy');
    };
    const first = await syncDuring(meanwhile, 'src/data', 'dst/copy', '--bwlimit', '250K');

    expect(first.code).toBe(0);
    expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
  },
);

scenario(
  'a receive by somebody else is waited for a little, named, and left alone: exit 5',
  async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', 'src/data');
    await source.sh('head -c 3000000 /dev/urandom > /src/data/file && sync');
    await source.zfs('snapshot', 'src/data@one');
    const stream = await source.sh('zfs send src/data@one | head -c 1500000 | base64 -w 0');
    await target.sh('base64 -d > /root/part', stream);
    const receive = '{ cat /root/part; sleep 60; } | zfs receive -s -u dst/copy';
    await target.sh(`setsid sh -c '${receive}' >/dev/null 2>&1 </dev/null &`);
    await target.until('zfs list dst/copy');

    const run = await sync('src/data', 'dst/copy');

    expect(run.code).toBe(5);
    expect(run.err).toMatch(
      /dst\/copy is being received into right now: process \d+, for 00:\d\d: zfs receive -s -u dst\/copy/,
    );
    expect(await target.processes()).toEqual([expect.stringContaining('zfs receive -s -u dst/copy')]);
    await target.sh('pkill -x zfs; pkill -xf "sleep 60" || true');
  },
);
