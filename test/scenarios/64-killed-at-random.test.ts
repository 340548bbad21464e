import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { isFull } from '../variants.ts';
import { scenario } from '../world/scenario.ts';

/** The other variants of the full run need not take so long. */
const kills = isFull && (process.env['ZFERRY_VARIANT'] ?? 'main') === 'main' ? 100 : 4;

scenario(
  `${kills} times kill -9 at random moments of a loop of syncs, then one run`,
  { minutes: 30 },
  async (world) => {
    const { source, target, sync, syncDuring } = world;
    for (const name of ['tree', 'tree/a', 'tree/b']) await source.zfs('create', `src/${name}`);
    const slowly = ['-r', '--keep', '2', '--bwlimit', '1M'];
    const write = async (bytes: number, file: string, snapshot: string): Promise<void> => {
      await source.sh(`head -c ${bytes} /dev/urandom > ${file}; zfs snapshot -r src/tree@${snapshot}`);
    };
    // How long a run takes that is left alone differs from machine to machine.
    await write(1_500_000, '/src/tree/a/file', 'first');
    const begin = performance.now();
    const alone = await syncDuring(async () => undefined, 'src/tree', 'dst/tree', ...slowly);
    expect(alone).toMatchObject({ code: 0 });
    const took = performance.now() - begin;

    let killed = 0;
    for (let i = 0; i < kills; i++) {
      // Every other run is quick, so that kills fall also after its last step, and some too late.
      const quick = i % 2 === 1;
      const bytes = quick ? 100_000 : 1_500_000;
      await write(bytes, `/src/tree/${quick ? 'b' : 'a'}/file${i % 4}`, `user${i}`);
      // The first is killed in its first half, whatever chance says.
      const delay = Math.random() * took * (i === 0 ? 0.5 : 1);
      const kill = async (pid: number): Promise<void> => {
        await sleep(delay);
        try {
          process.kill(pid, 'SIGKILL');
        } catch {
          // It had ended by then.
        }
      };
      const options = quick ? ['-r', '--keep', '2'] : slowly;
      const run = await syncDuring(kill, 'src/tree', 'dst/tree', ...options);
      // Nothing but the kill may end a run: whatever the one before it left is dealt with.
      expect(run.code === 137 || run.code === 0, `run ${i}, killed after ${delay} ms: ${run.err}`).toBe(true);
      if (run.code === 137) killed++;
    }
    console.log(`${killed} of ${kills} runs were killed before they had ended`);
    expect(killed).toBeGreaterThanOrEqual(kills / 4);

    const last = await sync('src/tree', 'dst/tree', '-r', '--keep', '2');

    expect(last).toMatchObject({ code: 0 });
    for (const name of ['tree', 'tree/a', 'tree/b']) {
      const there = await target.history(`dst/${name}`);
      const here = await source.history(`src/${name}`);
      expect(here.filter((line) => !there.includes(line))).toEqual([]);
      expect(there.at(-1)).toEqual(here.at(-1));
      expect(here.filter((line) => line.startsWith('@zferry_')).length).toBeLessThanOrEqual(2);
    }
    expect(await source.holds()).toEqual([]);
    // Of each dataset one base is protected, and no more.
    const held = (await target.holds()).map((line) => line.split('@')[0]);
    expect(new Set(held).size).toBe(held.length);
    expect(held).toHaveLength(3);
    const marks = await source.zfs('list', '-H', '-r', '-t', 'bookmark', '-o', 'name', 'src');
    expect(marks.trim().split('\n')).toHaveLength(3);
    expect(
      (await target.zfs('get', '-Hr', '-o', 'value', 'receive_resume_token', 'dst')).match(/1-/g),
    ).toBeNull();
    await Promise.all([source.until('! pgrep -x zfs'), target.until('! pgrep -x zfs')]);
    // Only the lab's own sessions are left, and no lock is taken.
    await target.until("! pgrep -f '[z]ferry _z|[f]lock -n /var/run/zferry'");
    expect(await target.sh('for f in /var/run/zferry/*; do flock -n $f true || echo $f; done')).toBe('');
  },
);
