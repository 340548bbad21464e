import { accessSync, constants, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cacheFolder } from './cache-folder.ts';
import { debianMirror } from './debian-mirror.ts';
import { lockFile } from './file-lock.ts';
import { LabError } from './lab-error.ts';
import { runCommand } from './run-command.ts';
import { type Say, sayingWhile } from './say.ts';

/** A program that the lab or the tests run here, and the Debian package that has it. */
const needed: Readonly<Record<string, string>> = {
  'qemu-system-x86_64': 'qemu-system-x86',
  'qemu-img': 'qemu-utils',
  mmdebstrap: 'mmdebstrap',
  'mkfs.ext4': 'e2fsprogs',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
  scp: 'openssh-client',
  fish: 'fish',
  csh: 'csh',
  tcsh: 'tcsh',
  mbuffer: 'mbuffer',
  pv: 'pv',
  zstd: 'zstd',
  lz4: 'lz4',
};

/** Older ones miscompile the guest's kernel under software emulation. */
const oldestQemu = 10;
const backportsFile = '/etc/apt/sources.list.d/zferry-lab.sources';

/**
 * Makes sure that this machine has the programs the lab needs, installing Debian packages where some are missing.
 * Where nothing is missing it only looks, and asks apt nothing.
 *
 * @throws LabError with what to install, when this is not root on Debian or apt fails
 */
export async function ensureMachinePackages(say: Say): Promise<void> {
  if (!isInstalled('flock') || !isInstalled('setpriv')) {
    throw new LabError('The lab needs flock and setpriv: install util-linux.');
  }
  if ((await missingPackages()).length === 0) return;
  const lock = await lockFile(join(cacheFolder(), 'packages.lock'), () =>
    say('another process is installing packages; waiting for it'),
  );
  try {
    await installMissing(say);
  } finally {
    await lock.release();
  }
}

async function installMissing(say: Say): Promise<void> {
  const missing = await missingPackages();
  if (missing.length === 0) return;
  const names = missing.join(' ');
  const codename = debianCodename();
  if (codename === undefined || !isInstalled('apt-get')) {
    throw new LabError(
      `The lab needs ${names} (QEMU ${oldestQemu} or newer): install them, or use a Debian machine.`,
    );
  }
  if (process.getuid?.() !== 0) {
    throw new LabError(
      `The lab needs the packages ${names}: run \`lab/lab prepare\` once as root, which installs them with apt.`,
    );
  }
  say(`installing Debian packages (half a minute to two): ${names}`);
  const release: string[] = [];
  if (codename === 'bookworm') {
    // bookworm's own QEMU 7.2 is too old; the lab adds the backports in a file of its own.
    writeFileSync(backportsFile, await backportsSource());
    release.push('-t', 'bookworm-backports');
  }
  await sayingWhile(install(missing, release), say, (seconds) => `still installing packages, ${seconds} s`);
  const absent = await missingPackages();
  if (absent.length > 0) {
    throw new LabError(
      `apt installed ${names}, but what this machine has of ${absent.join(' ')} is missing or too old: ` +
        `QEMU ${oldestQemu} or newer may need the backports of ${codename} among apt's sources.`,
    );
  }
}

/** The packages of programs that are not on the PATH, or too old. */
async function missingPackages(): Promise<string[]> {
  const missing = new Set(
    Object.entries(needed)
      .filter(([program]) => !isInstalled(program))
      .map(([, name]) => name),
  );
  if (!missing.has('qemu-system-x86') && (await qemuMajor()) < oldestQemu) {
    missing.add('qemu-system-x86').add('qemu-utils');
  }
  return [...missing];
}

async function install(names: readonly string[], release: readonly string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const wait = ['-o', 'DPkg::Lock::Timeout=300'];
  await runCommand(['apt-get', ...wait, 'update', '-q'], { env });
  const fromBackports = names.filter((name) => name.startsWith('qemu-'));
  const plain = names.filter((name) => !fromBackports.includes(name));
  const all = ['apt-get', ...wait, 'install', '-q', '-y', '--no-install-recommends'];
  if (fromBackports.length > 0) await runCommand([...all, ...release, ...fromBackports], { env });
  if (plain.length > 0) await runCommand([...all, ...plain], { env });
}

async function backportsSource(): Promise<string> {
  const mirror = await debianMirror();
  if (mirror === undefined) {
    throw new LabError('apt names no Debian mirror: add one to /etc/apt/sources.list and run this again.');
  }
  return `# Written by zferry's lab: bookworm's own QEMU is too old for its guests.
Types: deb
URIs: ${mirror}
Suites: bookworm-backports
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`;
}

async function qemuMajor(): Promise<number> {
  const { stdout } = await runCommand(['qemu-system-x86_64', '--version']);
  return Number(/version (\d+)/.exec(stdout)?.[1] ?? 0);
}

function debianCodename(): string | undefined {
  const release = readFileSync('/etc/os-release', 'utf8');
  return /^ID=debian$/m.test(release) ? /^VERSION_CODENAME=(\w+)$/m.exec(release)?.[1] : undefined;
}

function isInstalled(program: string): boolean {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
