import { expect } from 'vitest';
import { fullScenario, scenario, type World } from '../world/scenario.ts';

/** So many datasets with a small file in each. */
async function fill({ source }: World, count: number): Promise<string[]> {
  const names = Array.from({ length: count }, (_, i) => `d${i}`);
  await source.sh(
    `zfs create src/tree; ${names.map((name) => `zfs create src/tree/${name}; echo ${name} > /src/tree/${name}/file`).join('; ')}`,
  );
  return names;
}

const pipes = (commands: readonly string[]) => commands.filter((line) => line.includes('zfs send'));

async function allEqual({ source, target }: World, names: readonly string[]): Promise<void> {
  for (const name of ['', ...names.map((one) => `/${one}`)]) {
    expect(await target.history(`dst/tree${name}`)).toEqual(await source.history(`src/tree${name}`));
  }
}

scenario(
  'small datasets travel together: the parent first, then the rest in as many trains as told',
  async (world) => {
    const { source, sync } = world;
    const names = await fill(world, 9);

    const first = await sync('src/tree', 'dst/tree', '-r', '--parallel', '3');
    expect(first).toMatchObject({ code: 0 });
    expect(pipes(first.commands)).toHaveLength(1 + 3);
    await allEqual(world, names);

    await source.sh(names.map((name) => `echo more >> /src/tree/${name}/file`).join('; '));
    const next = await sync('src/tree', 'dst/tree', '-r', '--parallel', '2');
    expect(next).toMatchObject({ code: 0 });
    expect(pipes(next.commands)).toHaveLength(2);
    await allEqual(world, names);
  },
);

scenario(
  'one fails inside a train: no target gets the stream of another, the rest goes on',
  async (world) => {
    const { source, target, sync } = world;
    const names = await fill(world, 6);
    await sync('src/tree', 'dst/tree', '-r');
    await source.sh(names.map((name) => `echo more >> /src/tree/${name}/file`).join('; '));

    // Before its first byte: the receive that waits for it must not take the stream of the next one.
    await source.intercept('send', 'case "$*" in *tree/d2@*) exit 1 ;; *) real "$@" ;; esac');
    const run = await sync('src/tree', 'dst/tree', '-r', '--parallel', '1', '--retries', '0');
    await source.letPass();
    expect(run.code).toBe(3);
    expect(run.err).toMatch(/Sending src\/tree\/d2@\S+ to dst\/tree\/d2 failed on a/);
    expect(await target.history('dst/tree/d2')).toHaveLength(1);
    await allEqual(
      world,
      names.filter((name) => name !== 'd2'),
    );

    // At its end: everything was read, and it was refused.
    await target.intercept(
      'receive',
      'case "$*" in *tree/d4) real "$@" >/dev/null; exit 1 ;; *) real "$@" ;; esac',
    );
    await source.sh(names.map((name) => `echo again >> /src/tree/${name}/file`).join('; '));
    const torn = await sync('src/tree', 'dst/tree', '-r', '--parallel', '2', '--retries', '0');
    await target.letPass();
    expect(torn.code).toBe(3);
    expect(torn.err).toMatch(/Sending src\/tree\/d4@\S+ to dst\/tree\/d4 failed on b/);
    await allEqual(
      world,
      names.filter((name) => name !== 'd4'),
    );

    expect(await sync('src/tree', 'dst/tree', '-r')).toMatchObject({ code: 0 });
    await allEqual(world, names);
  },
);

fullScenario(
  'a large dataset keeps the small ones not waiting, and one after the other is still possible',
  async (world) => {
    const { source, target, sync } = world;
    const names = await fill(world, 3);
    await source.sh('zfs create src/tree/large; head -c 9000000 /dev/urandom > /src/tree/large/file; sync');
    await target.pause('tree/large');
    const running = sync('src/tree', 'dst/tree', '-r', '--parallel', '2');
    await target.paused();
    for (const name of names)
      await target.until(`[ $(zfs list -Ht snapshot -d 1 dst/tree/${name} | wc -l) = 1 ]`);
    await target.goOn();
    expect(await running).toMatchObject({ code: 0 });
    await target.letPass();
    await allEqual(world, [...names, 'large']);

    await source.sh(
      'head -c 3000000 /dev/urandom > /src/tree/d0/file; head -c 3000000 /dev/urandom > /src/tree/d1/file; sync',
    );
    const one = await sync('src/tree', 'dst/tree', '-r', '--parallel', '1');
    expect(one).toMatchObject({ code: 0 });
    expect(pipes(one.commands)).toHaveLength(3);
    expect(await sync('src/tree', 'dst/tree', '-r', '--parallel', '7')).toMatchObject({ code: 2 });
  },
);

fullScenario('trains go directly, too', async (world) => {
  const { source, sync } = world;
  const names = await fill(world, 4);
  await sync('src/tree', 'dst/tree', '-r', '--direct', '--parallel', '1');
  await allEqual(world, names);
  await source.sh(names.map((name) => `echo more >> /src/tree/${name}/file`).join('; '));
  const run = await sync('src/tree', 'dst/tree', '-r', '--direct', '--parallel', '1');
  expect(run).toMatchObject({ code: 0 });
  expect(pipes(run.commands)).toHaveLength(1);
  await allEqual(world, names);
});
