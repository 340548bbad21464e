import { execFileSync } from 'node:child_process';
import { expect } from 'vitest';
import { isFull } from '../variants.ts';
import { scenario, type World } from '../world/scenario.ts';

/** What is on its way when it is cut off. */
const streams = {
  'a first copy': { raw: false, first: true },
  'an increment': { raw: false, first: false },
  'a raw first copy': { raw: true, first: true },
  'a raw increment': { raw: true, first: false },
} as const;

const cuts = {
  'kill -9 of zferry': async ({ target }: World, pid: number) => {
    await target.received(2_000_000);
    process.kill(pid, 'SIGKILL');
  },
  'kill -9 of ssh': async ({ target }: World, pid: number) => {
    await target.received(2_000_000);
    execFileSync('pkill', ['-KILL', '-P', String(pid), '-x', 'ssh']);
  },
  'a power cut of the target': async ({ target, cutPower }: World) => {
    await target.received(3_000_000);
    // What is not on its disks by then is lost.
    await target.zpool('sync');
    await cutPower('target');
  },
} as const;

type Cut = keyof typeof cuts;
type Stream = keyof typeof streams;
const main: readonly [Cut, Stream][] = [
  ['kill -9 of zferry', 'an increment'],
  ['kill -9 of ssh', 'a raw first copy'],
  ['a power cut of the target', 'a raw increment'],
];
const all = (Object.keys(cuts) as Cut[]).flatMap((cut) =>
  (Object.keys(streams) as Stream[]).map((stream) => [cut, stream] as const),
);

for (const [cut, stream] of isFull ? all : main) {
  scenario(`${stream} is cut off by ${cut}, and goes on`, async (world) => {
    const { source, target, sync, syncDuring } = world;
    const { raw, first } = streams[stream];
    await source.sh('echo correct horse > /root/key');
    const key = ['-o', 'encryption=on', '-o', 'keyformat=passphrase', '-o', 'keylocation=file:///root/key'];
    await source.zfs('create', ...(raw ? key : []), 'src/data');
    await source.write('src/data', 'small', 'first');
    if (!first) expect(await sync('src/data', 'dst/copy')).toMatchObject({ code: 0 });
    await source.fill('src/data', 'file', 12_000_000);

    const lives = cut !== 'kill -9 of zferry';
    const options = [
      '--bwlimit',
      // Slow enough that the cut comes in the middle of it on a slow machine, too.
      '600K',
      '-v',
      ...(lives && cut !== 'kill -9 of ssh' ? ['--retries', '0'] : []),
    ];
    const run = await syncDuring((pid) => cuts[cut](world, pid), 'src/data', 'dst/copy', ...options);

    if (cut === 'kill -9 of ssh') {
      // That may pass, so it is tried again at once.
      expect(run.err).toMatch(/The connection to [ab] was lost; trying again in/);
      expect(run.code).toBe(0);
    } else {
      expect(run.code).toBe(lives ? 1 : 137);
      if (lives) expect(run.err).toContain('The connection to b was lost');
      expect(await target.get('receive_resume_token', 'dst/copy')).toMatch(/^1-/);
      const next = await sync('src/data', 'dst/copy', '--no-snapshot');
      expect(next).toMatchObject({ code: 0 });
      expect(next.err).toMatch(/resumed src\/data rest of @/);
      run.commands.push(...next.commands);
    }
    expect(run.commands.filter((line) => /zfs send .*-t 1-/.test(line))).toHaveLength(1);
    expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
    expect(await target.get('encryption', 'dst/copy')).toBe(raw ? 'aes-256-gcm' : 'off');
    expect(await source.holds()).toEqual([]);
    expect(await target.sh('for f in /var/run/zferry/*; do flock -n $f true || echo $f; done')).toBe('');
  });
}
