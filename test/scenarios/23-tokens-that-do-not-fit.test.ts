import { expect } from 'vitest';
import { interrupted } from '../world/interrupted.ts';
import { fullScenario, scenario, type World } from '../world/scenario.ts';

const key = ['-o', 'encryption=on', '-o', 'keyformat=passphrase', '-o', 'keylocation=file:///root/key'];

/** A part of a stream that nobody but the test knows of, received by hand. */
async function byHand({ source, target }: World, send: string, receive: string): Promise<void> {
  const stream = await source.sh(`zfs send ${send} | head -c 1500000 | base64 -w 0`);
  await target.sh(`base64 -d | zfs receive -s -u ${receive} || true`, stream);
}

scenario('the base is gone but for its bookmark: it goes on', async (world) => {
  const { source, target, sync } = world;
  await interrupted(world, 'base', 'next');
  const [base = ''] = (await source.holds()).filter((line) => line.startsWith('src/data@base '));
  await source.zfs('bookmark', 'src/data@base', 'src/data#mark');
  await source.zfs('release', base.split(' ')[1] ?? '', 'src/data@base');
  await source.zfs('destroy', 'src/data@base');

  const run = await sync('src/data', 'dst/copy', '--no-snapshot');
  expect(run.code).toBe(0);
  expect(run.err).toContain('resumed src/data rest of @next');
  expect((await target.history('dst/copy')).at(-1)).toEqual((await source.history('src/data')).at(-1));
});

fullScenario(
  'the base is gone, and its bookmark: let go, and refused for what is no longer in common',
  async (world) => {
    const { source, target, sync } = world;
    await interrupted(world, 'base', 'next');
    for (const line of await source.holds()) {
      const [name = '', tag = ''] = line.split(' ');
      await source.zfs('release', tag, name);
    }
    await source.zfs('destroy', 'src/data@base');
    await source.sh('zfs list -H -t bookmark -o name src/data | xargs zfs destroy');

    const run = await sync('src/data', 'dst/copy', '--no-snapshot');
    expect(run.code).toBe(4);
    expect(run.err).toContain('its base, @base, is gone from the source');
    expect(run.err).toContain('no snapshot in common');
    expect(await target.get('receive_resume_token', 'dst/copy')).toBe('-');
    expect(await target.history('dst/copy')).toHaveLength(1);
  },
);

fullScenario('a snapshot that filters leave out now: let go, what is wanted is sent', async (world) => {
  const { source, target, sync } = world;
  await interrupted(world, 'base', 'next');
  await source.zfs('snapshot', 'src/data@daily');

  const run = await sync('src/data', 'dst/copy', '--snapshots', 'daily*');
  expect(run.code).toBe(0);
  expect(run.err).toContain('@next is no longer among the snapshots to send');
  const names = (await target.history('dst/copy')).map((line) => line.split(' ')[0]);
  expect(names).toEqual(['@base', '@daily']);
  expect(await source.holds()).toEqual([]);
});

fullScenario('sent in plain and to come raw: let go, nothing of the plain part is used', async (world) => {
  const { source, target, sync } = world;
  await source.sh('echo correct horse > /root/key');
  await source.zfs('create', ...key, 'src/data');
  await source.fill('src/data', 'file', 3_000_000);
  await source.zfs('snapshot', 'src/data@one');
  const guid = await source.get('guid', 'src/data');
  await byHand(world, '-Lc src/data@one', `-o zferry:source=${guid} dst/copy`);
  expect(await target.get('receive_resume_token', 'dst/copy')).toMatch(/^1-/);

  const run = await sync('src/data', 'dst/copy', '--no-snapshot');
  expect(run.code).toBe(0);
  expect(run.err).toContain('it was sent in plain, and would now come raw');
  expect(await target.get('encryption', 'dst/copy')).toBe('aes-256-gcm');
  expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
});

scenario("somebody else's, who could still use it: refused by name and left alone", async (world) => {
  const { source, target, sync } = world;
  for (const name of ['src/data', 'src/other']) {
    await source.zfs('create', name);
    await source.sh(`head -c 3000000 /dev/urandom > /${name}/file && sync`);
    await source.zfs('snapshot', `${name}@one`);
  }
  await byHand(world, 'src/other@one', 'dst/first');
  await byHand(world, 'src/data@one', 'dst/same');
  const tokens = async () => [
    await target.get('receive_resume_token', 'dst/first'),
    await target.get('receive_resume_token', 'dst/same'),
  ];
  // A replica in good order; then a person receives something of their own into it.
  await source.zfs('create', 'src/mine');
  await source.zfs('snapshot', 'src/mine@one');
  expect(await sync('src/mine', 'dst/mine', '--no-snapshot')).toMatchObject({ code: 0 });
  await source.zfs('snapshot', 'src/mine@two');
  await source.fill('src/mine', 'file', 3_000_000);
  await source.zfs('snapshot', 'src/mine@three');
  await byHand(world, '-i @one src/mine@three', 'dst/mine');
  const mine = await target.get('receive_resume_token', 'dst/mine');
  const before = await tokens();

  const other = await sync('src/data', 'dst/first');
  expect(other.code).toBe(4);
  expect(other.err).toMatch(
    /that is not zferry's: it is for src\/other@one \(\d+\), which src\/data has not/,
  );
  expect(other.err).toContain('zfs receive -A dst/first');
  const same = await sync('src/data', 'dst/same');
  expect(same.code).toBe(4);
  expect(same.err).toMatch(
    /that is not zferry's: 1\.\d MiB of src\/data@one, sent by something else, have arrived/,
  );
  const third = await sync('src/mine', 'dst/mine', '--no-snapshot');
  expect(third.code).toBe(4);
  expect(third.err).toContain('@two is to come before @three');
  expect(await target.get('receive_resume_token', 'dst/mine')).toBe(mine);
  expect(await tokens()).toEqual(before);
});
