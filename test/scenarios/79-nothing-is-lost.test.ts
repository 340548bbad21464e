import { expect } from 'vitest';
import { writeInto } from '../world/diverged.ts';
import { scenario, type World } from '../world/scenario.ts';
import { linesOf, type Side } from '../world/side.ts';

type Names = { readonly from: string; readonly to: string };

/** What can have become of a copy and its source since they were in step; each leaves a file of its own on the target. */
const states: Readonly<Record<string, (world: World, names: Names) => Promise<unknown>>> = {
  written: async ({ target }, { to }) => await writeInto(target, to, 'written'),
  newer: async ({ target }, { to }) => {
    await writeInto(target, to, 'newer');
    await target.zfs('snapshot', `${to}@mine`);
  },
  held: async ({ target }, { to }) => {
    await writeInto(target, to, 'held');
    await target.sh(`zfs snapshot ${to}@mine; zfs hold keep ${to}@mine`);
  },
  cloned: async ({ target }, { to }) => {
    await writeInto(target, to, 'cloned');
    await target.sh(`zfs snapshot ${to}@mine; zfs clone ${to}@mine dst/theclone`);
  },
  taken: async ({ source, target }, { from, to }) => {
    await writeInto(target, to, 'taken');
    await target.zfs('snapshot', `${to}@same`);
    await source.zfs('snapshot', `${from}@same`);
  },
  strange: async ({ source, target }, { from, to }) => {
    await writeInto(target, to, 'strange');
    await source.sh(`zfs list -H -d 1 -t snapshot,bookmark -o name ${from} | xargs -n 1 zfs destroy`);
  },
  swapped: async ({ source, target }, { from, to }) => {
    await writeInto(target, to, 'swapped');
    await source.sh(`zfs destroy -r ${from}; zfs create ${from}; zfs snapshot ${from}@other`);
  },
  vanished: async ({ source, target }, { from, to }) => {
    await writeInto(target, to, 'vanished');
    await source.zfs('destroy', '-r', from);
  },
  renamed: async ({ source, target }, { from, to }) => {
    await writeInto(target, to, 'renamed');
    await source.zfs('rename', from, `${from}2`);
  },
  foreign: async ({ source, target }, { from, to }) => {
    await target.sh(`zfs rename ${to} dst/gone; zfs create ${to}`);
    await writeInto(target, to, 'foreign');
    await source.zfs('snapshot', `${from}@more`);
  },
};

/** Every GUID in a pool, and every file that only the target has, wherever it is now. */
async function precious(target: Side): Promise<{ guids: string[]; files: string[] }> {
  const guids = (await target.everything()).map((line) => line.split(' ').at(-1) ?? '');
  const files =
    await target.sh(`zfs list -H -r -t filesystem -o name,mounted dst | while read name mounted; do
    case $name in dst|dst/theclone) continue ;; esac
    mkdir -p /root/look && mount -t zfs -o zfsutil,ro $name /root/look 2>/dev/null || { [ $mounted = yes ] && mount --bind /$name /root/look; } || continue
    find /root/look -maxdepth 1 -type f ! -name file -exec basename {} \\;
    umount /root/look
  done | sort`);
  return { guids, files: linesOf(files) };
}

scenario(
  'whatever state a copy is in: what only the target has is there afterwards',
  { minutes: 6 },
  async (world) => {
    const { source, target, zferry } = world;
    const all = Object.keys(states);
    await source.sh(
      `zfs create src/data; for s in ${all.join(' ')}; do zfs create src/data/$s; echo $s > /src/data/$s/file; done`,
    );
    const sync = async (...options: string[]) =>
      await zferry('sync', '-r', ...options, '{source}src/data', '{target}dst/copy');
    expect(await sync('--mount')).toMatchObject({ code: 0 });
    for (const [name, diverge] of Object.entries(states)) {
      await diverge(world, { from: `src/data/${name}`, to: `dst/copy/${name}` });
    }
    const before = await precious(target);
    expect(before.files).toEqual([...all].sort());

    for (const options of [[], ['--on-divergence', 'set-aside'], ['--on-divergence', 'set-aside'], []]) {
      const run = await sync(...options);
      const after = await precious(target);
      expect(
        before.guids.filter((guid) => !after.guids.includes(guid)),
        run.err,
      ).toEqual([]);
      expect(
        after.files.filter((file) => file !== 'renamed2'),
        run.err,
      ).toEqual(expect.arrayContaining(before.files));
      // Refused are a dataset of somebody else's and another source's copy; the rest goes on.
      expect(run.code, run.err).toBe(3);
    }
  },
);
