import { expect } from 'vitest';
import { scenario } from '../world/scenario.ts';
import type { Side } from '../world/side.ts';

/** A user who reaches a host as root does, and can do there what is delegated to it. */
async function withUser(side: Side, body: () => Promise<void>): Promise<void> {
  await side.sh(`useradd -m -p '*' limited && install -d -o limited -m 700 ~limited/.ssh &&
    install -o limited -m 600 ~/.ssh/authorized_keys ~limited/.ssh/ && chmod 666 /dev/zfs`);
  try {
    await body();
  } finally {
    await side.sh('chmod 600 /dev/zfs; pkill -u limited; sleep 0.2; userdel -rf limited 2>/dev/null || true');
  }
}

scenario('who may send and nothing else: snapshot by snapshot, without bookmarks', async (world) => {
  const { source, target, zferry } = world;
  await source.zfs('create', 'src/data');
  for (const name of ['one', 'two', 'three']) {
    await source.write('src/data', 'file', name);
    await source.zfs('snapshot', `src/data@${name}`);
  }
  await withUser(source, async () => {
    await source.zfs('allow', '-u', 'limited', 'send', 'src/data');
    const from = 'limited@{source}src/data';
    const run = await zferry('sync', '-v', '--no-snapshot', from, '{target}dst/copy');

    expect(run, run.err).toMatchObject({ code: 0 });
    expect(run.err.match(/the user may not hold/g)).toHaveLength(1);
    expect(run.err.match(/the base is not bookmarked/g)).toHaveLength(1);
    expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
    await source.zfs('snapshot', 'src/data@four');
    const next = await zferry('sync', '-v', '--no-snapshot', from, '{target}dst/copy');
    expect(next, next.err).toMatchObject({ code: 0, err: expect.not.stringContaining('may not hold') });
    expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
    expect(await source.holds()).toEqual([]);
  });
});

scenario('who may only receive: without holds, and what cannot be set is said', async (world) => {
  const { source, target, zferry } = world;
  await source.zfs('create', 'src/data');
  await target.zfs('create', '-o', 'mountpoint=none', 'dst/theirs');
  await withUser(target, async () => {
    await target.zfs(
      'allow',
      '-u',
      'limited',
      'create,mount,receive,userprop,readonly,canmount',
      'dst/theirs',
    );
    for (let i = 0; i < 2; i++) {
      await source.write('src/data', 'file', `${i}`);
      const run = await zferry('sync', '-v', '{source}src/data', 'limited@{target}dst/theirs/copy');
      expect(run, run.err).toMatchObject({ code: 0 });
      expect(run.err.match(/the base is not held/g)).toHaveLength(1);
    }
    expect(await target.history('dst/theirs/copy')).toEqual(await source.history('src/data'));
  });
});

scenario('with the rights that README names on both sides, nothing is missing', async (world) => {
  const { source, target, zferry } = world;
  await source.zfs('create', '-p', 'src/data/below');
  await target.zfs('create', '-o', 'mountpoint=none', 'dst/theirs');
  await withUser(source, async () => {
    await withUser(target, async () => {
      const [sending, receiving] = [
        'send,snapshot,mount,hold,release,bookmark,destroy',
        'create,mount,receive,userprop,readonly,canmount,hold,release',
      ];
      await source.zfs('allow', '-u', 'limited', sending, 'src/data');
      await target.zfs('allow', '-u', 'limited', receiving, 'dst/theirs');
      for (let i = 0; i < 3; i++) {
        await source.write('src/data/below', 'file', `${i}`);
        const ends = ['limited@{source}src/data', 'limited@{target}dst/theirs/copy'];
        const run = await zferry('sync', '-r', '--keep', '1', ...ends);
        expect(run, run.err).toMatchObject({ code: 0 });
        expect(run.err).not.toMatch(/warning|is not|may not|denied/);
      }
    });
  });
  expect(await source.history('src/data/below')).toHaveLength(1);
  expect(await target.history('dst/theirs/copy/below')).toHaveLength(3);
});
