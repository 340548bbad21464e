import { expect } from 'vitest';
import { isFull } from '../variants.ts';
import { fullScenario, scenario, type World } from '../world/scenario.ts';

const pipes = (commands: readonly string[]) => commands.filter((line) => line.includes('zfs send'));

/** Text that shrinks, in a dataset that does not compress it itself; then what the network carries of it. */
async function fill({ source }: World, bytes: number): Promise<void> {
  await source.zfs('create', '-o', 'compression=off', 'src/data');
  await source.sh(`seq 100000000 | head -c ${bytes} > /src/data/file && sync`);
}

/** Bytes that left the source's host and came to the target's while something went on. The tests use another card. */
async function carried({ source, target }: World, work: () => Promise<unknown>) {
  const count = async (side: World['source'], way: 'rx' | 'tx') =>
    Number(await side.sh(`cat /sys/class/net/eth0/statistics/${way}_bytes`));
  const [out, into] = [await count(source, 'tx'), await count(target, 'rx')];
  await work();
  return { out: (await count(source, 'tx')) - out, into: (await count(target, 'rx')) - into };
}

scenario(
  'what is compressed on its way is less on the wire, from the source on',
  { minutes: 6 },
  async (world) => {
    const { source, target, sync } = world;
    await fill(world, 8_000_000);
    await source.zfs('snapshot', 'src/data@1');
    const measured = new Map<string, { out: number; into: number }>();
    for (const how of ['off', 'zstd', 'lz4']) {
      const bytes = await carried(world, async () => {
        const run = await sync('src/data', `dst/${how}`, '--no-snapshot', '--compress', how);
        expect(run).toMatchObject({ code: 0 });
        if (how !== 'off')
          expect(pipes(run.commands)).toEqual([
            expect.stringMatching(
              new RegExp(
                `^ssh -F \\S+ a '.*zfs send .* \\| ${how} -q .*' \\| ssh -F \\S+ b '${how} -q -d -c \\| zfs rec`,
              ),
            ),
          ]);
      });
      measured.set(how, bytes);
      expect(await target.history(`dst/${how}`)).toEqual(await source.history('src/data'));
    }
    console.log('bytes on the wire:', JSON.stringify(Object.fromEntries(measured)));
    const plain = measured.get('off') ?? { out: 0, into: 0 };
    expect(plain.into).toBeGreaterThan(8_000_000);
    for (const how of ['zstd', 'lz4']) {
      const { out, into } = measured.get(how) ?? plain;
      expect(out).toBeLessThan(plain.out * 0.7);
      expect(into).toBeLessThan(plain.into * 0.7);
    }
  },
);

fullScenario('what is compressed from host to host can be pasted into a shell, too', async (world) => {
  const { source, target, sync } = world;
  await fill(world, 1_000_000);
  await source.zfs('snapshot', 'src/data@1');
  expect(await sync('src/data', 'dst/zstd', '--no-snapshot', '--compress', 'zstd')).toMatchObject({
    code: 0,
  });
  await source.sh('seq 5000000 5900000 > /src/data/file && sync');
  const direct = await sync('src/data', 'dst/zstd', '--compress', 'zstd', '--direct');
  expect(direct).toMatchObject({ code: 0 });
  const [line = ''] = pipes(direct.commands);
  expect(line).toMatch(/^ssh -F \S+ a '.*zfs send .* \| zstd -q .* \| ssh b .*zstd -q -d -c \| zfs receive/);
  expect(await target.history('dst/zstd')).toEqual(await source.history('src/data'));
  await target.release('dst/zstd');
  await target.zfs('rollback', '-r', 'dst/zstd@1');
  await source.sh(line.replace(/^ssh -F \S+ a '(.*)'$/s, '$1').replaceAll("'\\''", "'"));
  expect(await target.history('dst/zstd')).toEqual(await source.history('src/data'));
});

fullScenario('a tree, its trains, and one that fails in the middle of one', { minutes: 6 }, async (world) => {
  const { source, target, sync } = world;
  const names = Array.from({ length: 6 }, (_, i) => `d${i}`);
  const each = (script: string) => names.map((name) => script.replaceAll('NAME', name)).join('; ');
  const compress = ['-r', '--compress', 'zstd', '--parallel', '1', '--retries', '0'];
  const equal = async (some: readonly string[]): Promise<void> => {
    for (const name of some)
      expect(await target.history(`dst/tree/${name}`)).toEqual(await source.history(`src/tree/${name}`));
  };
  await source.sh(
    `zfs create src/tree; ${each('zfs create src/tree/NAME; echo NAME > /src/tree/NAME/file')}`,
  );

  expect(await sync('src/tree', 'dst/tree', ...compress)).toMatchObject({ code: 0 });
  await equal(names);
  await source.sh(each('echo more >> /src/tree/NAME/file'));
  const train = await sync('src/tree', 'dst/tree', ...compress);
  expect(train).toMatchObject({ code: 0 });
  expect(pipes(train.commands)).toEqual([
    expect.stringMatching(/send .* && zfs send .*\) \| zstd .*zstd .* \| \(zfs/),
  ]);
  await equal(names);

  await source.sh(each('echo again >> /src/tree/NAME/file'));
  await target.intercept('receive', 'case "$*" in *tree/d3) exit 1 ;; *) real "$@" ;; esac');
  const torn = await sync('src/tree', 'dst/tree', ...compress);
  await target.letPass();
  expect(torn.code).toBe(3);
  expect(torn.err).toMatch(/Sending src\/tree\/d3@\S+ to dst\/tree\/d3 failed on b: exit status 1/);
  await equal(names.filter((name) => name !== 'd3'));

  await source.sh(each('echo last >> /src/tree/NAME/file'));
  await source.intercept('send', 'case "$*" in *tree/d2@*) echo no way >&2; exit 1 ;; *) real "$@" ;; esac');
  const unsent = await sync('src/tree', 'dst/tree', ...compress);
  await source.letPass();
  expect(unsent.code).toBe(3);
  expect(unsent.err).toMatch(/Sending src\/tree\/d2@\S+ to dst\/tree\/d2 failed on a: no way/);
  await equal(names.filter((name) => name !== 'd2'));

  expect(await sync('src/tree', 'dst/tree', ...compress)).toMatchObject({ code: 0 });
  await equal(names);
});

fullScenario(
  'killed in the middle: nothing is left running, and the next run goes on, compressed or not',
  { minutes: 6 },
  async (world) => {
    const { source, target, syncDuring, sync } = world;
    await source.zfs('create', 'src/data');
    await source.fill('src/data', 'file', 40_000_000);
    const quiet = '! pgrep -x zfs && ! pgrep -x zstd';
    const cut = async (...options: string[]): Promise<number> => {
      const run = await syncDuring(
        async (pid) => {
          await target.received(3_000_000);
          // As a run that finds it there knows whose it is.
          const parent = "ps -o args= -p $(ps -o ppid= -p $(pgrep -xf 'zfs receive .*'))";
          expect(await target.sh(parent)).toMatch(/zferry_run_/);
          process.kill(pid, 'SIGKILL');
        },
        'src/data',
        'dst/copy',
        '--bwlimit',
        '1M',
        ...options,
      );
      await Promise.all([source.until(quiet), target.until(quiet)]);
      return run.code;
    };

    expect(await cut('--compress', 'zstd')).toBe(137);
    expect(await target.get('receive_resume_token', 'dst/copy')).toMatch(/^1-/);
    expect(await cut('--compress', 'zstd', '--no-snapshot', '--direct')).toBe(137);
    const last = await sync('src/data', 'dst/copy', '--no-snapshot');
    expect(last.code).toBe(0);
    expect(last.err).toContain('resumed');
    expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
    expect(await source.holds()).toEqual([]);
  },
);

scenario('what is missing is said before anything is changed, in a dry run, too', async (world) => {
  const { target, sync, everything } = world;
  await fill(world, 1000);
  const before = await everything();
  await target.sh('chmod -x /usr/bin/zstd');
  const runs = [
    await sync('src/data', 'dst/copy', '--compress', 'zstd'),
    await sync('src/data', 'dst/copy', '--compress', 'zstd', '--dry-run'),
  ];
  await target.sh('chmod +x /usr/bin/zstd');
  for (const run of runs) {
    expect(run.code).toBe(1);
    expect(run.err).toContain('There is no zstd on b');
    expect(run.err).toContain('apt install zstd');
  }
  const filter = await sync('src/data', 'dst/copy', '--filter-send', 'no-such-filter -x');
  expect(filter).toMatchObject({ code: 1, err: expect.stringContaining('There is no no-such-filter on a') });
  expect(await everything()).toEqual(before);
  expect(await sync('src/data', 'dst/copy', '--compress', 'zstd')).toMatchObject({ code: 0 });
});

/** What the one does to each byte, the other undoes. */
const hide = String.raw`tr '\000-\377' '\001-\377\000'`;
const show = String.raw`tr '\001-\377\000' '\000-\377'`;

for (const drive of isFull ? (['here', 'push'] as const) : (['here'] as const)) {
  scenario(`a pair of filters, and one that fails (${drive})`, { drive, minutes: 6 }, async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', 'src/data');
    await source.fill('src/data', 'file', 6_000_000);
    const filters = ['--filter-send', hide, '--filter-receive', show];
    const where = drive === 'here' ? 'on a' : 'on this machine';
    const failing = (script: string) => `sh -c '${script}; echo no key >&2; exit 3'`;

    const half = failing('head -c 3000000');
    const sender = await sync('src/data', 'dst/copy', '--filter-send', half, '--retries', '0');
    expect(sender.code).toBe(1);
    expect(sender.err).toContain(`failed ${where}, in sh: no key`);
    const wrong = [
      '--filter-send',
      hide,
      '--filter-receive',
      failing(`${show.replaceAll("'", '"')} | head -c 3000000`),
    ];
    const receiver = await sync('src/data', 'dst/copy', '--no-snapshot', ...wrong, '--retries', '0');
    expect(receiver.code).toBe(1);
    expect(receiver.err).toContain('failed on b, in sh: no key');

    const dry = await sync(
      'src/data',
      'dst/copy',
      '--no-snapshot',
      ...filters,
      '--compress',
      'lz4',
      '--dry-run',
    );
    expect(dry.out).toMatch(
      /data {6}filtered .* \(--filter-send\), compressed with lz4 on its way, filtered on b/,
    );
    expect(dry.out).toMatch(/resume {4}src\/data rest of .* had arrived/);
    const run = await sync('src/data', 'dst/copy', '--no-snapshot', ...filters, '--compress', 'lz4');
    expect(run.code).toBe(0);
    expect(run.err).toContain('resumed');
    await source.write('src/data', 'more', 'of it');
    expect(await sync('src/data', 'dst/copy', ...filters)).toMatchObject({ code: 0 });
    expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
    expect(await source.holds()).toEqual([]);
  });
}

fullScenario('where compression does not serve it is left out, and that is said once', async (world) => {
  const { source, target, sync } = world;
  const key = ['-o', 'encryption=on', '-o', 'keyformat=passphrase', '-o', 'keylocation=file:///root/key'];
  await source.sh('echo correct horse > /root/key');
  await source.zfs('create', ...key, 'src/secret');
  await source.fill('src/secret', 'file', 2_000_000);
  const run = await sync('src/secret', 'dst/secret', '--compress', 'zstd');
  expect(run).toMatchObject({ code: 0 });
  expect(pipes(run.commands)).toEqual([expect.not.stringContaining('zstd')]);
  expect(run.err.match(/is not compressed on its way/g)).toHaveLength(1);
  expect(await target.history('dst/secret')).toEqual(await source.history('src/secret'));
});

fullScenario('without a network between them nothing is compressed', { drive: 'one host' }, async (world) => {
  const { source, target, sync } = world;
  await fill(world, 3_000_000);
  const filters = ['--filter-send', hide, '--filter-receive', show];
  const run = await sync('src/data', 'dst/copy', '--compress', 'zstd', ...filters);
  expect(run).toMatchObject({ code: 0, err: expect.stringContaining('both ends are on one host') });
  expect(pipes(run.commands)).toEqual([
    expect.stringMatching(/^ssh -F \S+ a '.*zfs send [^|]* \| tr [^|]* \| tr [^|]* \| zfs receive[^|]*'$/),
  ]);
  expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
});
