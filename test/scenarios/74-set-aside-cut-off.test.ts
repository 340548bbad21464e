import { expect } from 'vitest';
import { isFull } from '../variants.ts';
import { asides } from '../world/diverged.ts';
import { furtherScenario, scenario, type World } from '../world/scenario.ts';

/** The nth call of a verb of `zfs` on the target, and whether it takes effect before zferry is killed. */
type Point = readonly [verb: string, nth: number, effect: 'before' | 'after'];

const main: readonly Point[] = [
  ['rename', 1, 'after'],
  ['clone', 1, 'after'],
  ['rename', 2, 'after'],
];
const more: readonly Point[] = [
  ['promote', 1, 'after'],
  ['inherit', 2, 'before'],
  ['rename', 1, 'before'],
  ['clone', 1, 'before'],
  ['promote', 1, 'before'],
  ['rename', 2, 'before'],
  ['rename', 3, 'before'],
  ['set', 2, 'after'],
  ['set', 5, 'after'],
  ['set', 9, 'before'],
  ['inherit', 1, 'before'],
  ['inherit', 4, 'after'],
];

async function killedAt({ target, syncDuring }: World, [verb, nth, effect]: Point): Promise<void> {
  await target.sh('rm -f /root/calls /root/reached');
  const hang = `${effect === 'after' ? 'real "$@"\n' : ''}touch /root/reached; sleep 100`;
  await target.intercept(
    verb,
    `echo >> /root/calls; [ $(wc -l < /root/calls) = ${nth} ] && { ${hang}; }\nreal "$@"`,
  );
  await syncDuring(
    async (pid) => {
      await target.until('[ -e /root/reached ]');
      process.kill(pid, 'SIGKILL');
    },
    'src/data',
    'dst/copy',
    '-r',
    '--on-divergence',
    'set-aside',
  );
  await target.letPass();
}

scenario(
  'killed at any point of a set-aside, the next run goes on with it',
  { minutes: 15, real: 'a kill' },
  async (world) => {
    const { source, target, sync } = world;
    for (const name of ['src/data', 'src/data/one', 'src/data/two']) await source.zfs('create', name);
    expect(await sync('src/data', 'dst/copy', '-r')).toMatchObject({ code: 0 });
    await target.zfs('set', 'my:note=kept', 'dst/copy');
    for (const [index, point] of [...main, ...(isFull ? more : [])].entries()) {
      await target.zfs('snapshot', `dst/copy@mine${index}`);
      await killedAt(world, point);

      // Once it has been renamed nobody needs to ask for it again.
      const renamed = point[0] !== 'rename' || point[1] > 1 || point[2] === 'after';
      const asked = renamed ? [] : ['--on-divergence', 'set-aside'];
      const run = await sync('src/data', 'dst/copy', '-r', '--wait', '2m', ...asked);

      expect(run, point.join(' ')).toMatchObject({ code: 0 });
      expect(await asides(target)).toHaveLength(index + 1);
      for (const name of ['', '/one', '/two'])
        expect(await target.history(`dst/copy${name}`)).toEqual(await source.history(`src/data${name}`));
      expect(await target.get('my:note', 'dst/copy')).toBe('kept');
      expect(await target.get('zferry:rebuilding', 'dst/copy')).toBe('-');
      expect(run.commands.filter((line) => line.includes('zfs send') && !/ -[iI] /.test(line))).toEqual([]);
    }
  },
);

furtherScenario(
  'what it was to be made from is gone by the next run: it has its name again, and goes on',
  async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', '-p', 'src/data/below');
    for (const name of ['one', 'two']) {
      await source.write('src/data', 'file', name);
      expect(await sync('src/data', 'dst/copy', '-r')).toMatchObject({ code: 0 });
    }
    const [older = '', newest = ''] = await target.history('dst/copy');
    await target.zfs('snapshot', 'dst/copy@mine');
    // As a run leaves it that is killed after the rename; then somebody destroys the base.
    const since = '20261120T030405Z';
    await target.zfs('set', `zferry:aside=${since} open ${newest.split(' ')[1]} dst/copy`, 'dst/copy');
    await target.zfs('rename', 'dst/copy', `dst/copy_diverged_${since}`);
    await target.release(`dst/copy_diverged_${since}`);
    await target.zfs('destroy', `dst/copy_diverged_${since}${newest.split(' ')[0]}`);

    const run = await sync('src/data', 'dst/copy', '-r', '--on-divergence', 'set-aside');

    expect(run, run.err).toMatchObject({ code: 0, err: expect.stringContaining('it has its name again') });
    expect(
      run.commands.filter((line) => line.includes('zfs send')).every((line) => / -[iI] /.test(line)),
    ).toBe(true);
    expect(await target.history('dst/copy')).toContain(older);
    expect((await target.history('dst/copy')).at(-1)).toBe((await source.history('src/data')).at(-1));
    const [copy = ''] = await asides(target);
    expect((await target.history(copy)).at(-1)).toContain('@mine');
  },
);

furtherScenario(
  'what is above it is renamed before the next run: both are found where they went',
  { real: 'a kill' },
  async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', '-p', 'src/data/x/y');
    expect(await sync('src/data', 'dst/copy', '-r')).toMatchObject({ code: 0 });
    await target.zfs('snapshot', 'dst/copy/x/y@mine');
    await killedAt(world, ['promote', 1, 'after']);
    await target.zfs('rename', 'dst/copy/x', 'dst/copy/moved');

    const run = await sync('src/data', 'dst/copy', '-r', '--wait', '2m');

    expect(run, run.err).toMatchObject({ code: 0 });
    for (const name of ['', '/x', '/x/y'])
      expect(await target.history(`dst/copy${name}`)).toEqual(await source.history(`src/data${name}`));
    const [copy = ''] = await asides(target);
    expect(copy).toMatch(/^dst\/copy\/x\/y_diverged_/);
    expect((await target.history(copy)).at(-1)).toContain('@mine');
    expect(await target.get('zferry:rebuilding', 'dst/copy/x/y')).toBe('-');
  },
);
