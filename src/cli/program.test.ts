import { describe, expect, test } from 'vitest';
import { openHosts } from '../host/open-hosts.ts';
import type { Io } from './io.ts';
import { runProgram } from './program.ts';

/** What a command line prints and ends with, as one block. None of these gets as far as a host. */
async function run(...args: string[]): Promise<string> {
  let out = '';
  let err = '';
  const io: Io = {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    errIsTerminal: false,
    env: {},
    uid: 1000,
    now: () => 0,
    sleep: () => Promise.resolve(),
    random: () => 0,
    who: 'somebody',
    openHosts: (options) => Promise.resolve(openHosts(options)),
    signal: new AbortController().signal,
  };
  const code = await runProgram(io, '1.2.3', args);
  return `exit ${code}\n${out === '' ? '' : `--- stdout\n${out}`}${err === '' ? '' : `--- stderr\n${err}`}`;
}

describe('what a person gets who does not know it yet', () => {
  test('nothing at all: help', async () => {
    const text = await run();
    expect(text).toMatch(/^exit 2\n--- stdout\nUsage: zferry/);
    expect(text).toContain('Example: zferry sync');
  });

  test('a command without its arguments: its help with examples', async () => {
    const text = await run('sync');
    expect(text).toMatch(/^exit 2\n--- stdout\nUsage: zferry sync/);
    expect(text).toContain('zferry sync root@web:tank/www backup/www');
    expect(text).toContain('Exit codes: 0 done');
  });

  test('help that was asked for ends well', async () => {
    expect(await run('sync', '--help')).toMatch(/^exit 0\n--- stdout\nUsage: zferry sync/);
    expect(await run('--version')).toBe('exit 0\n--- stdout\nzferry 1.2.3\n');
  });
});

test.each([
  [['sinc', 'a', 'b'], "zferry: Unknown command 'sinc'\n(Did you mean sync?)"],
  [['sync', '--dryrun', 'a', 'b'], "zferry: Unknown option '--dryrun'\n(Did you mean --dry-run?)"],
  [['sync', 'tank/a'], "zferry: Missing required argument 'target'"],
  [['sync', 'tank/a', 'tank/b', 'tank/c'], 'zferry: Too many arguments'],
  [['sync', '--initial', 'some', 'a', 'b'], 'Allowed choices are all, newest, fail.'],
  [['sync', 'nosuchhost:tank/a', 'nosuchhost:tank/a/b'], 'the target tank/a/b lies inside the source tank/a'],
  [['sync', '--wait', '5', 'a', 'b'], 'Give a whole number and its unit: 30s, 10m, 2h or 1d.'],
  [['sync', '--wait', 'tank/a', 'tank/a'], 'source and target are the same dataset'],
  [['sync', '--wait', '2h', 'tank/a', 'tank/a'], 'source and target are the same dataset'],
  [['sync', '--wait', 'forever', 'tank/a', 'tank/a'], 'source and target are the same dataset'],
  [['sync', '--stall', 'off', 'a', 'b'], 'Give at least 10s (30s, 10m, 2h), or never.'],
  [['sync', '--stall', '5s', 'a', 'b'], 'Give at least 10s (30s, 10m, 2h), or never.'],
  [['sync', '--every', '1', 'a', 'b'], 'Give a whole number and its unit: 30s, 10m, 2h or 1d.'],
  [['sync', '--every', '0s', 'a', 'b'], 'Give 1s to 20d: 1s, 30s, 10m or 1h.'],
  [['sync', '--every', '21d', 'a', 'b'], 'Give 1s to 20d: 1s, 30s, 10m or 1h.'],
  [['sync', '--every', '1s', '-n', 'a', 'b'], 'What to do: leave --every out'],
  [['sync', '--every', '1s', 'tank/a', 'tank/a'], 'source and target are the same dataset'],
  [['sync', '--bwlimit', 'fast', 'a', 'b'], 'at least 1K: 500K, 20M, 1.5G.'],
  [['sync', '--compress', 'gzip', 'a', 'b'], 'Allowed choices are off, zstd, lz4.'],
  [['sync', '--filter-send', 'gzip | pv', 'a', 'b'], `--filter-send "sh -c '…'"`],
  [['sync', '--filter-receive', '', 'a', 'b'], 'Cannot read the command of --filter-receive: it is empty'],
  [['sync', '--keep', '-1', 'a', 'b'], 'Give a whole number, 0 or more.'],
  [
    ['sync', '-q', '-v', 'a', 'b'],
    'zferry: --quiet and --verbose exclude each other\n  What to do: leave one of them out',
  ],
  [['sync', '--exclude', 'x', 'a', 'b'], 'What to do: add -r'],
  [['sync', '--prune-vanished', '30d', 'a', 'b'], 'What to do: add -r'],
  [['sync', '-r', '--prune-vanished', '30s', 'a', 'b'], 'Give an age with its unit: 90m, 12h, 30d or 8w.'],
  [['sync', '-r', '--prune-vanished', '0d', 'a', 'b'], 'Give an age with its unit: 90m, 12h, 30d or 8w.'],
  [['sync', '--override', 'atyme=off', 'a', 'b'], '"atyme" is no property that can be set on a copy'],
  [['sync', '--override', 'readonly=off', 'a', 'b'], 'a copy that can be written to cannot go on'],
  [['sync', '--properties', 'none', '--properties', 'own', 'a', 'b'], 'excludes any other --properties'],
  [['sync', 'tank/a@1', 'b'], 'it names a snapshot'],
  [['sync', 'tank/a', 'tank/100%'], 'ZFS does not allow "%"'],
  [['sync', '/tank/home', 'b'], 'give the dataset, not the path where it is mounted'],
  [['sync', 'nas:', 'b'], 'What to do: write it as nas:pool/dataset'],
  [['sync', 'tank/a', 'tank/a'], 'Cannot replicate tank/a to tank/a: source and target are the same dataset'],
])('%j: one sentence on stderr, exit 2', async (args, words) => {
  const text = await run(...args);
  expect(text).toMatch(/^exit 2\n--- stderr\n/);
  expect(text).toContain(words);
});
