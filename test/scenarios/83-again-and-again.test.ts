import { expect } from 'vitest';
import { fullScenario, scenario } from '../world/scenario.ts';
import { linesOf, type Side } from '../world/side.ts';

const names = (history: readonly string[]): string[] => history.map((line) => line.split(' ')[0] ?? '');

/** How many own snapshots have been taken, however many are gone again. */
const takenEver = async (side: Side): Promise<number> =>
  Number(await side.sh(`zpool history ${side.pool} | grep -c 'zfs snapshot.*@zferry_' || true`));

/** Waits until that many more have been taken. */
async function taken(side: Side, more: number, before: number): Promise<void> {
  await side.until(
    `[ "$(zpool history ${side.pool} | grep -c 'zfs snapshot.*@zferry_')" -ge ${before + more} ]`,
  );
}

scenario(
  'the copy follows, and most rounds take two commands a host; asked to stop, it leaves all in order',
  { real: 'it is stopped by a signal' },
  async (world) => {
    const { source, target, syncDuring, sync, runStates } = world;
    await source.zfs('create', 'src/data');
    await source.zfs('create', 'src/data/below');
    const before = await takenEver(source);

    const run = await syncDuring(
      async (pid) => {
        for (let i = 1; i <= 6; i++) {
          await source.write('src/data', 'file', `${i}`);
          await taken(source, i, before);
        }
        process.kill(pid, 'SIGTERM');
      },
      'src/data',
      'dst/copy',
      '-r',
      '-v',
      '--json',
      '--every',
      '1s',
    );

    expect(run.code, run.err).toBe(0);
    const lines = linesOf(run.out).map((line) => JSON.parse(line) as Record<string, unknown>);
    const [last, rounds] = [lines.at(-1), lines.slice(0, -1)];
    expect(rounds.map(({ round, exitCode }) => [round, exitCode])).toEqual(rounds.map((_, i) => [i + 1, 0]));
    expect(last).toMatchObject({ rounds: rounds.length, failed: 0, lagMs: { p50: expect.any(Number) } });
    expect(rounds.length).toBeGreaterThanOrEqual(6);
    expect(runStates()).toEqual(['ended']);

    const [here, there] = [await source.history('src/data'), await target.history('dst/copy')];
    expect(there).toEqual(here);
    // The first, and the last, which tidied up: what was taken in between has gone again, unless it took longer than a minute.
    expect(names(here).length).toBeLessThanOrEqual(4);
    expect(await target.history('dst/copy/below')).toEqual(await source.history('src/data/below'));
    expect(await target.holds()).toEqual(
      ['', '/below'].map((name) => expect.stringMatching(`^dst/copy${name}${names(here).at(-1)} zferry_`)),
    );
    expect(await source.holds()).toEqual([]);
    const starts = (host: string): number =>
      run.commands.join(' | ').split(new RegExp(`ssh -F \\S+ ${host} `)).length - 1;
    // Two in each of those that carry, three in the first of them after one that tidied up; the others have all the rest.
    const carrying = rounds.filter(({ carried }) => carried === true).length;
    expect(carrying).toBeGreaterThanOrEqual(3);
    expect(starts('a')).toBeLessThanOrEqual(2 * carrying + 11 * (rounds.length - carrying));
    expect(starts('b')).toBeLessThanOrEqual(2 * carrying + 11 * (rounds.length - carrying));
    // Nothing is left to look for.
    const next = await sync('src/data', 'dst/copy', '-r', '--no-snapshot');
    expect(next.commands.filter((line) => line.includes('userrefs'))).toEqual([]);
  },
);

scenario(
  'killed in a round that only carries: the next run protects what is the base then, and lets go of the old',
  { real: 'a kill' },
  async (world) => {
    const { source, target, syncDuring, sync } = world;
    await source.zfs('create', 'src/data');
    const before = await takenEver(source);
    const killed = await syncDuring(
      async (pid) => {
        await taken(source, 4, before);
        process.kill(pid, 'SIGKILL');
      },
      'src/data',
      'dst/copy',
      '--every',
      '1s',
    );
    expect(killed.code).toBe(137);
    const protectedName = names(await target.history('dst/copy'))[0];
    expect(await target.holds()).toEqual([expect.stringContaining(`dst/copy${protectedName} `)]);

    await source.write('src/data', 'file', 'more');
    expect(await sync('src/data', 'dst/copy')).toMatchObject({ code: 0 });

    const there = await target.history('dst/copy');
    expect(there).toEqual(await source.history('src/data'));
    expect(await target.holds()).toEqual([expect.stringContaining(`dst/copy${names(there).at(-1)} `)]);
    const marks = await source.zfs('list', '-H', '-d', '1', '-t', 'bookmark', '-o', 'name', 'src/data');
    expect(linesOf(marks)).toHaveLength(1);
  },
);

fullScenario(
  'the cable is pulled for a while: it says so once, tries again, and goes on',
  { real: 'a cable', minutes: 6 },
  async (world) => {
    const { source, target, syncDuring, cable } = world;
    await source.zfs('create', 'src/data');
    const before = await takenEver(source);
    const run = await syncDuring(
      async (pid) => {
        await taken(source, 3, before);
        await cable('target', 'out');
        await new Promise((resolve) => setTimeout(resolve, 60_000));
        await cable('target', 'in');
        await taken(source, 4, await takenEver(source));
        process.kill(pid, 'SIGTERM');
      },
      'src/data',
      'dst/copy',
      '--every',
      '1s',
      '--retries',
      '0',
    );
    expect(run.code, run.err).toBe(0);
    expect(run.err.match(/^zferry: .*\bb\b/gm)).toHaveLength(1);
    expect(run.out).toContain('well again');
    expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
  },
);
