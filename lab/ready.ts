import { createHash } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Accelerator, accelerator } from './accelerator.ts';
import { buildOnce } from './build-once.ts';
import { cacheFolder } from './cache-folder.ts';
import { freePorts } from './free-ports.ts';
import { ensureImage, type Image } from './image.ts';
import { LabError } from './lab-error.ts';
import { type Machine, startMachine } from './machine.ts';
import { killProcess } from './process-identity.ts';
import { machineGeneration, type Ports } from './qemu-arguments.ts';
import type { ZfsVersion } from './recipe.ts';
import { runCommand } from './run-command.ts';
import { machineFile, openRunFolder } from './run-folder.ts';
import { type Say, sayingWhile, secondsSince } from './say.ts';
import { openShell, type Shell } from './shell.ts';
import { sshConfig } from './ssh-config.ts';

/** A host just booted, kept as a saved state that is loaded in a second. */
export interface Ready {
  readonly image: Image;
  readonly accelerator: Accelerator;
  /** The qcow2 file that holds it, to be copied before use. */
  readonly root: string;
}

/** The name of the saved state inside `root`. */
export const readyState = 'ready';

/** Counts up when the script below changes. */
const readyGeneration = 1;
const bootSeconds = 40;

/**
 * Run in the host before it is saved. What is read here is in its page cache in every host that starts from the
 * state. The modules stay out: OpenZFS seeds what it makes GUIDs from when its module is loaded, so all hosts from
 * a state with the module in it would give equal GUIDs to different snapshots.
 */
const settle = `set -eu
systemctl is-system-running --wait >/dev/null || true
failed=$(systemctl list-units --failed --plain --no-legend)
if [ -n "$failed" ]; then echo "failed units: $failed" >&2; exit 1; fi
if grep -q -E '^(zfs|spl) ' /proc/modules; then echo "the zfs module is loaded already" >&2; exit 1; fi
modprobe sch_netem
cat $(modprobe --show-depends zfs | sed -n 's/^insmod //p') > /dev/null
zfs --help >/dev/null 2>&1 || true
zpool --help >/dev/null 2>&1 || true
perl -e 1; hostname >/dev/null; date >/dev/null; mbuffer --version >/dev/null 2>&1 || true
sync
`;

/**
 * The ready state of an OpenZFS line, with image and boot where the cache has none.
 *
 * @throws LabError when the host does not come up; its console is in the message
 */
export async function ensureReady(version: ZfsVersion, say: Say): Promise<Ready> {
  const image = await ensureImage(version, say);
  const how = await accelerator(image);
  const { stdout: qemu } = await runCommand(['qemu-system-x86_64', '--version']);
  const hash = createHash('sha256')
    .update(JSON.stringify([image.hash, how, qemu, machineGeneration, readyGeneration, settle]))
    .digest('hex')
    .slice(0, 12);
  const folder = join(cacheFolder(), `ready-${version}-${hash}`);
  await buildOnce(folder, `the ready state with OpenZFS ${version}`, say, async (unfinished) => {
    say(
      `booting a host with OpenZFS ${version} once, to start from it ever after; ` +
        `about ${bootSeconds} s${how === 'tcg' ? ' without virtualisation' : ''}`,
    );
    const start = performance.now();
    await sayingWhile(save(unfinished, image, how), say, (seconds) => `still booting, ${seconds} s`);
    say(`OpenZFS ${version} is ready (${secondsSince(start)} s)`);
  });
  return { image, accelerator: how, root: join(folder, 'root.qcow2') };
}

async function save(folder: string, image: Image, how: Accelerator): Promise<void> {
  await runCommand(['qemu-img', 'create', '-q', '-f', 'qcow2', '-b', image.root, '-F', 'raw', 'root.qcow2'], {
    cwd: folder,
  });
  const run = await openRunFolder();
  const { sockets } = run;
  const [ssh = 0, control = 0] = await freePorts(2);
  const ports: Ports = { ssh, control };
  const machine = await startMachine(
    folder,
    {
      image,
      accelerator: how,
      root: 'root.qcow2',
      monitor: join(sockets, 'monitor'),
      console: 'console.log',
      ports,
    },
    'tied',
  );
  try {
    const config = join(folder, 'ssh_config');
    writeFileSync(config, sshConfig({ ready: { port: control, image } }));
    const shell = openShell('ready', config, join(sockets, 'ssh'));
    await firstLogin(shell, machine, join(folder, 'console.log'));
    await shell.exec(settle);
    // The login's processes are gone from the state when it is saved a moment later.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await machine.monitor.human(`savevm ${readyState}`);
    for (const name of [machineFile, 'ssh_config']) rmSync(join(folder, name));
  } finally {
    machine.monitor.close();
    await killProcess(machine.process);
    run.remove();
  }
}

async function firstLogin(shell: Shell, machine: Machine, console: string): Promise<void> {
  const start = performance.now();
  for (;;) {
    const { code, stderr } = await shell.exec('true', { allowFailure: true });
    if (code === 0) return;
    await machine.monitor.execute('query-status');
    if (secondsSince(start) > 240) {
      const { stdout } = await runCommand(['tail', '-n', '20', console]);
      throw new LabError(
        `The host did not come up in 4 minutes (${stderr.trim()}). Its console ends with:\n${stdout}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
