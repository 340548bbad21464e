import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
let folder: string;
const nodeFolder = join(process.execPath, '..');

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'zferry-package-'));
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: root });
  execFileSync('tar', ['-xzf', join(folder, 'zferry-0.1.0.tgz'), '-C', folder]);
  for (const name of ['commander', 'kysely']) {
    cpSync(join(root, 'node_modules', name), join(folder, 'package', 'node_modules', name), {
      recursive: true,
    });
  }
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function zferry(bin: string, path: string, ...args: string[]) {
  return spawnSync(bin, args, { encoding: 'utf8', env: { PATH: path } });
}

test('runs from a clone and from the package, also through a link', () => {
  const link = join(folder, 'zferry');
  symlinkSync(join(folder, 'package', 'bin', 'zferry'), link);
  for (const bin of [join(root, 'bin', 'zferry'), join(folder, 'package', 'bin', 'zferry'), link]) {
    expect(zferry(bin, `${nodeFolder}:/usr/bin:/bin`, '--version')).toMatchObject({
      status: 0,
      stdout: 'zferry 0.1.0\n',
    });
    const help = zferry(bin, `${nodeFolder}:/usr/bin:/bin`, 'sync', '--help');
    expect(help).toMatchObject({ status: 0 });
    expect(help.stdout).toContain('Examples:');
  }
});

test('says which Node it needs when it gets none, or one that is too old', () => {
  const bin = join(folder, 'package', 'bin', 'zferry');
  const none = join(folder, 'no-node');
  execFileSync('mkdir', ['-p', none]);
  for (const tool of ['sh', 'dirname', 'readlink']) symlinkSync(`/usr/bin/${tool}`, join(none, tool));
  expect(zferry(bin, none, '--version')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('zferry needs Node 24.15 or newer'),
  });

  // An old Node, as far as the program can tell: the same one, which says that it is another.
  const old = join(folder, 'old');
  execFileSync('mkdir', ['-p', old]);
  const lie = join(folder, 'lie.cjs');
  writeFileSync(
    lie,
    "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.11.1' } });",
  );
  writeFileSync(join(old, 'node'), `#!/bin/sh\nexec ${process.execPath} -r ${lie} "$@"\n`, { mode: 0o755 });
  expect(zferry(bin, `${old}:/usr/bin:/bin`, 'sync')).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/zferry needs Node 24\.15 or newer.* is 20\.11\.1/),
  });
});

test('the package is what its users can import and run', () => {
  const publint = join(root, 'node_modules', '.bin', 'publint');
  const result = spawnSync(process.execPath, [publint, '--strict', root], { encoding: 'utf8' });
  expect(`${result.stdout}${result.stderr}`).toContain('All good');
});
