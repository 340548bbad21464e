import { expect } from 'vitest';
import { fullScenario, scenario, type World } from '../world/scenario.ts';

async function fill({ source }: World, bytes: number): Promise<void> {
  await source.zfs('create', 'src/data');
  await source.sh(`head -c ${bytes} /dev/urandom > /src/data/file && sync`);
  await source.zfs('snapshot', 'src/data@1');
}

const sends = (commands: readonly string[]) => commands.filter((line) => line.includes('zfs send'));

scenario('both ends remote: by two connections of ours, or by one of their own', async (world) => {
  const { source, target, sync } = world;
  await fill(world, 3_000_000);

  const through = await sync('src/data', 'dst/through', '--no-snapshot');
  expect(through).toMatchObject({ code: 0 });
  expect(sends(through.commands)[0]).toMatch(/^ssh -F \S+ a .*zfs send.* \| ssh -F \S+ b .*zfs receive/);

  const direct = await sync('src/data', 'dst/direct', '--no-snapshot', '--direct');
  expect(direct).toMatchObject({ code: 0 });
  expect(sends(direct.commands)).toHaveLength(1);
  expect(sends(direct.commands)[0]).toMatch(/^ssh -F \S+ a '.*zfs send .* \| ssh b [^|]*zfs receive[^|]*'$/);
  expect(await target.history('dst/direct')).toEqual(await source.history('src/data'));
  expect(await target.history('dst/through')).toEqual(await source.history('src/data'));

  // What runs can be pasted into a shell.
  await target.release('dst/direct');
  await target.zfs('destroy', '-r', 'dst/direct');
  await source.sh(
    sends(direct.commands)[0]
      ?.replace(/^ssh -F \S+ a '(.*)'$/s, '$1')
      .replaceAll("'\\''", "'") ?? '',
  );
  expect(await target.history('dst/direct')).toEqual(await source.history('src/data'));
});

fullScenario('the other way round: what was the target sends to what was the source', async (world) => {
  const { source, target, zferry } = world;
  await target.zfs('create', 'dst/theirs');
  await target.write('dst/theirs', 'letter', 'Dear reader');
  for (const [name, ...options] of [['through'], ['direct', '--direct']] as const) {
    const run = await zferry('sync', ...options, '{target}dst/theirs', `{source}src/${name}`);
    expect(run).toMatchObject({ code: 0 });
    expect(await source.history(`src/${name}`)).toHaveLength(name === 'through' ? 1 : 2);
  }
  expect(await source.history('src/direct')).toEqual(await target.history('dst/theirs'));
});

scenario('without a way between them it is said before anything is changed', async (world) => {
  const { source, target, sync, everything } = world;
  await fill(world, 1000);
  const says = async (words: RegExp): Promise<void> => {
    const before = await everything();
    const run = await sync('src/data', 'dst/copy', '--direct');
    expect(run.err).toMatch(words);
    expect(run.err).toContain('or leave --direct out');
    expect(run.code).toBe(1);
    expect(await everything()).toEqual(before);
    const dry = await sync('src/data', 'dst/copy', '--direct', '--dry-run');
    expect(dry.err).toMatch(words);
  };
  await source.sh('mv ~/.ssh/id_ed25519 ~/.ssh/away');
  try {
    await says(/a cannot reach b by its own ssh: no key of a is accepted on b/);
    expect(await sync('src/data', 'dst/copy')).toMatchObject({ code: 0 });
    await target.release('dst/copy');
    await target.zfs('destroy', '-r', 'dst/copy');
  } finally {
    await source.sh('mv ~/.ssh/away ~/.ssh/id_ed25519');
  }
  await source.sh("cp ~/.ssh/config ~/.ssh/kept && sed -i 's/^Host b$/Host elsewhere/' ~/.ssh/config");
  try {
    await says(/a cannot reach b by its own ssh: a knows no host by that name/);
    // That name leads to the source itself.
    await source.sh("sed -i 's/^Host a$/Host b/' ~/.ssh/config");
    await says(/a reaches another machine under the name b: its pool dst is not the one on b/);
  } finally {
    await source.sh('mv ~/.ssh/kept ~/.ssh/config');
  }
});

scenario(
  'a direct transfer fails like any other: the end that failed is named, what arrived is kept',
  async (world) => {
    const { source, target, sync } = world;
    await fill(world, 6_000_000);
    await target.zfs('create', 'dst/small');
    await target.intercept('receive', 'real set quota=3M dst/small\nreal "$@"');

    const run = await sync('src/data', 'dst/small/copy', '--direct', '--no-snapshot');
    await target.letPass();
    expect(run.code).toBe(1);
    expect(run.err).toMatch(/to dst\/small\/copy failed on b: a quota .* has no room for it/);
    expect(run.err).toContain('on b: zfs receive -A dst/small/copy');
    expect(await source.processes()).toEqual([]);

    await target.zfs('set', 'quota=64M', 'dst/small');
    await source.intercept('send', 'real "$@" | head -c 1500000; exit 1');
    const torn = await sync('src/data', 'dst/small/copy', '--direct', '--no-snapshot', '--retries', '0');
    await source.letPass();
    expect(torn).toMatchObject({ code: 1 });

    const last = await sync('src/data', 'dst/small/copy', '--direct', '--no-snapshot');
    expect(last.code).toBe(0);
    expect(last.err).toContain('resumed');
    expect(await target.history('dst/small/copy')).toEqual(await source.history('src/data'));
    expect(await source.holds()).toEqual([]);
  },
);

fullScenario(
  'zferry killed in a direct transfer: both ends stop, and the next run goes on',
  async (world) => {
    const { source, target, syncDuring, sync } = world;
    await fill(world, 40_000_000);
    const options = ['--direct', '--no-snapshot', '--bwlimit', '4M'];
    const killed = await syncDuring(
      async (pid) => {
        await target.received(6_000_000);
        process.kill(pid, 'SIGKILL');
      },
      'src/data',
      'dst/copy',
      ...options,
    );
    expect(killed.code).not.toBe(0);
    const quiet = '! pgrep -x zfs && ! pgrep -x pv';
    await Promise.all([source.until(quiet), target.until(quiet)]);

    const run = await sync('src/data', 'dst/copy', '--direct', '--no-snapshot');
    expect(run.code).toBe(0);
    expect(run.err).toContain('resumed');
    expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
  },
);

scenario('both ends on one remote host: its data never leaves it', { drive: 'one host' }, async (world) => {
  const { source, target, sync } = world;
  await fill(world, 3_000_000);
  const run = await sync('src/data', 'dst/copy', '--no-snapshot');
  expect(run).toMatchObject({ code: 0 });
  expect(sends(run.commands)).toEqual([
    expect.stringMatching(/^ssh -F \S+ a '.*zfs send .* \| zfs receive[^|]*'$/),
  ]);
  expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
});
