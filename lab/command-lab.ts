import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FileLock, lockFile } from './file-lock.ts';
import { type HostRecord, type LabHost, openHost } from './host.ts';
import { checkHostName } from './host-name.ts';
import { UsageError } from './lab-error.ts';
import { killProcess } from './process-identity.ts';
import type { Ready } from './ready.ts';
import type { ZfsVersion } from './recipe.ts';
import { commandRunFolder, readMachine } from './run-folder.ts';
import { type Peer, sshConfig } from './ssh-config.ts';
import { startHost } from './start-hosts.ts';

/** What the `lab` command remembers of a host between its runs. */
export interface CommandHost {
  readonly record: HostRecord;
  readonly zfs: ZfsVersion;
  readonly ready: Ready;
}

/** The hosts that the `lab` command started, which go on when it ends. One set a user and cache folder. */
export interface CommandLab {
  /** By name, in alphabetical order. */
  list(): CommandHost[];
  /** The names of what an `up` left that was killed. */
  leftovers(): string[];
  /** @throws UsageError when there is no such host */
  host(name: string): LabHost;
  /** A file for `ssh -F` in which each of them has its name. */
  readonly sshConfig: string;
  /** The file for `ssh -F` by which the lab itself reaches a host, whatever its network is made to suffer. */
  controlConfig(name: string): string;
  /** Starts hosts that are not there yet and tells the others of them. */
  add(names: readonly string[], zfs: ZfsVersion, ready: Ready): Promise<LabHost[]>;
  /** Ends a host and removes all it had; also what a killed `up` left. */
  remove(name: string): Promise<void>;
  /** Ends and removes all. */
  removeAll(): Promise<void>;
  /** For what changes which hosts there are: one at a time. */
  lock(onWait: () => void): Promise<FileLock>;
}

const diskGiB = 2;

export function openCommandLab(): CommandLab {
  const run = commandRunFolder();
  const recordFile = (name: string): string => join(run.folder, name, 'host.json');
  const config = join(run.folder, 'ssh_config');
  const folders = (): string[] =>
    readdirSync(run.folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  const read = (name: string): CommandHost =>
    JSON.parse(readFileSync(recordFile(name), 'utf8')) as CommandHost;
  const list = (): CommandHost[] =>
    folders()
      .filter((name) => existsSync(recordFile(name)))
      .map(read);
  const leftovers = (): string[] => folders().filter((name) => !existsSync(recordFile(name)));
  const peers = (): Record<string, Peer> =>
    Object.fromEntries(
      list().map(({ record, ready }) => [record.name, { port: record.ports.ssh, image: ready.image }]),
    );
  const place = (ready: Ready) => ({ sockets: run.sockets, ready, lifetime: 'detached' as const });
  const writeConfig = (): void => {
    if (list().length > 0) writeFileSync(config, sshConfig(peers()));
    else rmSync(config, { force: true });
  };
  const open = ({ record, ready }: CommandHost): LabHost =>
    openHost(record, { ...place(ready), folder: join(run.folder, record.name), peers });
  const remove = async (name: string): Promise<void> => {
    const machine = readMachine(join(run.folder, name));
    if (machine) await killProcess(machine);
    rmSync(join(run.folder, name), { recursive: true, force: true });
    for (const socket of readdirSync(run.sockets).filter((file) => file.startsWith(`${name}.`))) {
      rmSync(join(run.sockets, socket));
    }
    writeConfig();
  };

  return {
    list,
    leftovers,
    sshConfig: config,
    controlConfig: (name) => join(run.folder, name, 'control_config'),
    host(name) {
      const found = list().find(({ record }) => record.name === name);
      if (!found) throw new UsageError(`There is no host ${name}: \`lab/lab up ${name}\` starts it.`);
      return open(found);
    },
    async add(names, zfs, ready) {
      for (const name of names) checkHostName(name);
      const others = list();
      for (const name of leftovers()) await remove(name);
      const known = { ...peers() };
      const started = await Promise.allSettled(
        names.map(async (name) => {
          const one = await startHost(name, diskGiB, { ...place(ready), peers: () => known }, run.folder);
          known[name] = { port: one.record.ports.ssh, image: ready.image };
          return one;
        }),
      );
      try {
        const fresh = started.map((result) => {
          if (result.status === 'rejected') throw result.reason;
          return result.value;
        });
        await Promise.all(fresh.map(({ host }) => host.wake()));
        for (const { record } of fresh) {
          writeFileSync(recordFile(record.name), JSON.stringify({ record, zfs, ready }));
        }
        writeConfig();
        await Promise.all(others.map(open).map(async (host) => host.isOn() && host.meetPeers()));
        return fresh.map(({ host }) => host);
      } catch (error) {
        for (const name of names) await remove(name);
        throw error;
      }
    },
    remove,
    async removeAll() {
      for (const name of folders()) await remove(name);
      run.remove();
    },
    lock: (onWait) => lockFile(`${run.folder}.lock`, onWait),
  };
}
