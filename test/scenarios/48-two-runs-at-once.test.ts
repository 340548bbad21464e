import { expect } from 'vitest';
import { scenario, type World } from '../world/scenario.ts';

/** Some data, and a first run of it that stands still in the middle until `target.goOn`. */
async function slowSource({ source, target }: World): Promise<void> {
  await source.zfs('create', 'src/data');
  await source.fill('src/data', 'file', 2_000_000);
  await target.pause('dst/copy');
}

scenario(
  'a second run says who is at it and since when, and exits 5; told to wait, it waits',
  async (world) => {
    const { source, target, sync, syncDuring, zferry } = world;
    await slowSource(world);
    const meanwhile = async (pid: number): Promise<void> => {
      await target.paused();
      const second = await zferry('sync', '{source}src/data', '{target}dst/copy');
      expect(second.code).toBe(5);
      const who = /Another run is replicating to b:dst\/copy: \S+@\S+, process (\d+), since (\S+Z)/;
      const [, process, since = ''] = who.exec(second.err) ?? [];
      expect(Number(process)).toBe(pid);
      expect(Math.abs(Date.parse(since) - Date.now())).toBeLessThan(120_000);
      expect(second.err).toContain('--wait');
      const impatient = await zferry('sync', '--wait', '1s', '{source}src/data', '{target}dst/copy');
      expect(impatient.code).toBe(5);

      // Each plans from what is there when it is its turn.
      const waiting = () => zferry('sync', '--wait', '2m', '{source}src/data', '{target}dst/copy');
      const others = Promise.all([waiting(), waiting()]);
      await target.goOn();
      for (const other of await others) {
        expect(other, other.err).toMatchObject({ code: 0 });
      }
    };
    const first = await syncDuring(meanwhile, 'src/data', 'dst/copy');

    expect(first.code).toBe(0);
    expect(await target.history('dst/copy')).toHaveLength(3);
    expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
    expect(await sync('src/data', 'dst/copy', '--wait', '1s', '--no-snapshot')).toMatchObject({ code: 0 });
  },
);

scenario(
  'two machines that drive one target keep out of each other’s way',
  { drive: 'push' },
  async (world) => {
    const { source, target, syncDuring, zferry } = world;
    await slowSource(world);
    const meanwhile = async (): Promise<void> => {
      await target.paused();
      const second = await zferry('sync', '{source}src/data', '{target}dst/copy');
      expect(second.code).toBe(5);
      expect(second.err).toContain('Another run is replicating to b:dst/copy');
      await target.goOn();
    };
    const first = await syncDuring(meanwhile, 'src/data', 'dst/copy');

    expect(first.code).toBe(0);
    expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
  },
);

scenario('a run of a tree does not disturb one that is at work on a part of it', async (world) => {
  const { source, target, syncDuring, zferry } = world;
  await source.zfs('create', '-p', 'src/tree/part');
  await source.fill('src/tree/part', 'file', 2_000_000);
  await source.zfs('snapshot', '-r', 'src/tree@one');
  expect((await zferry('sync', '--no-snapshot', '{source}src/tree', '{target}dst/tree')).code).toBe(0);
  await target.pause('dst/tree/part');

  const meanwhile = async (): Promise<void> => {
    await target.paused();
    const tree = await zferry('sync', '-r', '--no-snapshot', '{source}src/tree', '{target}dst/tree');
    expect(tree.code).toBe(3);
    expect(tree.err).toContain('dst/tree/part is being received into right now');
    await target.goOn();
  };
  const part = await syncDuring(meanwhile, 'src/tree/part', 'dst/tree/part', '--no-snapshot');

  expect(part.err).not.toContain('trying again');
  expect(part.code).toBe(0);
});

/** Starts a receive of a part of a stream that then stands still, as another tool would. */
async function foreignReceive({ source, target }: World, send: string, receive: string): Promise<void> {
  const stream = await source.sh(`zfs send ${send} | head -c 700000 | base64 -w 0`);
  await target.sh('base64 -d > /root/part', stream);
  const script = `{ cat /root/part; exec sleep 300; } | ${receive}`;
  await target.sh(`setsid sh -c '${script}' >/dev/null 2>&1 </dev/null &`);
  await target.until(`pgrep -xf '${receive}'`);
}

const end = `pkill -x zfs; pkill -xf 'sleep 300'; true`;

scenario(
  'a receive by somebody else is waited for a little, named, and left alone: exit 5',
  async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', 'src/data');
    await source.fill('src/data', 'file', 1_500_000);
    await source.zfs('snapshot', 'src/data@one');
    await foreignReceive(world, 'src/data@one', 'zfs receive -s -u dst/copy');
    await target.until('zfs list dst/copy');

    const first = await sync('src/data', 'dst/copy');

    expect(first.code).toBe(5);
    const named =
      /dst\/copy is being received into right now: process \d+, for \d\d:\d\d: zfs receive -s -u dst\/copy/;
    expect(first.err).toMatch(named);
    expect(await target.processes()).toEqual([expect.stringContaining('zfs receive -s -u dst/copy')]);
    await target.sh(end);

    // One that cannot be resumed shows no token; ZFS just says that its target is busy.
    await source.zfs('create', 'src/other');
    await source.zfs('snapshot', 'src/other@one');
    expect(await sync('src/other', 'dst/other', '--no-snapshot')).toMatchObject({ code: 0 });
    await source.fill('src/other', 'file', 1_500_000);
    await source.zfs('snapshot', 'src/other@two');
    await foreignReceive(world, '-i @one src/other@two', 'zfs receive -u dst/other');

    const second = await sync('src/other', 'dst/other', '--no-snapshot');

    expect(second.code).toBe(5);
    expect(second.err).toContain(': zfs receive -u dst/other');
    await target.sh(end);
  },
);
