import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabHost } from './host.ts';
import { checkHostName } from './host-name.ts';
import type { Image } from './image.ts';
import { prepareLab } from './prepare-lab.ts';
import type { Ready } from './ready.ts';
import type { ZfsVersion } from './recipe.ts';
import { openRunFolder } from './run-folder.ts';
import type { Say } from './say.ts';
import { type Peers, sshConfig } from './ssh-config.ts';
import { startHost } from './start-hosts.ts';

export interface HostsOptions {
  /** The OpenZFS line they run, or each of them; 2.3 when left out. */
  readonly zfs?: ZfsVersion | Readonly<Record<string, ZfsVersion>>;
  /** The size of each of a host's two disks, in GiB; 2 when left out. They take room only as they fill. */
  readonly diskGiB?: number;
  /** Hears what takes long; stderr when left out. */
  readonly say?: Say;
}

/** The hosts of one test, which die with this process. */
export interface Lab<Name extends string> extends AsyncDisposable {
  readonly hosts: Readonly<Record<Name, LabHost>>;
  /** A file for `ssh -F` and `zferry --ssh-config` in which each host has its name. */
  readonly sshConfig: string;
  /** Ends them all and removes everything. */
  dispose(): Promise<void>;
}

/**
 * Fresh hosts with real OpenZFS, seconds after the call once the lab is prepared; prepares it where it is not.
 * Each has two empty disks, `/dev/disk/by-id/virtio-disk0` and `virtio-disk1`, and no pool. They reach each
 * other by name with `ssh`. They are killed when this process ends, however it ends.
 *
 * @throws LabError when the lab cannot be prepared or a host does not come up
 * @example
 * await using lab = await hosts(['a', 'b']);
 * await lab.hosts.a.zpool('create', 'tank', '/dev/disk/by-id/virtio-disk0');
 */
export async function hosts<const Name extends string>(
  names: readonly Name[],
  { zfs = '2.3', diskGiB = 2, say = (line) => console.error(`lab: ${line}`) }: HostsOptions = {},
): Promise<Lab<Name>> {
  for (const name of names) checkHostName(name);
  endWithRunner();
  // One after the other: each may have an image to build.
  const ready = new Map<Name, Ready>();
  for (const name of names) {
    ready.set(name, await prepareLab(typeof zfs === 'string' ? zfs : (zfs[name] ?? '2.3'), say));
  }
  const run = await openRunFolder();
  const found = new Map<Name, { readonly host: LabHost; readonly image: Image }>();
  const peers = (): Peers =>
    Object.fromEntries([...found].map(([name, { host, image }]) => [name, { port: host.port, image }]));
  const place = { sockets: run.sockets, lifetime: 'tied' as const, peers };

  const dispose = async (): Promise<void> => {
    await Promise.all([...found.values()].map(({ host }) => host.dispose()));
    run.remove();
  };
  try {
    await all([...ready], async ([name, state]) => {
      const { host } = await startHost(name, diskGiB, { ...place, ready: state }, run.folder);
      found.set(name, { host, image: state.image });
    });
    await all([...found.values()], ({ host }) => host.wake());
  } catch (error) {
    await dispose();
    throw error;
  }
  const config = join(run.folder, 'ssh_config');
  writeFileSync(config, sshConfig(peers()));
  return {
    hosts: Object.fromEntries([...found].map(([name, { host }]) => [name, host])) as Record<Name, LabHost>,
    sshConfig: config,
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

/** Like `Promise.all`, but returns only when none is under way any more, so that all can be cleaned up. */
async function all<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const results = await Promise.allSettled(items.map(work));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

let watched = false;

/**
 * Ends this process when it is a test runner's worker and the runner is gone: the guests die with the worker, but
 * a worker goes on with its test when its runner was killed.
 */
function endWithRunner(): void {
  if (watched || !process.connected) return;
  watched = true;
  setInterval(() => {
    if (!process.connected) process.exit(1);
  }, 250).unref();
}
