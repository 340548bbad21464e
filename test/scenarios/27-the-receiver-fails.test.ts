import { expect } from 'vitest';
import { scenario } from '../world/scenario.ts';

scenario(
  'the receiver is killed while the sender sends: it stops, and the reason is the receiver',
  async (world) => {
    const { source, target, sync, syncDuring } = world;
    await source.zfs('create', 'src/data');
    await source.fill('src/data', 'file', 16_000_000);
    const kill = async (): Promise<void> => {
      await target.received(2_000_000);
      await target.sh("pkill -KILL -xf 'zfs receive .*'");
      await source.until('! pgrep -x zfs');
    };

    const run = await syncDuring(kill, 'src/data', 'dst/copy', '--bwlimit', '2M', '--retries', '0');

    expect(run.code).toBe(1);
    expect(run.err).toMatch(/to dst\/copy failed on b: it was killed there \(signal 9\)/);
    expect(run.err).not.toMatch(/broken pipe/i);
    expect(await sync('src/data', 'dst/copy', '--no-snapshot')).toMatchObject({ code: 0 });
  },
);

/** The first send is killed in its middle. */
const killedOnce = `[ -e /root/once ] || { touch /root/once; real "$@" | head -c 3000000; kill -9 $$; }
real "$@"`;

scenario(
  'the sender is killed: the reason is the sender, and the rest comes in the same run',
  async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', 'src/data');
    await source.fill('src/data', 'file', 6_000_000);
    await source.sh('rm -f /root/once');
    await source.intercept('send', killedOnce);

    const run = await sync('src/data', 'dst/copy');

    expect(run.err).toMatch(/failed on a: it was killed there \(signal 9\); trying again in/);
    expect(run.err).toContain('resumed src/data rest of @');
    expect(run.code).toBe(0);
    expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
  },
);
