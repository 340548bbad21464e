import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildOnce } from './build-once.ts';
import { cacheFolder } from './cache-folder.ts';
import { debianMirror } from './debian-mirror.ts';
import { LabError } from './lab-error.ts';
import { type Recipe, recipe, recipeHash, type ZfsVersion } from './recipe.ts';
import { runCommand } from './run-command.ts';
import { type Say, sayingWhile, secondsSince } from './say.ts';

/** What a host of the lab is started from. All paths are absolute. */
export interface Image {
  readonly folder: string;
  /** Changes with the recipe. */
  readonly hash: string;
  /** The root file system, ext4, never written to after it was built. */
  readonly root: string;
  readonly kernel: string;
  readonly initrd: string;
  /** The private key that root on every host accepts. */
  readonly key: string;
  /** Every host's key, under the name of {@link hostKeyAlias}. */
  readonly knownHosts: string;
}

/** The name under which `knownHosts` has the hosts' common key: they differ by port only. */
export const hostKeyAlias = 'zferry-lab';

/**
 * The image of an OpenZFS line, built from Debian's packages where the cache has none: four to five minutes.
 *
 * @throws LabError when this is not root, or a package or the module cannot be had
 */
export async function ensureImage(version: ZfsVersion, say: Say): Promise<Image> {
  const made = recipe(version);
  const hash = recipeHash(made);
  const folder = join(cacheFolder(), `image-${version}-${hash}`);
  const image: Image = {
    folder,
    hash,
    root: join(folder, 'root.img'),
    kernel: join(folder, 'vmlinuz'),
    initrd: join(folder, 'initrd'),
    key: join(folder, 'id_ed25519'),
    knownHosts: join(folder, 'known_hosts'),
  };
  await buildOnce(folder, `the image with OpenZFS ${version}`, say, (unfinished) =>
    build(made, unfinished, say),
  );
  return image;
}

async function build(made: Recipe, folder: string, say: Say): Promise<void> {
  if (process.getuid?.() !== 0) {
    throw new LabError(
      `The image with OpenZFS ${made.zfs} is not built yet: run \`lab/lab prepare\` once as root.`,
    );
  }
  const start = performance.now();
  const root = join(folder, 'rootfs');
  const about = `image with OpenZFS ${made.zfs}`;
  say(
    `building the ${about} from Debian ${made.sources.map(({ suite }) => suite).join(' and ')}; ` +
      `once, about ${Math.ceil(made.expectedSeconds / 60)} minutes`,
  );
  await makeKeys(folder);
  const before = join(folder, 'before');
  const after = join(folder, 'after');
  await writeFiles(before, made.filesBefore);
  await writeFiles(after, { ...made.filesAfter, ...sshFiles(folder) });
  const finish = join(folder, 'finish');
  writeFileSync(finish, made.finish);

  let stage = 'starting';
  await sayingWhile(
    runCommand(await bootstrapCommand(made, root, { before, after, finish }), {
      onLine: (line) => {
        stage = stageOf(line) ?? stage;
      },
    }),
    say,
    (seconds) =>
      seconds <= made.expectedSeconds
        ? `${about}: ${seconds} s of about ${made.expectedSeconds} s, ${stage}`
        : `${about}: ${seconds} s, longer than the usual ${made.expectedSeconds} s, ${stage}`,
  );
  await checkModule(root, made.zfs);
  say(`${about}: packing it`);
  const boot = readdirSync(join(root, 'boot'));
  for (const [prefix, name] of Object.entries({ 'vmlinuz-': 'vmlinuz', 'initrd.img-': 'initrd' })) {
    const found = boot.filter((file) => file.startsWith(prefix));
    if (found.length !== 1)
      throw new LabError(`The ${about} has ${found.length} files /boot/${prefix}*, not one.`);
    renameSync(join(root, 'boot', `${found[0]}`), join(folder, name));
  }
  await runCommand(['truncate', '-s', '3G', join(folder, 'root.img')]);
  // Without a journal: a power cut takes the whole root back to the ready state anyway.
  const fast = ['-q', '-O', '^has_journal', '-E', 'lazy_itable_init=1,nodiscard'];
  await runCommand(['mkfs.ext4', ...fast, '-d', root, join(folder, 'root.img')]);
  await runCommand(['rm', '-rf', '--one-file-system', root, before, after, finish]);
  say(`${about} is built (${secondsSince(start)} s)`);
}

/** In a process namespace of its own: when we are killed, so is everything it started inside the new root. */
async function bootstrapCommand(
  made: Recipe,
  root: string,
  files: { before: string; after: string; finish: string },
): Promise<string[]> {
  const mirror = await debianMirror();
  const [release] = made.sources;
  // A release's own mirror is mmdebstrap's default where this machine's apt has none.
  const sources =
    mirror === undefined
      ? []
      : made.sources.map(({ suite, components }) => `deb ${mirror} ${suite} ${components.join(' ')}`);
  const unwanted = ['/usr/share/man/*', '/usr/share/doc/*', '/usr/share/locale/*', '/usr/share/info/*'];
  return [
    ['unshare', '--fork', '--pid', '--kill-child=KILL', '--mount-proc', '--'],
    ['mmdebstrap', '--mode=root', '--variant=minbase', '--verbose'],
    [`--components=${release.components.join(',')}`, '--aptopt=APT::Install-Recommends "false"'],
    unwanted.map((path) => `--dpkgopt=path-exclude=${path}`),
    [`--setup-hook=copy-in '${files.before}/.' /`],
    [`--include=${made.packages.join(',')}`],
    [`--customize-hook=copy-in '${files.after}/.' /`, `--customize-hook=chroot "$1" sh < '${files.finish}'`],
    [release.suite, root, ...sources],
  ].flat();
}

/** What goes on, from the lines of mmdebstrap, apt and dkms; undefined for lines that do not say. */
function stageOf(line: string): string | undefined {
  if (/^Get:\d+ /.test(line)) return 'fetching packages';
  if (line.startsWith('Unpacking ')) return 'unpacking packages';
  const set = /^Setting up ([^ :]+)/.exec(line);
  if (set?.[1] === 'zfs-dkms') return 'compiling the OpenZFS module';
  if (set) return `setting up ${set[1]}`;
  if (/update-initramfs: Generating/.test(line)) return 'making the initrd';
  return undefined;
}

async function checkModule(root: string, version: ZfsVersion): Promise<void> {
  const kernels = readdirSync(join(root, 'lib/modules'));
  for (const kernel of kernels) {
    const { stdout } = await runCommand(['chroot', root, 'modinfo', '-k', kernel, '-F', 'version', 'zfs'], {
      allowFailure: true,
    });
    if (stdout.startsWith(`${version}.`)) return;
  }
  throw new LabError(
    `The image was built, but has no zfs module ${version} for ${kernels.join(', ') || 'any kernel'}: ` +
      'look whether Debian has newer packages, and run this again.',
  );
}

async function makeKeys(folder: string): Promise<void> {
  for (const [file, comment] of [
    ['id_ed25519', 'zferry lab'],
    ['ssh_host_ed25519_key', hostKeyAlias],
  ] as const) {
    await runCommand([
      'ssh-keygen',
      '-q',
      '-t',
      'ed25519',
      '-N',
      '',
      '-C',
      comment,
      '-f',
      join(folder, file),
    ]);
  }
  const hostKey = readFileSync(join(folder, 'ssh_host_ed25519_key.pub'), 'utf8');
  writeFileSync(join(folder, 'known_hosts'), `${hostKeyAlias} ${hostKey}`);
}

/** The hosts share one host key and one user key, so that they can log in to each other. */
function sshFiles(folder: string): Record<string, string> {
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  return {
    '/etc/ssh/ssh_host_ed25519_key': read('ssh_host_ed25519_key'),
    '/etc/ssh/ssh_host_ed25519_key.pub': read('ssh_host_ed25519_key.pub'),
    '/root/.ssh/id_ed25519': read('id_ed25519'),
    '/root/.ssh/authorized_keys': read('id_ed25519.pub'),
    '/root/.ssh/known_hosts': read('known_hosts'),
  };
}

/** Readable by all, whatever this process's umask is, but for private keys and root's own folder. */
async function writeFiles(root: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const target = join(root, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
  }
  await runCommand(['chmod', '-R', 'u=rwX,go=rX', root]);
  const secret = ['root', 'root/.ssh', 'root/.ssh/id_ed25519', 'etc/ssh/ssh_host_ed25519_key'];
  for (const path of secret.map((name) => join(root, name))) {
    if (existsSync(path)) await runCommand(['chmod', 'go=', path]);
  }
}
