import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hosts, type Lab } from '../lab/hosts.ts';
import { say } from './say.ts';

/** Two hosts, `a` with the pool `src` and `b` with the pool `dst`. */
export type Pair = Lab<'a' | 'b'>;

export const bin = fileURLToPath(new URL('../bin/zferry', import.meta.url));

export async function startPair(diskGiB: number): Promise<Pair> {
  const lab = await hosts(['a', 'b'], { say, diskGiB });
  const { a, b } = lab.hosts;
  // A third of an emulated login is spent in PAM.
  const quick = `sed -i 's/^UsePAM yes/UsePAM no/' /etc/ssh/sshd_config && systemctl reload ssh`;
  await Promise.all([a.exec(quick), b.exec(quick)]);
  await a.zpool('create', '-O', 'atime=off', 'src', '/dev/disk/by-id/virtio-disk0');
  await b.zpool('create', '-O', 'atime=off', 'dst', '/dev/disk/by-id/virtio-disk1');
  return lab;
}

export type Ran = {
  readonly seconds: number;
  readonly out: string;
  /** What it said, a line each. */
  readonly lines: readonly string[];
};

/** Runs a program of this machine to its end. @throws Error with what it said, where it fails */
export async function run(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const started = performance.now();
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const [code] = await once(child, 'close');
  const seconds = (performance.now() - started) / 1000;
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${String(code)}:\n${err}\n${out}`);
  return { seconds, out, lines: err.split('\n') };
}

/** A line of bash that ends well only where all of its pipeline does. */
export async function line(text: string): Promise<Ran> {
  return await run('bash', ['-o', 'pipefail', '-c', text]);
}

/** `zferry` with its record in a folder that is gone afterwards, unless one is given. */
export async function zferry(args: readonly string[], state?: string): Promise<Ran> {
  const folder = state ?? mkdtempSync(join(tmpdir(), 'zferry-bench-'));
  try {
    return await run(bin, args, { ZFERRY_STATE: folder });
  } finally {
    if (state === undefined) rmSync(folder, { recursive: true });
  }
}

/** Starts of a shell or an ssh session on each host, from here or from the other one, by what `-v` says. */
export function commandsOf(lines: readonly string[]): { readonly a: number; readonly b: number } {
  const text = lines.filter((one) => one.startsWith('+ ')).join(' | ');
  const starts = (host: string): number => text.split(new RegExp(`\\bssh (?:-F \\S+ )?${host} `)).length - 1;
  return { a: starts('a'), b: starts('b') };
}

/** The transaction group that the target's pool has come to. */
export async function txgOf({ hosts: { b } }: Pair): Promise<number> {
  const { stdout } = await b.exec(`tail -n 1 /proc/spl/kstat/zfs/dst/txgs`);
  return Number(stdout.trim().split(/\s+/)[0]);
}

/** Of the target's processor, so far: hundredths of a second that it worked, and all. */
export async function workOf({
  hosts: { b },
}: Pair): Promise<{ readonly busy: number; readonly all: number }> {
  const { stdout } = await b.exec('head -n 1 /proc/stat');
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft = 0] = stdout
    .trim()
    .split(/\s+/)
    .slice(1)
    .map(Number);
  const busy = user + nice + system + irq + soft;
  return { busy, all: busy + idle + wait };
}

/** The last transaction group in which something arrived on the target, as its pool's own history says. */
export async function lastArrival({ hosts: { b } }: Pair): Promise<number> {
  const { stdout } = await b.exec(`zpool history -i dst | grep 'finish receiving' | tail -n 1`);
  return Number(/\[txg:(\d+)\]/.exec(stdout)?.[1]);
}
