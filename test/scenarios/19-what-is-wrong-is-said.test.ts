import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Run } from '../world/run-zferry.ts';
import { scenario, type World } from '../world/scenario.ts';

/** Each kind of trouble has its sentence and the next thing to do, changes nothing, and is told from all others. */
async function refused(world: World, code: number, words: RegExp, work: () => Promise<Run>): Promise<void> {
  const before = await world.everything();
  const run = await work();
  expect(run.err).toMatch(words);
  expect(run.err).toContain('What to do: ');
  expect(run.err).not.toMatch(/undefined|\[object|^\s+at /m);
  expect(run.code).toBe(code);
  expect(await world.everything()).toEqual(before);
}

scenario('what is missing on either side', async (world) => {
  await world.source.zfs('create', 'src/data');
  await refused(world, 1, /there is no pool "nosuch"/, () => world.sync('nosuch/data', 'dst/copy'));
  await refused(world, 1, /there is no pool "nosuch"/, () => world.sync('src/data', 'nosuch/copy'));
  await refused(world, 1, /there is no "src\/nosuch"/, () => world.sync('src/nosuch', 'dst/copy'));
});

scenario('hosts that cannot be reached', async (world) => {
  const { source, sshConfig, zferry } = world;
  await source.zfs('create', 'src/data');
  const words = ['{source}src/data', '{target}dst/copy'];
  const withConfig = (change: (text: string) => string) => () =>
    zferry('sync', '--ssh-config', sshConfig(change), ...words);

  await refused(world, 1, /No host is known by the name nosuch\.invalid/, () =>
    zferry('sync', 'nosuch.invalid:src/data', '{target}dst/copy'),
  );
  await refused(
    world,
    1,
    /refused the connection/,
    withConfig((text) => text.replaceAll(/Port \d+/g, 'Port 1')),
  );

  const folder = mkdtempSync(join(tmpdir(), 'zferry-keys-'));
  try {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'other')]);
    const key = execFileSync('cut', ['-d', ' ', '-f', '1,2', join(folder, 'other.pub')], {
      encoding: 'utf8',
    });
    await refused(
      world,
      1,
      /no key of ours is accepted there/,
      withConfig((text) => text.replaceAll(/IdentityFile .*/g, `IdentityFile ${join(folder, 'other')}`)),
    );
    const alias = /HostKeyAlias (\S+)/.exec(await readConfig(sshConfig))?.[1] ?? '';
    writeFileSync(join(folder, 'known'), `${alias} ${key}`);
    const known = (file: string) => (text: string) =>
      text.replaceAll(/UserKnownHostsFile .*/g, `UserKnownHostsFile ${join(folder, file)}`);
    await refused(world, 1, /shows another host key than before/, withConfig(known('known')));
    await refused(world, 1, /host key of .* is not known here/, withConfig(known('empty')));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

scenario('a host without zfs', { fresh: true }, async (world) => {
  const { source, target, sync, zferry } = world;
  await source.zfs('create', 'src/data');
  await target.sh('mv /usr/sbin/zfs /usr/sbin/zfs.away && mv /usr/sbin/zpool /usr/sbin/zpool.away');
  const run = await zferry('sync', '{source}src/data', '{target}dst/copy');
  await target.sh('mv /usr/sbin/zfs.away /usr/sbin/zfs && mv /usr/sbin/zpool.away /usr/sbin/zpool');
  expect(run.code).toBe(1);
  expect(run.err).toMatch(/there is no zfs command there[\s\S]*What to do: install OpenZFS/);
  expect(await source.history('src/data')).toEqual([]);
  expect(await sync('src/data', 'dst/copy')).toMatchObject({ code: 0 });
});

scenario('a user who may not', { fresh: true }, async (world) => {
  const { source, target, zferry } = world;
  await source.zfs('create', 'src/data');
  await source.zfs('snapshot', 'src/data@1');
  for (const side of [source, target]) {
    await side.sh('useradd -m -s /bin/bash ann && cp -r /root/.ssh ~ann/ && chown -R ann: ~ann/.ssh');
  }
  await refused(world, 1, /not allowed|may not/, () =>
    zferry('sync', 'ann@{source}src/data', '{target}dst/copy'),
  );
  await refused(world, 1, /not allowed|may not/, () =>
    zferry('sync', '--no-snapshot', '{source}src/data', 'ann@{target}dst/copy'),
  );
});

scenario('places that make no sense, and words that are misspelt', async (world) => {
  const { source, zferry } = world;
  await source.zfs('create', '-p', 'src/data/below');
  const usage = async (words: RegExp, ...args: string[]) => {
    const before = await world.everything();
    const run = await zferry('sync', ...args);
    expect(run.err).toMatch(words);
    expect(run.code).toBe(2);
    expect(await world.everything()).toEqual(before);
  };
  await usage(/the same dataset/, '{source}src/data', '{source}src/data');
  await usage(/inside the target/, '{source}src/data/below', '{source}src/data');
  await usage(/inside the source/, '-r', '{source}src/data', '{source}src/data/copy');
  // Known by two names, a host is still the same: its pool is.
  await usage(/the same dataset/, '{source}src/data', 'root@{source}src/data');
  await usage(/Did you mean --recursive\?/, '--recursiv', '{source}src/data', '{target}dst/copy');
  await usage(/missing required argument/i, '{source}src/data');
  await usage(/whole number/, '--keep', 'many', '{source}src/data', '{target}dst/copy');
  await usage(/names a snapshot/, '{source}src/data@1', '{target}dst/copy');
  await usage(/does not allow "%"/, '{source}src/data', '{target}dst/100%');
  await usage(/add -r/, '--exclude', 'x', '{source}src/data', '{target}dst/copy');
});

async function readConfig(sshConfig: World['sshConfig']): Promise<string> {
  let text = '';
  sshConfig((before) => {
    text = before;
    return before;
  });
  return text;
}
