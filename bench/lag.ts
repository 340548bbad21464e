import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { LabHost } from '../lab/host.ts';
import { bin, type Pair, startPair } from './lab-pair.ts';
import { say } from './say.ts';
import { table } from './table.ts';

/** What `zferry sync --every --json` says of each round. */
type Line = {
  readonly round?: number;
  readonly carried?: boolean;
  readonly ms?: number;
  readonly exitCode?: number;
  readonly asOf?: string | null;
  readonly arrivedAfterMs?: number | null;
  readonly lagMs?: { readonly p50: number; readonly p95: number; readonly p99: number } | null;
};

/** Writes when it is, ten times a second, until its file is gone. */
const writer = `perl -MTime::HiRes=time,sleep -e '
open my $log, ">>", "/src/data/log"; $log->autoflush(1);
while (-e "/root/writing") { printf $log "%.3f\\n", time; sleep 0.1 }'`;

/** Rounds before this one has passed (milliseconds) only carry: then one tidies up. */
const firstTidy = 55_000;

/**
 * One dataset that is written to all the time, with `--every 1s`: how long each write took until it was known to be on the target, by the writer's own
 * log, and the transaction groups of a round.
 */
export async function benchLag(seconds: number): Promise<string> {
  await using lab = await startPair(4);
  const { a, b } = lab.hosts;
  await a.zfs('create', 'src/data');
  const ahead = await aheadOf(a);
  await a.exec(`touch /root/writing; nohup sh -c '${writer.replaceAll("'", `'\\''`)}' >/dev/null 2>&1 &`);
  const state = mkdtempSync(join(tmpdir(), 'zferry-bench-'));
  try {
    const { lines, txgs, memory } = await follow(lab, state, seconds);
    await a.exec('rm /root/writing');
    const written = await timesIn(a, '/src/data/log');
    await b.exec('zfs mount dst/copy');
    const arrived = await timesIn(b, '/dst/copy/log');
    return textOf(
      lines,
      written.map((time) => time - ahead),
      arrived.map((time) => time - ahead),
      { txgs, memory },
    );
  } finally {
    rmSync(state, { recursive: true });
  }
}

/** How much a host's clock is ahead of ours (milliseconds), to half a round trip. */
async function aheadOf(host: LabHost): Promise<number> {
  const before = Date.now();
  const { stdout } = await host.exec('date +%s%3N');
  return Number(stdout) - (before + Date.now()) / 2;
}

async function timesIn(host: LabHost, file: string): Promise<number[]> {
  const { stdout } = await host.exec(`cat ${file}`);
  return stdout
    .trim()
    .split('\n')
    .map((line) => Number(line) * 1000);
}

type Txgs = { readonly rounds: number; readonly source: number; readonly target: number };

/** Lets it run for so long, and asks it to stop. */
async function follow({ hosts: { a, b }, sshConfig }: Pair, state: string, seconds: number) {
  const words = ['sync', '--ssh-config', sshConfig, '--every', '1s', '--json', 'a:src/data', 'b:dst/copy'];
  const child = spawn(bin, words, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ZFERRY_STATE: state },
  });
  const lines: Line[] = [];
  createInterface({ input: child.stdout }).on('line', (text) => {
    lines.push(JSON.parse(text) as Line);
    const { round, ms, arrivedAfterMs } = lines.at(-1) ?? {};
    if (round !== undefined) say(`round ${round}: ${ms} ms, arrived after ${arrivedAfterMs} ms`);
  });
  const ended = once(child, 'close');
  while (lines.length < 2) await pause(100);
  const [before, from] = [lines.length, await Promise.all([txgOf(a, 'src'), txgOf(b, 'dst')])];
  await pause(Math.min(firstTidy, seconds * 1000) - 5000);
  const [after, to] = [lines.length, await Promise.all([txgOf(a, 'src'), txgOf(b, 'dst')])];
  const memory = [residentMiB(child.pid)];
  await pause(Math.max(seconds * 1000 - firstTidy, 0));
  memory.push(residentMiB(child.pid));
  child.kill('SIGTERM');
  const [code] = (await ended) as [number];
  if (code !== 0) throw new Error(`zferry ended with ${code}`);
  const txgs: Txgs = { rounds: after - before, source: to[0] - from[0], target: to[1] - from[1] };
  return { lines, txgs, memory };
}

/** What it has in memory, where Linux tells. */
function residentMiB(pid = 0): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

async function txgOf(host: LabHost, pool: string): Promise<number> {
  const { stdout } = await host.exec(`tail -n 1 /proc/spl/kstat/zfs/${pool}/txgs`);
  return Number(stdout.trim().split(/\s+/)[0]);
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

/** @param written when each line was written, and `arrived` those of them that are on the target; by our clock */
function textOf(
  lines: readonly Line[],
  written: readonly number[],
  arrived: readonly number[],
  { txgs, memory }: { readonly txgs: Txgs; readonly memory: readonly number[] },
): string {
  const arrivals = lines.flatMap(({ asOf, arrivedAfterMs }) => {
    if (typeof asOf !== 'string' || typeof arrivedAfterMs !== 'number') return [];
    const at = Date.parse(asOf);
    return [{ asOf: at, provenAt: at + arrivedAfterMs }];
  });
  const last = arrivals.at(-1)?.asOf ?? 0;
  const missing = written.filter((time) => time < last).length - arrived.filter((time) => time < last).length;
  if (missing !== 0)
    throw new Error(`${missing} lines are not on the target, although written before the last snapshot`);
  const first = arrivals[0]?.asOf ?? 0;
  const lags = written
    .filter((time) => time > first && time <= last)
    .map((time) => (arrivals.find(({ asOf }) => asOf >= time)?.provenAt ?? Number.NaN) - time)
    .sort((one, other) => one - other);
  const at = (part: number): string =>
    `${((lags[Math.floor(lags.length * part)] ?? Number.NaN) / 1000).toFixed(2)} s`;
  const rounds = lines.filter(({ round }) => round !== undefined);
  const own = lines.at(-1)?.lagMs;
  const ownText = own
    ? [own.p50, own.p95, own.p99].map((ms) => `${(ms / 1000).toFixed(2)} s`)
    : ['-', '-', '-'];
  const each = (number: number): string => (number / txgs.rounds).toFixed(2);
  return `${rounds.length} rounds, ${rounds.filter(({ carried }) => carried).length} of them only carried; ${lags.length} writes.

${table([
  ['lag', 'p50', 'p95', 'p99'],
  ["by the writer's log", at(0.5), at(0.95), at(0.99)],
  ['as zferry says itself', ...ownText],
  ['goal', '', '2 s', ''],
])}
Transaction groups a round, of ${txgs.rounds} that carried: ${each(txgs.source)} on the source, ${each(txgs.target)} on the target (goal 1 + 2; ZFS makes one every 5 s by itself).
Memory: ${memory.map((mib) => `${mib.toFixed(0)} MiB`).join(' in the first minute, ')} at the end.
`;
}
