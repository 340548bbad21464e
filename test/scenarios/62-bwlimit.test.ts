import { expect } from 'vitest';
import { isFull } from '../variants.ts';
import { scenario } from '../world/scenario.ts';

const megabytes = isFull ? 60 : 10;
const rate = 2 * 1024 * 1024;

for (const tool of isFull ? ['pv', 'mbuffer'] : ['pv']) {
  scenario(`--bwlimit keeps to its rate within a tenth, by ${tool}`, { drive: 'push' }, async (world) => {
    const { source, zferry } = world;
    await source.zfs('create', 'src/data');
    await source.sh(`head -c ${megabytes * 1_000_000} /dev/urandom > /src/data/file && sync`);
    if (tool !== 'pv') await source.sh('chmod -x /usr/bin/pv');

    const run = await zferry('sync', '--json', '--bwlimit', '2M', '{source}src/data', '{target}dst/copy');

    await source.sh('chmod +x /usr/bin/pv');
    expect(run.code).toBe(0);
    const { result } = JSON.parse(run.out) as { result: { datasets: { ms: number; bytes: number }[] } };
    const { ms = 0, bytes = 0 } = result.datasets[0] ?? {};
    const measured = bytes / (ms / 1000);
    console.log(`${tool}: ${Math.round(measured)} bytes a second where ${rate} were allowed`);
    // Never faster. How much slower is told by the machine too: starting a session counts in.
    expect(measured).toBeLessThan(rate * 1.1);
    expect(measured).toBeGreaterThan(rate * (isFull ? 0.9 : 0.5));
  });
}

scenario(
  '--bwlimit is refused before anything is done where nothing can keep to it',
  { drive: 'push' },
  async (world) => {
    const { source, target, zferry } = world;
    await source.zfs('create', 'src/data');
    await source.sh('chmod -x /usr/bin/pv /usr/bin/mbuffer');

    const run = await zferry('sync', '--bwlimit', '1M', '{source}src/data', '{target}dst/copy');

    await source.sh('chmod +x /usr/bin/pv /usr/bin/mbuffer');
    expect(run.code).toBe(1);
    expect(run.err).toContain('there is neither pv nor mbuffer on this machine');
    expect(run.err).toContain('apt install pv');
    expect(await source.history('src/data')).toEqual([]);
    expect(await target.everything()).toHaveLength(1);
  },
);
