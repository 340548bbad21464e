import { createHash, randomBytes } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './cache-folder.ts';
import { lockFile } from './file-lock.ts';
import { LabError } from './lab-error.ts';
import { isAlive, killProcess, ownIdentity, type ProcessIdentity } from './process-identity.ts';

/** Where one run keeps its hosts' files. */
export interface RunFolder {
  readonly folder: string;
  /** For UNIX sockets, whose path may have 107 bytes only. */
  readonly sockets: string;
  /** Removes both, with all that is in them. */
  remove(): void;
}

/** Inside a host's folder: the QEMU that runs it, as JSON of {@link ProcessIdentity}. */
export const machineFile = 'machine.json';

/** A folder that belongs to this process, after what dead ones left has been removed. */
export async function openRunFolder(): Promise<RunFolder> {
  await sweepRunFolders();
  const { pid, started } = ownIdentity();
  return make(`${pid}.${started}.${randomBytes(3).toString('hex')}`);
}

/** The folder of the hosts that the `lab` command of this clone starts, which belong to no process. */
export function commandRunFolder(): RunFolder {
  return make(
    `lab-${createHash('sha256')
      .update(`${cacheFolder()}\0${import.meta.dirname}`)
      .digest('hex')
      .slice(0, 8)}`,
  );
}

/** Removes the folders of owners that are dead, and ends a QEMU that outlived one. */
async function sweepRunFolders(): Promise<void> {
  const base = runsFolder();
  const lock = await lockFile(join(base, 'sweep.lock'));
  try {
    for (const name of new Set([...readdirSync(base), ...readdirSync(socketsFolder())])) {
      const owner = ownerOf(name);
      if (!owner || isAlive(owner)) continue;
      for (const host of existsSync(join(base, name)) ? readdirSync(join(base, name)) : []) {
        const machine = readMachine(join(base, name, host));
        if (machine) await killProcess(machine);
      }
      remove(name);
    }
  } finally {
    await lock.release();
  }
}

/** The QEMU that was started for a host's folder, running or not. */
export function readMachine(hostFolder: string): ProcessIdentity | undefined {
  const file = join(hostFolder, machineFile);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity) : undefined;
}

function ownerOf(name: string): ProcessIdentity | undefined {
  const [, pid, started] = /^(\d+)\.([^.]+)\.[^.]+$/.exec(name) ?? [];
  return pid !== undefined && started !== undefined ? { pid: Number(pid), started } : undefined;
}

function make(name: string): RunFolder {
  const folder = join(runsFolder(), name);
  const sockets = join(socketsFolder(), name);
  for (const path of [folder, sockets]) mkdirSync(path, { recursive: true, mode: 0o700 });
  return { folder, sockets, remove: () => remove(name) };
}

function remove(name: string): void {
  rmSync(join(socketsFolder(), name), { recursive: true, force: true });
  rmSync(join(runsFolder(), name), { recursive: true, force: true });
}

const runsFolder = (): string => join(cacheFolder(), 'run');

/** Everybody can write to `/tmp`, so the folder there counts only when it is ours alone. */
function socketsFolder(): string {
  const uid = process.getuid?.() ?? 0;
  const folder = `/tmp/zferry-lab-${uid}`;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o077) !== 0) {
    throw new LabError(`${folder} belongs to somebody else or is open to others: remove it.`);
  }
  return folder;
}
