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
    `${signal} in the middle of a send: no process is left anywhere, the next run ends it`,
    async (world) => {
      const { source, target, sync, stopWhen } = world;
      await source.zfs('create', 'src/data');
      await source.sh('head -c 12000000 /dev/urandom > /src/data/file && sync');

      const receiving =
        'for i in $(seq 600); do zfs list dst/copy >/dev/null 2>&1 && exit 0; sleep 0.05; done; exit 1';
      const run = await stopWhen(() => target.sh(receiving), signal, 'src/data', 'dst/copy');

      expect(run.code).toBe(code);
      if (signal !== 'SIGKILL') expect(run.err).toContain('Stopped before it was done');
      const left = 'for i in $(seq 50); do pgrep -ax zfs || exit 0; sleep 0.1; done; exit 1';
      await Promise.all([source.sh(left), target.sh(left)]);
      expect(await target.everything()).toHaveLength(1);
      expect(await sync('src/data', 'dst/copy')).toMatchObject({ code: 0 });
      expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
      expect(world.runStates()).toEqual([signal === 'SIGKILL' ? 'interrupted' : 'ended', 'ended']);
    },
  );
}
