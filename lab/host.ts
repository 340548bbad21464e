import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDisks } from './disks.ts';
import { LabError } from './lab-error.ts';
import { type Lifetime, startMachine } from './machine.ts';
import { type Monitor, openMonitor } from './monitor.ts';
import { isAlive, killProcess, type ProcessIdentity } from './process-identity.ts';
import type { Ports } from './qemu-arguments.ts';
import { type Ready, readyState } from './ready.ts';
import { type Finished, runCommand } from './run-command.ts';
import { machineFile, readMachine } from './run-folder.ts';
import { commandLine, type ExecOptions, openShell } from './shell.ts';
import { type Peers, sshConfig } from './ssh-config.ts';
import { peersScript, wakeScript } from './wake-script.ts';

/** What a host is, as long as it exists; kept in a file for the `lab` command. */
export interface HostRecord {
  readonly name: string;
  readonly ports: Ports;
  /** Eight hex digits. */
  readonly hostid: string;
  /** The size of each of its two disks, in GiB. */
  readonly diskGiB: number;
}

/** Where it lives, and with whom. */
export interface HostPlace {
  /** Of this host alone. */
  readonly folder: string;
  /** For its sockets; shared with other hosts. */
  readonly sockets: string;
  readonly ready: Ready;
  readonly lifetime: Lifetime;
  /** All hosts that this one is to know by name. */
  readonly peers: () => Peers;
}

/** One disposable machine with real OpenZFS and real sshd. All that throws, throws {@link LabError}. */
export interface LabHost {
  readonly name: string;
  /** Its sshd on 127.0.0.1, by the network that `delay` and `unplug` act on. */
  readonly port: number;
  /**
   * Runs a script of `sh` as root, by a network of the lab's own that `delay` and `unplug` do not touch.
   *
   * @throws LabError with its stderr when it fails and `allowFailure` is not set
   */
  exec(script: string, options?: ExecOptions): Promise<Finished>;
  /** Runs `zfs` with these arguments, quoted, and returns its stdout. Throws with its stderr when it fails. */
  zfs(...args: string[]): Promise<string>;
  /** Runs `zpool` with these arguments, quoted, and returns its stdout. Throws with its stderr when it fails. */
  zpool(...args: string[]): Promise<string>;
  /** Copies a file or folder of this machine to the host. */
  put(local: string, remote: string): Promise<void>;
  /** Copies a file or folder of the host to this machine. */
  get(remote: string, local: string): Promise<void>;
  /** Throws everything away: a fresh host with the same name, port and host id, and two empty disks. */
  reset(): Promise<void>;
  /** A power cut, and power again: what was not yet on its disks is gone. Pools are not imported yet. */
  cut(): Promise<void>;
  /** Half of `cut`. Off is without warning; on changes nothing for a host that runs. */
  power(state: 'on' | 'off'): Promise<void>;
  isOn(): boolean;
  /** Imports every pool that its disks hold, by force, as after a power cut. */
  importPools(): Promise<void>;
  /**
   * Delays all it sends to other hosts and through its ssh port, until it is reset or cut: one way, so a round
   * trip takes that much longer.
   *
   * @param time with its unit: `25ms`; undefined for none
   */
  delay(time: string | undefined): Promise<void>;
  /** Takes the cable out: connections hang, and go on when it is plugged in again in time. */
  unplug(): Promise<void>;
  plug(): Promise<void>;
  /**
   * Attaches a raw image of this machine as one more disk that can only be read.
   *
   * @returns its device on the host
   */
  plugImage(path: string): Promise<string>;
  /** Its QEMU, when it is on. */
  machine(): ProcessIdentity | undefined;
  /** Starts it, with its disks, but gives it no name yet; `wake` must follow. @throws PortTakenError */
  start(): Promise<void>;
  /** Makes a host of its own of what `start` started: randomness, clock, name, module. */
  wake(): Promise<void>;
  /** Tells it anew which other hosts there are. */
  meetPeers(): Promise<void>;
  /** Ends it and removes all it had. */
  dispose(): Promise<void>;
}

/** A handle for a host that is, or is to be, in that place. Does nothing by itself. */
export function openHost(record: HostRecord, place: HostPlace): LabHost {
  const { name, ports, hostid } = record;
  const { folder, sockets, ready } = place;
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'control_config');
  const socket = join(sockets, `${name}.qmp`);
  const shell = openShell(name, config, join(sockets, `${name}.ssh`));
  const disks = openDisks(folder, record.diskGiB);
  let opened: Monitor | undefined;

  const machine = (): ProcessIdentity | undefined => {
    const found = readMachine(folder);
    return found && isAlive(found) ? found : undefined;
  };
  const demandPower = (): void => {
    if (!machine()) throw new LabError(`The host ${name} is off: give it power first.`);
  };
  const monitor = async (): Promise<Monitor> => {
    demandPower();
    opened ??= await openMonitor(socket);
    return opened;
  };
  const exec = async (script: string, options?: ExecOptions): Promise<Finished> => {
    demandPower();
    return shell.exec(script, options);
  };
  const argv = async (...words: string[]): Promise<string> => (await exec(commandLine(words))).stdout;

  const stop = async (): Promise<void> => {
    opened?.close();
    opened = undefined;
    const found = readMachine(folder);
    if (found) await killProcess(found);
    rmSync(join(folder, machineFile), { force: true });
    await shell.close();
  };
  const start = async (): Promise<void> => {
    writeFileSync(config, sshConfig({ [name]: { port: ports.control, image: ready.image } }));
    await runCommand(['cp', '--reflink=auto', '--sparse=always', ready.root, join(folder, 'root.qcow2')]);
    const started = await startMachine(
      folder,
      {
        image: ready.image,
        accelerator: ready.accelerator,
        root: 'root.qcow2',
        monitor: socket,
        console: 'console.log',
        ports,
        load: readyState,
      },
      place.lifetime,
    );
    opened = started.monitor;
    await disks.plug(started.monitor);
  };
  const wake = async (): Promise<void> => {
    if (place.lifetime === 'tied') await shell.share();
    await shell.exec(wakeScript({ name, hostid, peers: place.peers(), disks: disks.names }));
  };
  const restart = async (): Promise<void> => {
    await start();
    await wake();
  };

  return {
    name,
    port: ports.ssh,
    exec,
    zfs: (...args) => argv('zfs', ...args),
    zpool: (...args) => argv('zpool', ...args),
    put: (local, remote) => shell.copy(local, `remote:${remote}`),
    get: (remote, local) => shell.copy(`remote:${remote}`, local),
    async reset() {
      await stop();
      disks.clear();
      await restart();
    },
    async cut() {
      await stop();
      await restart();
    },
    async power(state) {
      if (state === 'off') await stop();
      else if (!machine()) await restart();
    },
    isOn: () => machine() !== undefined,
    async importPools() {
      await exec('zpool import -f -a -d /dev/disk/by-id');
    },
    async delay(time) {
      if (time !== undefined && !/^\d+(\.\d+)?(us|ms|s)$/.test(time)) {
        throw new LabError(`A delay is a number with its unit, such as 25ms, not ${time}.`);
      }
      // Room for all that is under way: a queue that drops would be another fault than a long line.
      await exec(
        time === undefined
          ? 'tc qdisc del dev eth0 root 2>/dev/null || true'
          : `tc qdisc replace dev eth0 root netem delay ${time} limit 100000`,
      );
    },
    unplug: async () => setLink(await monitor(), false),
    plug: async () => setLink(await monitor(), true),
    async plugImage(path) {
      if (!existsSync(path)) throw new LabError(`There is no image ${path} to plug into ${name}.`);
      const device = `/dev/disk/by-id/virtio-${await disks.plugImage(await monitor(), path)}`;
      await exec(`for i in $(seq 100); do [ -e ${device} ] && exit 0; sleep 0.05; done; exit 1`);
      return device;
    },
    machine,
    start,
    wake,
    async meetPeers() {
      await exec(peersScript(place.peers()));
    },
    async dispose() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** @see https://qemu.readthedocs.io/en/latest/interop/qemu-qmp-ref.html#command-QMP-net.set_link */
async function setLink(monitor: Monitor, up: boolean): Promise<void> {
  await monitor.execute('set_link', { name: 'nic-net0', up });
}
