import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hosts } from '../lab/hosts.ts';

const bin = fileURLToPath(new URL('../bin/zferry', import.meta.url));
const print = (text: string) => void process.stdout.write(`${text}\n`);
const step = (text: string) => print(`\n— ${text}`);

print(
  'zferry keeps ZFS datasets replicated between machines. This shows it on two small virtual machines, "office"',
);
print('and "nas", that run real OpenZFS on this one. Nothing outside of them is touched.');

const state = mkdtempSync(join(tmpdir(), 'zferry-demo-'));
await using lab = await hosts(['office', 'nas'], { say: (line) => print(`  … ${line}`) });
const { office, nas } = lab.hosts;

/** Shows a command as one would type it, runs it on a host, and shows what it prints. */
async function on(host: typeof office, command: string): Promise<void> {
  print(`\n${host.name}# ${command}`);
  const { stdout } = await host.exec(command);
  if (stdout !== '') print(stdout.trimEnd());
}

/** The same for zferry, which runs here and reaches both machines by ssh. */
async function zferry(...args: readonly string[]): Promise<void> {
  print(`\n$ zferry ${args.join(' ')}`);
  const [command = '', ...rest] = args;
  const child = spawn(bin, [command, '--ssh-config', lab.sshConfig, ...rest], {
    stdio: 'inherit',
    env: { ...process.env, ZFERRY_STATE: state },
  });
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  if (code !== 0) throw new Error(`zferry ended with ${String(code)}`);
}

const archive = '/usr/share/zoneinfo';
step('Each machine gets a pool. "office" has a tree of two datasets, with some hundred real files in it.');
await on(office, 'zpool create tank /dev/disk/by-id/virtio-disk0');
await on(nas, 'zpool create backup /dev/disk/by-id/virtio-disk0');
await on(
  office,
  `zfs create tank/home && zfs create tank/home/ann && cp -r ${archive} /tank/home/ann/ && zpool sync tank`,
);

step('What would be done to replicate the tree, and why? Nothing is changed by asking.');
await zferry('sync', '--dry-run', '-r', 'office:tank/home', 'nas:backup/office/home');

step('Do it. The first copy is a full one.');
await zferry('sync', '-r', 'office:tank/home', 'nas:backup/office/home');

step('A file changes. Run again, the same command sends only what is new: an increment.');
await on(office, 'echo "remember the milk" > /tank/home/ann/notes');
await zferry('sync', '-r', '--mount', 'office:tank/home', 'nas:backup/office/home');

step(
  'The copy is read-only and has both snapshots, each the same as on "office" by its GUID. Its files are the same files.',
);
await on(office, 'zfs list -r -t snapshot -o name,guid,used tank');
await on(nas, 'zfs list -r -t snapshot -o name,guid,used backup');
const sum = (folder: string) =>
  `cd ${folder} && find . -type f | sort | xargs -d '\\n' sha256sum | sha256sum`;
await on(office, sum('/tank/home/ann'));
await on(nas, sum('/backup/office/home/ann'));
const [here, there] = await Promise.all([
  office.exec(sum('/tank/home/ann')),
  nas.exec(sum('/backup/office/home/ann')),
]);
if (here.stdout !== there.stdout) throw new Error('the copy differs from its source');

step('Both sums are equal: the copy is good. The machines go away now.');
print('  Try it yourself: lab/lab up a b --pools, then: bin/zferry sync --help');
rmSync(state, { recursive: true });
