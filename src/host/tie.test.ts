import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { findTie } from './tie.ts';

/** What runs with an environment that holds this text; children inherit it, wherever they are. */
function withEnvironment(text: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const here = readFileSync(`/proc/${pid}/environ`, 'utf8').includes(text);
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return here && command !== '' ? [`${pid}: ${command}`] : [];
      } catch {
        // It ended while we looked, or is not ours to read.
        return [];
      }
    });
}

async function until(done: () => boolean, ms: number): Promise<void> {
  const deadline = performance.now() + ms;
  while (!done() && performance.now() < deadline) await sleep(20);
}

// Who is killed hard cannot remove its folder.
const temp = mkdtempSync(join(tmpdir(), 'zf-tie-'));
const pool = `zferry-tie-test-${process.pid}`;
const locks = process.getuid?.() === 0 ? '/var/run/zferry' : `${homedir()}/.local/state/zferry/locks`;
afterAll(() => {
  rmSync(temp, { recursive: true });
  for (const name of readdirSync(locks)) if (name.startsWith(pool)) rmSync(join(locks, name));
});

const host = (name: string): string => JSON.stringify(new URL(name, import.meta.url).href);

/** A stage that writes, one that reads, trains of both, commands that do neither, and a lock. */
const program = (tie: string): string => `
  import { openHosts } from ${host('./open-hosts.ts')};
  import { ${tie} } from ${host('./tie.ts')};
  const hosts = openHosts({ tie: async (folder) => await ${tie}(folder) });
  const here = (...commands) => ({ host: '', commands: commands.map((argv) => ({ argv })) });
  const zero = ['cat', '/dev/zero'];
  const swallow = ['sh', '-c', 'cat >/dev/null; true'];
  const wait = ['sleep', '600'];
  hosts.pipe([here(zero), here(swallow)]);
  hosts.pipe([here(zero, zero), here(swallow, swallow)]);
  hosts.pipe([here(wait, zero), here(wait), here(wait, wait)]);
  hosts.run(here(wait, wait));
  await hosts.lock('', { pool: '${pool}', dataset: '${pool}/tied', holder: 'killed' });
  for await (const line of hosts.follow('', { argv: wait })) console.log(line);
`;

describe.each(['pdeathsigTie', 'watchedTie'])('children tied by %s', (tie) => {
  it('all end within moments when we are killed hard', async () => {
    const mark = `ZFERRY_TIE_TEST=${tie}-${process.pid}`;
    const [name = '', value] = mark.split('=');
    const node = spawn(process.execPath, ['--input-type=module-typescript', '-e', program(tie)], {
      env: { ...process.env, [name]: value, TMPDIR: temp },
      stdio: 'ignore',
    });
    const running = (command: string): number =>
      withEnvironment(mark).filter((line) => line.includes(`: ${command} `)).length;
    try {
      await until(() => running('sleep') === 5 && running('cat') === 4 && running('dd') === 1, 15_000);
      expect([running('sleep'), running('cat'), running('dd')]).toEqual([5, 4, 1]);
    } finally {
      node.kill('SIGKILL');
    }
    await until(() => withEnvironment(mark).length === 0, 4000);
    const left = withEnvironment(mark);
    for (const line of left) process.kill(Number.parseInt(line, 10), 'SIGKILL');
    expect(left).toEqual([]);
  });
});

it('finds the tie of this machine', async () => {
  expect((await findTie('/nonexistent')).kind).toBe('pdeathsig');
});
