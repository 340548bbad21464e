import { expect } from 'vitest';
import { asides, diverged, writeInto } from '../world/diverged.ts';
import { furtherScenario, scenario, type World } from '../world/scenario.ts';

/** src/data on dst/copy with a file, and what makes the copy diverge. */
const cases: Readonly<
  Record<
    string,
    {
      /** A word of what is said of it. */
      readonly said: string;
      readonly diverge: (world: World) => Promise<unknown>;
      /** A file that only the copy has, in what is set aside. */
      readonly file?: string;
      /** A part of why a rollback cannot help; it does where this is left out. */
      readonly rollback?: string;
      /** The command that did it, which is found out. */
      readonly trace?: RegExp;
      /** Whether what was there is used again. */
      readonly full?: true;
    }
  >
> = {
  'a newer snapshot on the target': {
    said: 'has a snapshot that the source has not',
    diverge: async ({ target }) => {
      await writeInto(target, 'dst/copy', 'mine');
      await target.zfs('snapshot', 'dst/copy@mine');
    },
    trace: / root: zfs snapshot dst\/copy@mine$/m,
    file: 'mine',
  },
  'one that is held': {
    said: '@mine is held by "keep"',
    diverge: async ({ target }) => {
      await writeInto(target, 'dst/copy', 'mine');
      await target.zfs('snapshot', 'dst/copy@mine');
      await target.zfs('hold', 'keep', 'dst/copy@mine');
    },
    file: 'mine',
    rollback: '@mine is held by "keep"',
  },
  'one that has a clone': {
    said: '@mine has a clone: dst/clone',
    diverge: async ({ target }) => {
      await writeInto(target, 'dst/copy', 'mine');
      await target.zfs('snapshot', 'dst/copy@mine');
      await target.zfs('clone', 'dst/copy@mine', 'dst/clone');
    },
    file: 'mine',
    rollback: '@mine has a clone',
  },
  'the same name for another snapshot': {
    said: 'has a snapshot that the source has not',
    diverge: async ({ source, target }) => {
      await writeInto(target, 'dst/copy', 'mine');
      await target.zfs('snapshot', 'dst/copy@same');
      await source.zfs('snapshot', 'src/data@same');
    },
    file: 'mine',
  },
  'a source that was rolled back': {
    said: 'its source has lost',
    diverge: async ({ source, target, sync }) => {
      await source.zfs('snapshot', 'src/data@before');
      expect(await sync('src/data', 'dst/copy')).toMatchObject({ code: 0 });
      await source.write('src/data', 'lost', 'lost there');
      expect(await sync('src/data', 'dst/copy')).toMatchObject({ code: 0 });
      await source.zfs('rollback', '-r', 'src/data@before');
      expect(await target.history('dst/copy')).toHaveLength(4);
    },
    trace: / root: zfs rollback -r src\/data@before$/m,
    file: 'lost',
  },
  'no common snapshot at all': {
    said: 'no snapshot in common',
    diverge: async ({ source, target }) => {
      await writeInto(target, 'dst/copy', 'mine');
      await source.destroyPoints('src/data', () => true);
    },
    trace: / root: zfs destroy src\/data@zferry_/m,
    file: 'mine',
    rollback: 'nothing is in common',
    full: true,
  },
};

for (const [title, { said, diverge, file, rollback, trace, full }] of Object.entries(cases)) {
  const inShort = ['a newer snapshot on the target', 'no common snapshot at all'];
  const run = inShort.includes(title) ? scenario : furtherScenario;
  run(`${title}: set aside, nothing is lost and nothing sent twice`, async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', 'src/data');
    await source.write('src/data', 'file', 'first');
    expect(await sync('src/data', 'dst/copy', '--mount')).toMatchObject({ code: 0 });
    await diverge(world);

    const stopped = await sync('src/data', 'dst/copy');
    expect(stopped.code).toBe(4);
    expect(stopped.err).toContain(said);
    if (trace !== undefined) expect(stopped.err).toMatch(trace);
    const why = await sync('src/data', 'dst/copy', '--on-divergence', 'rollback', '--dry-run');
    expect(why.code).toBe(rollback === undefined ? 0 : 4);
    expect(why.out).toContain(rollback ?? 'DESTROYS');

    await source.write('src/data', 'new', 'new');
    const healed = await sync('src/data', 'dst/copy', '--on-divergence', 'set-aside');
    expect(healed).toMatchObject({ code: 0 });
    const sends = healed.commands.filter((line) => line.includes('zfs send'));
    expect(sends.every((line) => line.includes(' -i ') || line.includes(' -I '))).toBe(full !== true);
    expect((await target.history('dst/copy')).slice(-1)).toEqual(
      (await source.history('src/data')).slice(-1),
    );
    const [copy = ''] = await asides(target);
    if (file !== undefined) expect(await diverged(target, copy, file)).not.toBe('');

    expect(await sync('src/data', 'dst/copy', '--mount')).toMatchObject({ code: 0 });
    expect(await target.read('dst/copy', 'new')).toBe('new');
  });
}

furtherScenario('rolled back to what is in common, also from what the source has lost', async (world) => {
  const { source, target, sync, zferry } = world;
  await source.zfs('create', 'src/data');
  for (let i = 0; i < 2; i++) {
    await source.write('src/data', 'file', `${i}`);
    expect(await sync('src/data', 'dst/copy')).toMatchObject({ code: 0 });
  }
  const [first = ''] = await source.history('src/data');
  await source.zfs('rollback', '-r', `src/data${first.split(' ')[0]}`);
  await source.write('src/data', 'file', 'another');
  const args = ['--on-divergence', 'rollback', '{source}src/data', '{target}dst/copy'];
  expect(await zferry('sync', ...args)).toMatchObject({ code: 0 });
  expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
});
