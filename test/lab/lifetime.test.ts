import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { hosts } from '../../lab/hosts.ts';

const labModule = new URL('../../lab/hosts.ts', import.meta.url).href;

/** A process of its own that starts the host `a`, says where, and waits. */
const runner = `
  import { hosts } from ${JSON.stringify(labModule)};
  const lab = await hosts(['a']);
  console.log(lab.sshConfig);
  await new Promise(() => setInterval(() => {}, 1000));
`;
/** A process that has the one above as its worker, as a test runner has. */
const runnerWithWorker = `
  import { spawn } from 'node:child_process';
  spawn(process.execPath, ['--input-type=module', '-e', ${JSON.stringify(runner)}], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
`;

async function started(script: string): Promise<{ child: ChildProcess; folder: string }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [path] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, folder: dirname(path.toString().trim()) };
}

/** The command lines of all processes that have this text in them. */
function processesWith(text: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch (error) {
        // It ended between the two looks.
        if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
        throw error;
      }
    })
    .filter((line) => line.includes(text));
}

async function expectNothingOf(folder: string): Promise<void> {
  const run = folder.split('/').at(-1) ?? folder;
  for (let waited = 0; waited < 3000 && processesWith(run).length > 0; waited += 50) await sleep(50);
  expect(processesWith(run)).toEqual([]);
}

test('kill -9 of a run leaves no process of it, and the next run removes its files', async () => {
  const [alone, worker] = await Promise.all([started(runner), started(runnerWithWorker)]);
  for (const { child, folder } of [alone, worker]) {
    const run = folder.split('/').at(-1) ?? folder;
    const running = processesWith(run).map((line) => line.slice(0, 3));
    expect(running.toSorted()).toEqual(['qem', 'ssh']);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await expectNothingOf(folder);
    expect(existsSync(folder)).toBe(true);
  }
  await using lab = await hosts([]);
  expect(existsSync(lab.sshConfig)).toBe(true);
  for (const { folder } of [alone, worker]) expect(existsSync(folder)).toBe(false);
});

test('two runs at once have hosts of their own, also by the same name', async () => {
  const other = await started(runner);
  try {
    const lab = await hosts(['a']);
    try {
      expect(dirname(lab.sshConfig)).not.toBe(other.folder);
      await lab.hosts.a.exec('touch /root/ours');
      const port = /Port (\d+)/.exec(readFileSync(`${other.folder}/ssh_config`, 'utf8'))?.[1];
      expect(port).not.toBe(`${lab.hosts.a.port}`);
    } finally {
      await lab.dispose();
    }
    expect(existsSync(dirname(lab.sshConfig))).toBe(false);
    const run = other.folder.split('/').at(-1) ?? other.folder;
    expect(processesWith(run).length).toBe(2);
  } finally {
    other.child.kill('SIGKILL');
  }
  await expectNothingOf(other.folder);
});
