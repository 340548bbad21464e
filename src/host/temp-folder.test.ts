import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tempFolder } from './temp-folder.ts';

const before = process.env['TMPDIR'];
const parent = mkdtempSync('/tmp/zf-temp-');
beforeAll(() => {
  process.env['TMPDIR'] = parent;
});
afterAll(() => {
  if (before === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = before;
  rmSync(parent, { recursive: true });
});

describe('a temporary folder', () => {
  it('is for us alone, and short enough for a socket below it', () => {
    const folder = tempFolder();
    expect(statSync(folder.path).mode & 0o777).toBe(0o700);
    expect(folder.path.length).toBeLessThan(80);
    folder.remove();
    expect(existsSync(folder.path)).toBe(false);
  });

  it('is not made below a path that ssh could not use', () => {
    process.env['TMPDIR'] = join(parent, 'with space %h');
    const folder = tempFolder();
    expect(folder.path).toMatch(/^\/tmp\/zferry-/);
    folder.remove();
    process.env['TMPDIR'] = parent;
  });

  it('takes away those of processes that are gone, and no others', () => {
    const first = tempFolder();
    const gone = spawnSync('true').pid;
    const mine = String(process.pid);
    const leftOver = first.path.replace(`-${mine}-`, `-${gone}-`);
    const elsewhere = leftOver.replace(/zferry-\d+/, 'zferry-1');
    const other = join(parent, 'zferry-tools-abcdef');
    for (const path of [leftOver, elsewhere, other]) mkdirSync(join(path, 'inner'), { recursive: true });
    const second = tempFolder();
    const kept = [first.path, elsewhere, other, second.path].map((path) => path.slice(parent.length + 1));
    expect(readdirSync(parent).sort()).toEqual(kept.sort());
  });
});
