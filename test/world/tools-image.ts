import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Where a host has zferry once the image is plugged in and mounted. */
export const toolsFolder = '/opt/zferry';

/**
 * A disk image with zferry as it is packed for users, what it depends on, and a Node: so that it can run on a host of the
 * lab. Built anew each time (some seconds), since it is the package that is tested.
 * @returns its path; remove the folder that it lies in when it is not needed any more
 */
export function buildToolsImage(): string {
  const folder = mkdtempSync(join(tmpdir(), 'zferry-tools-'));
  const tree = join(folder, 'tree');
  mkdirSync(join(tree, 'bin'), { recursive: true });
  const run = (tool: string, args: readonly string[]) =>
    execFileSync(tool, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], encoding: 'utf8' });

  const packed =
    run('npm', ['pack', '--silent', '--pack-destination', folder]).trim().split('\n').at(-1) ?? '';
  run('tar', ['-xzf', join(folder, packed), '-C', tree]);
  for (const name of dependenciesOf('zferry')) {
    cpSync(join(root, 'node_modules', name), join(tree, 'package', 'node_modules', name), {
      recursive: true,
    });
  }
  copyFileSync(process.execPath, join(tree, 'bin', 'node'));

  const image = join(folder, 'tools.img');
  run('truncate', ['-s', '320M', image]);
  run('mkfs.ext4', ['-q', '-O', '^has_journal', '-d', tree, image]);
  rmSync(tree, { recursive: true });
  return image;
}

/** The names of all packages that a user gets along. */
function dependenciesOf(name: string): string[] {
  const text = execFileSync('npm', ['ls', '--omit=dev', '--all', '--parseable'], {
    cwd: root,
    encoding: 'utf8',
  });
  const marker = '/node_modules/';
  const found = text.split('\n').filter((line) => line.includes(marker));
  const names = found.map((line) => line.slice(line.lastIndexOf(marker) + marker.length));
  if (names.length === 0 || !existsSync(join(root, 'node_modules')))
    throw new Error(`${name} has no dependencies installed`);
  return names;
}
