import { expect } from 'vitest';
import { asides, diverged } from '../world/diverged.ts';
import { fullScenario, scenario, type World } from '../world/scenario.ts';

const key = ['-o', 'encryption=on', '-o', 'keyformat=passphrase', '-o', 'keylocation=file:///root/key'];

async function makeTree({ source, target, sync }: World, ...create: string[]): Promise<void> {
  await source.sh('echo correct horse > /root/key; cp /root/key /root/other');
  await target.sh('echo correct horse > /root/key');
  await source.zfs('create', ...create, 'src/data');
  await source.zfs('create', 'src/data/below');
  await source.zfs('create', 'src/data/below/deep');
  await source.write('src/data/below', 'file', 'below');
  expect(await sync('src/data', 'dst/copy', '-r')).toMatchObject({ code: 0 });
  // What an operator and other tools have put on the copy.
  await target.zfs(
    'set',
    'compression=zstd',
    'my:note=two words',
    'zpair:master=yes',
    'quota=100M',
    'dst/copy',
  );
  await target.zfs('allow', '-u', 'nobody', 'send,snapshot', 'dst/copy');
}

/** After the run that set it aside: the children are where they were, and nothing of them was sent again. */
async function checkTree({ source, target, sync }: World, sends: string[]): Promise<string> {
  for (const name of ['', '/below', '/below/deep']) {
    expect((await target.history(`dst/copy${name}`)).slice(-1)).toEqual(
      (await source.history(`src/data${name}`)).slice(-1),
    );
    expect(await target.get('mounted', `dst/copy${name}`)).toBe('no');
  }
  expect(sends.filter((line) => line.includes('src/data/below') && !/ -[iI] /.test(line))).toEqual([]);
  expect(await target.get('compression', 'dst/copy')).toBe('zstd');
  expect(await target.get('my:note', 'dst/copy')).toBe('two words');
  expect(await target.get('readonly', 'dst/copy')).toBe('on');
  expect(await target.get('quota', 'dst/copy')).toBe(String(100 * 1024 * 1024));
  expect(await target.get('zferry:rebuilding', 'dst/copy')).toBe('-');
  expect(await target.zfs('allow', 'dst/copy')).toMatch(/user nobody send,snapshot/);
  const [copy = ''] = await asides(target);
  expect(await target.get('zpair:master', copy)).toBe('-');
  // The copy is nobody's to prune, to send on or to count.
  const next = await sync('src/data', 'dst/copy', '-r');
  expect(next).toMatchObject({ code: 0, out: expect.not.stringContaining('diverged') });
  return copy;
}

const sendsOf = (run: { commands: string[] }) => run.commands.filter((line) => line.includes('zfs send'));

scenario('a diverged parent: its children stay where they are and are not sent again', async (world) => {
  const { target, sync } = world;
  await makeTree(world);
  const id = await target.get('zferry:id', 'dst/copy');
  await target.sh(
    'zfs set readonly=off dst/copy; zfs mount dst/copy; echo precious > /dst/copy/mine; zfs snapshot dst/copy@mine; zfs set readonly=on dst/copy',
  );

  const run = await sync('src/data', 'dst/copy', '-r', '--on-divergence', 'set-aside');

  expect(run).toMatchObject({ code: 0 });
  const copy = await checkTree(world, sendsOf(run));
  expect(await target.get('zferry:id', 'dst/copy')).toBe(id);
  expect(await diverged(target, copy, 'mine')).toBe('precious\n');
});

fullScenario('one that is encrypted, its key not loaded', async (world) => {
  const { source, target, sync } = world;
  await makeTree(world, ...key);
  await target.zfs('snapshot', 'dst/copy@mine');

  const run = await sync('src/data', 'dst/copy', '-r', '--on-divergence', 'set-aside');

  expect(run).toMatchObject({ code: 0 });
  await checkTree(world, sendsOf(run));
  await source.write('src/data', 'file', 'after');
  expect(await sync('src/data', 'dst/copy', '-r')).toMatchObject({ code: 0 });
  for (const name of ['dst/copy', 'dst/copy/below'])
    await target.zfs('load-key', '-L', 'file:///root/key', name);
  expect(await sync('src/data', 'dst/copy', '-r', '--mount')).toMatchObject({ code: 0 });
  expect(await target.read('dst/copy', 'file')).toBe('after');
  expect(await target.read('dst/copy/below', 'file')).toBe('below');
});

for (const [title, create] of [
  ['with nothing in common', []],
  ['with nothing in common, encrypted', key],
] as const) {
  const run = create.length > 0 ? fullScenario : scenario;
  run(`${title}: a full copy of the parent, its children come back to it`, async (world) => {
    const { source, sync } = world;
    await makeTree(world, ...create);
    await source.sh('zfs list -H -d 1 -t snapshot,bookmark -o name src/data | xargs -n 1 zfs destroy');

    const preview = await sync('src/data', 'dst/copy', '-r', '--on-divergence', 'set-aside', '--dry-run');
    expect(preview.out).toMatch(/there must be room for both/);
    expect(preview.out).toMatch(/wait {6}src\/data\/below: /);
    const healed = await sync('src/data', 'dst/copy', '-r', '--on-divergence', 'set-aside');

    expect(healed).toMatchObject({ code: 0 });
    await checkTree(world, sendsOf(healed));
  });
}

scenario('its root cannot be renamed: a pool that diverged is refused', async (world) => {
  const { source, target, sync } = world;
  await source.zfs('create', 'src/data');
  expect(await sync('src/data', 'dst')).toMatchObject({ code: 0 });
  await target.zfs('snapshot', 'dst@mine');
  const run = await sync('src/data', 'dst', '--on-divergence', 'set-aside');
  expect(run.code).toBe(4);
  expect(run.err).toContain('the root of a pool cannot be renamed');
});
