import { expect } from 'vitest';
import { isFull } from '../variants.ts';
import { scenario } from '../world/scenario.ts';

const signals = [
  ['SIGKILL', 137],
  ['SIGINT', 130],
  ['SIGTERM', 130],
] as const;

for (const [signal, code] of isFull ? signals : signals.slice(0, 2)) {
  scenario(
    `${signal} in the middle of a first send: nothing is left running, the next run goes on`,
    async (world) => {
      const { source, target, sync, syncDuring } = world;
      await source.zfs('create', 'src/data');
      await source.fill('src/data', 'file', 24_000_000);

      const slowly = ['--bwlimit', '2M'];
      let stoppedAt = 0;
      const stop = async (pid: number): Promise<void> => {
        await target.received(3_000_000);
        stoppedAt = Date.now();
        process.kill(pid, signal);
      };
      const run = await syncDuring(stop, 'src/data', 'dst/copy', ...slowly);
      expect(Date.now() - stoppedAt).toBeLessThan(10_000);

      expect(run.code).toBe(code);
      if (signal !== 'SIGKILL') {
        expect(run.err).toContain('Stopped before it was done');
        expect(run.err).toContain('What to do: run the same command again: it goes on from there');
      }
      await Promise.all([source.until('! pgrep -x zfs'), target.until('! pgrep -x zfs')]);
      expect(await target.get('receive_resume_token', 'dst/copy')).toMatch(/^1-/);
      const [snapshot] = await source.history('src/data');
      expect(await source.holds()).toEqual([expect.stringMatching(/^src\/data@zferry_\S+ zferry_\w+$/)]);

      const dry = await sync('src/data', 'dst/copy', '--dry-run');
      expect(dry.out).toMatch(/resume {4}src\/data rest of @zferry_\S+ → dst\/copy, about .* had arrived/);

      const next = await sync('src/data', 'dst/copy', '--no-snapshot', '--json');
      expect(next.code).toBe(0);
      const { result } = JSON.parse(next.out) as { result: { bytes: number } };
      expect(result.bytes).toBeLessThan(23_500_000);
      expect(next.commands.filter((line) => line.includes('zfs send'))).toEqual([
        expect.stringMatching(/zfs send .*-t 1-\S+/),
      ]);
      expect(await target.history('dst/copy')).toEqual([snapshot]);
      expect(await target.get('readonly', 'dst/copy')).toBe('on');
      expect(await source.holds()).toEqual([]);
      expect(world.runStates()).toEqual([signal === 'SIGKILL' ? 'interrupted' : 'ended', 'ended']);
    },
  );
}
