import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { commandsOf, type Pair } from './lab-pair.ts';

/** `our cipher`: through here, with the cipher that zferry prefers where nobody has chosen one. */
export type Way = 'through here' | 'direct' | 'our cipher';

export type Measured = {
  /** Of the whole command. */
  readonly seconds: number;
  /** Bytes a second of the transfer alone. */
  readonly rate: number;
  /** The part of a core that our own process used while the stream went; 0 for the bare commands. */
  readonly cpu: number;
  /** Starts of a shell or an ssh session on each host. */
  readonly commands: { readonly a: number; readonly b: number };
};

const bin = fileURLToPath(new URL('../bin/zferry', import.meta.url));

/** What a person would type. */
export async function bareStream(lab: Pair, way: Way, bytes: number): Promise<Measured> {
  const cipher = way === 'our cipher' ? ' -c ^aes128-gcm@openssh.com' : '';
  const ssh = `ssh -F ${lab.sshConfig}${cipher}`;
  const [send, receive] = ['zfs send -Lce src/data@1', 'zfs receive -s -u dst/copy'];
  const line =
    way === 'direct' ? `${ssh} a '${send} | ssh b ${receive}'` : `${ssh} a ${send} | ${ssh} b ${receive}`;
  const started = performance.now();
  const child = spawn('bash', ['-o', 'pipefail', '-c', line], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${line} ended with ${String(code)}`);
  const seconds = (performance.now() - started) / 1000;
  await lab.hosts.b.zfs('destroy', '-r', 'dst/copy');
  return { seconds, rate: bytes / seconds, cpu: 0, commands: { a: 1, b: 1 } };
}

/** The same by `zferry sync`, with all that it does before and after. */
export async function zferryStream(lab: Pair, way: Way, bytes: number): Promise<Measured> {
  const state = mkdtempSync(join(tmpdir(), 'zferry-bench-'));
  const direct = way === 'direct' ? ['--direct'] : [];
  const words = [
    'sync',
    '--ssh-config',
    lab.sshConfig,
    '--no-snapshot',
    '-v',
    '--progress',
    'json',
    ...direct,
  ];
  const started = performance.now();
  const child = spawn(bin, [...words, 'a:src/data', 'b:dst/copy'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ZFERRY_STATE: state },
  });
  const ended = once(child, 'exit');
  const marks = new Map<string, { readonly at: number; readonly cpu: number }>();
  const lines: string[] = [];
  for await (const line of createInterface(child.stderr)) {
    lines.push(line);
    const event = /^\{"event":"(step-started|step-ended)"/.exec(line)?.[1];
    if (event !== undefined) marks.set(event, { at: performance.now(), cpu: cpuSeconds(child.pid ?? 0) });
  }
  const [code] = await ended;
  const seconds = (performance.now() - started) / 1000;
  rmSync(state, { recursive: true });
  const [first, last] = [marks.get('step-started'), marks.get('step-ended')];
  if (code !== 0 || first === undefined || last === undefined) {
    throw new Error(`zferry ended with ${String(code)}:\n${lines.join('\n')}`);
  }
  // It holds what it has brought.
  await lab.hosts.b.exec(
    `zfs holds -rH dst/copy@1 | while read -r name tag rest; do zfs release "$tag" "$name"; done; zfs destroy -r dst/copy`,
  );
  const transfer = (last.at - first.at) / 1000;
  return {
    seconds,
    rate: bytes / transfer,
    cpu: (last.cpu - first.cpu) / transfer,
    commands: commandsOf(lines),
  };
}

/** What a process has used of the processor so far, its children left out. @see proc(5), which counts in hundredths of a second */
function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
