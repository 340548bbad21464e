import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LabHost } from './host.ts';
import { checkHostName } from './host-name.ts';
import { prepareLab } from './prepare-lab.ts';
import type { ZfsVersion } from './recipe.ts';
import { openRunFolder } from './run-folder.ts';
import type { Say } from './say.ts';
import { sshConfig } from './ssh-config.ts';
import { startHost } from './start-hosts.ts';

export interface HostsOptions {
  /** The OpenZFS line they run; 2.3 when left out. */
  readonly zfs?: ZfsVersion;
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
  const ready = await prepareLab(zfs, say);
  const run = await openRunFolder();
  const found = new Map<Name, LabHost>();
  const peers = (): Record<string, number> =>
    Object.fromEntries([...found].map(([name, { port }]) => [name, port]));
  const place = { sockets: run.sockets, ready, lifetime: 'tied' as const, peers };

  const dispose = async (): Promise<void> => {
    await Promise.all([...found.values()].map((host) => host.dispose()));
    run.remove();
  };
  try {
    await all(names, async (name) => {
      found.set(name, (await startHost(name, diskGiB, place, run.folder)).host);
    });
    await all([...found.values()], (host) => host.wake());
  } catch (error) {
    await dispose();
    throw error;
  }
  const config = join(run.folder, 'ssh_config');
  writeFileSync(config, sshConfig(ready.image, peers()));
  return {
    hosts: Object.fromEntries(found) as Record<Name, LabHost>,
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
