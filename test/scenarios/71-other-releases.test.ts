import { expect } from 'vitest';
import { variant } from '../variants.ts';
import { scenario, type World } from '../world/scenario.ts';

const { a: from, b: to } = variant().zfs;

const disk = '/dev/disk/by-id/virtio-disk1';

/** The target's pool anew, with the features that a release has. */
async function poolOf({ target }: World, release: string): Promise<void> {
  await target.zpool('destroy', 'dst');
  await target.zpool('create', '-f', '-o', `compatibility=${release}`, 'dst', disk);
}

scenario('what an older pool does not take is left out of the stream where it can be', async (world) => {
  const { source, target, sync } = world;
  await source.zfs('create', '-o', 'compression=zstd', '-o', 'recordsize=1M', 'src/data');
  await source.sh('seq 300000 > /src/data/file && sync');
  await target.zpool('destroy', 'dst');
  const features = ['extensible_dataset', 'lz4_compress'].flatMap((name) => [
    '-o',
    `feature@${name}=enabled`,
  ]);
  await target.zpool('create', '-f', '-d', ...features, 'dst', disk);

  expect(await sync('src/data', 'dst/copy')).toMatchObject({ code: 0 });
  await source.sh('seq 400000 > /src/data/file && sync');
  const run = await sync('src/data', 'dst/copy', '--mount');

  expect(run).toMatchObject({ code: 0 });
  expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
  const sum = (await source.sh('sha256sum < /src/data/file')).trim();
  expect((await target.sh('sha256sum < /dst/copy/file')).trim()).toBe(sum);
});

// 2.1 knows no names of more than 255 bytes.
if (from !== '2.1') {
  scenario('what cannot be left out is found before the first byte', async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', '-o', 'longname=on', 'src/data');
    await source.sh(`touch /src/data/${'n'.repeat(300)} && sync`);
    await poolOf(world, 'openzfs-2.1-linux');
    const before = await world.everything();

    const run = await sync('src/data', 'dst/copy');

    expect(run.code).toBe(1);
    expect(run.err).toMatch(
      to === '2.1'
        ? /OpenZFS 2\.1\.\d+ of the target does not know longname, which the stream needs/
        : /the pool dst has not enabled .*longname.*, which the stream needs/,
    );
    expect(run.err).toContain(
      to === '2.1' ? 'What to do: update OpenZFS' : 'zpool set feature@longname=enabled dst',
    );
    expect(run.commands.filter((line) => line.includes('zfs receive'))).toEqual([]);
    expect(await world.everything()).toEqual(before);
    expect(await target.zfs('list', '-Ho', 'name', '-r', 'dst')).toBe('dst\n');
  });
}

scenario(
  'a history goes in one stream, but to a release that can lose a part of it one by one',
  async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', 'src/data');
    for (const name of ['1', '2', '3', '4']) {
      await source.write('src/data', 'file', name);
      await source.zfs('snapshot', `src/data@${name}`);
    }

    const run = await sync('src/data', 'dst/copy', '--no-snapshot');

    expect(run).toMatchObject({ code: 0 });
    const sends = run.commands.filter((line) => line.includes('zfs send'));
    expect(sends.map((line) => /-[iI] @\d/.exec(line)?.[0])).toEqual(
      to === '2.1' ? [undefined, '-i @1', '-i @2', '-i @3'] : [undefined, '-I @1'],
    );
    expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
  },
);
