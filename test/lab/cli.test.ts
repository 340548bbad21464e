import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { openCommandLab } from '../../lab/command-lab.ts';
import { isAlive } from '../../lab/process-identity.ts';
import { type Finished, runCommand } from '../../lab/run-command.ts';

/** Names that nobody has given to a host that is to stay. */
const host = 'test-of-command';
const interrupted = 'test-of-kill';
const cli = new URL('../../lab/cli.ts', import.meta.url).pathname;
const lab = (...args: string[]): Promise<Finished> =>
  runCommand([process.execPath, cli, ...args], { allowFailure: true });

afterAll(async () => {
  const rest = openCommandLab();
  for (const name of [host, interrupted]) await rest.remove(name);
});

test('a host outlives the command that started it, until it is taken down', async () => {
  expect(await lab('up', host, '--pools')).toMatchObject({ code: 0, stderr: '' });
  expect((await lab('exec', host, '--', 'zpool', 'list', '-Ho', 'name')).stdout).toBe('tank\n');
  expect((await lab('exec', host, '--', 'exit 7')).code).toBe(7);
  expect((await lab('status')).stdout).toMatch(
    new RegExp(`^${host} +6\\.\\S+ +2\\.3\\.\\S+ +\\d+ +\\d+ +\\d+ s$`, 'm'),
  );
  const config = (await lab('ssh-config')).stdout.trim();
  expect((await runCommand(['ssh', '-F', config, host, 'hostname'])).stdout).toBe(`${host}\n`);
  const machine = openCommandLab().host(host).machine();
  expect(await lab('down', host)).toMatchObject({ code: 0 });
  expect(machine && isAlive(machine)).toBe(false);
  expect((await lab('status')).stdout).not.toContain(host);
});

test('what an interrupted `up` started is taken away by the next command that changes hosts', async () => {
  const up = spawn(process.execPath, [cli, 'up', interrupted], { stdio: 'ignore' });
  const started = (): boolean => openCommandLab().leftovers().includes(interrupted);
  while (!started()) await sleep(20);
  await sleep(500);
  up.kill('SIGKILL');
  await once(up, 'exit');
  expect(await lab('down', interrupted)).toMatchObject({ code: 0, stderr: '' });
  expect(started()).toBe(false);
});

test('a word that is not known is one sentence and status 2', async () => {
  expect(await lab('upp')).toMatchObject({
    code: 2,
    stderr: 'lab: There is no command upp: `lab/lab --help` lists them.\n',
  });
  const { code, stderr } = await lab('exec', 'nobody', '--', 'true');
  expect([code, stderr.split('\n')[0]]).toEqual([
    2,
    'lab: There is no host nobody: `lab/lab up nobody` starts it.',
  ]);
  expect((await lab('up', host, '--zfs', '3')).stderr).toContain('--zfs is one of 2.1, 2.3, 2.4, not 3.');
  expect((await lab('up', '--help')).stdout).toContain('Examples:\n  lab/lab up a b --pools');
});
