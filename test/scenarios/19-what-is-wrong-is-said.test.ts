import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Run } from '../world/run-zferry.ts';
import { scenario, type World } from '../world/scenario.ts';

/** Each kind of trouble has its sentence and the next thing to do, and is told from all others. */
function says(run: Run, code: number, words: RegExp): void {
  expect(run.err).toMatch(words);
  expect(run.err).toContain('What to do: ');
  expect(run.err).not.toMatch(/undefined|\[object|^\s+at /m);
  expect(run.code).toBe(code);
}

/** Nothing of it changes anything. */
async function unchanged(world: World, work: () => Promise<void>): Promise<void> {
  const before = await world.everything();
  await work();
  expect(await world.everything()).toEqual(before);
}

scenario('what is missing on either side', async (world) => {
  const { source, zferry } = world;
  await source.zfs('create', 'src/data');
  await unchanged(world, async () => {
    const words = [
      [['{source}nosuch/data', '{target}dst/copy'], /there is no pool "nosuch"/],
      [['{source}src/data', '{target}nosuch/copy'], /there is no pool "nosuch"/],
      [['{source}src/nosuch', '{target}dst/copy'], /there is no "src\/nosuch"/],
    ] as const;
    for (const [places, sentence] of words) says(await zferry('sync', ...places), 1, sentence);
  });
});

scenario('hosts that cannot be reached', async (world) => {
  const { source, sshConfig, zferry } = world;
  await source.zfs('create', 'src/data');
  const words = ['{source}src/data', '{target}dst/copy'];
  const withConfig = async (change: (text: string) => string) =>
    await zferry('sync', '--ssh-config', sshConfig(change), ...words);
  const folder = mkdtempSync(join(tmpdir(), 'zferry-keys-'));
  try {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'other')]);
    const key = execFileSync('cut', ['-d', ' ', '-f', '1,2', join(folder, 'other.pub')], {
      encoding: 'utf8',
    });
    const alias = /HostKeyAlias (\S+)/.exec(readConfig(sshConfig))?.[1] ?? '';
    writeFileSync(join(folder, 'known'), `${alias} ${key}`);
    const known = (file: string) => (text: string) =>
      text.replaceAll(/UserKnownHostsFile .*/g, `UserKnownHostsFile ${join(folder, file)}`);
    const otherKey = (text: string) =>
      text.replaceAll(/IdentityFile .*/g, `IdentityFile ${join(folder, 'other')}`);
    await unchanged(world, async () => {
      const nobody = await zferry('sync', 'nosuch.invalid:src/data', '{target}dst/copy');
      says(nobody, 1, /No host is known by the name nosuch\.invalid/);
      says(await withConfig((text) => text.replaceAll(/Port \d+/g, 'Port 1')), 1, /refused the connection/);
      says(await withConfig(otherKey), 1, /no key of ours is accepted there/);
      says(await withConfig(known('known')), 1, /shows another host key than before/);
      says(await withConfig(known('empty')), 1, /host key of .* is not known here/);
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

scenario('a host without zfs', async (world) => {
  const { source, target, zferry } = world;
  await source.zfs('create', 'src/data');
  await target.sh('mv /usr/sbin/zfs /usr/sbin/zfs.away && mv /usr/sbin/zpool /usr/sbin/zpool.away');
  try {
    const run = await zferry('sync', '{source}src/data', '{target}dst/copy');
    says(run, 1, /there is no zfs command there[\s\S]*What to do: on b: install OpenZFS/);
    expect(await source.history('src/data')).toEqual([]);
  } finally {
    await target.sh('mv /usr/sbin/zfs.away /usr/sbin/zfs && mv /usr/sbin/zpool.away /usr/sbin/zpool');
  }
});

scenario('a user who may not', async (world) => {
  const { source, target, zferry } = world;
  await source.zfs('create', 'src/data');
  await source.zfs('snapshot', 'src/data@1');
  const both = (script: string) => Promise.all([source.sh(script), target.sh(script)]);
  await both("useradd -m -s /bin/bash -p '*' ann && cp -r /root/.ssh ~ann/ && chown -R ann: ~ann/.ssh");
  try {
    await unchanged(world, async () => {
      const taking = await zferry('sync', 'ann@{source}src/data', '{target}dst/copy');
      says(taking, 1, /not allowed|may not/);
      const receiving = await zferry('sync', '--no-snapshot', '{source}src/data', 'ann@{target}dst/copy');
      says(receiving, 1, /not allowed|may not/);
    });
  } finally {
    await both('pkill -u ann; userdel -r ann 2>/dev/null');
  }
});

scenario('places that make no sense', async (world) => {
  const { source, zferry } = world;
  await source.zfs('create', '-p', 'src/data/below');
  await unchanged(world, async () => {
    const words = [
      [['{source}src/data/below', '{source}src/data'], /inside the target/],
      [['-r', '{source}src/data', '{source}src/data/copy'], /inside the source/],
      // Known by two names, a host is still the same: its pool is.
      [['{source}src/data', 'root@{source}src/data'], /the same dataset/],
    ] as const;
    for (const [args, sentence] of words) says(await zferry('sync', ...args), 2, sentence);
  });
});

function readConfig(sshConfig: World['sshConfig']): string {
  let text = '';
  sshConfig((before) => {
    text = before;
    return before;
  });
  return text;
}
