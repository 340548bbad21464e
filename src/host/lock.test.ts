import { type ChildProcess, spawn } from 'node:child_process';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { CommandEvent, Hosts, LockAnswer, LockRequest } from './hosts.ts';
import { openHosts } from './open-hosts.ts';
import { pdeathsigTie, watchedTie } from './tie.ts';

// No pool is called so, and then its name stands in the file's.
const pool = `zferry-test-${process.pid}`;
const folder = process.getuid?.() === 0 ? '/var/run/zferry' : `${homedir()}/.local/state/zferry/locks`;
const temp = mkdtempSync(join(tmpdir(), 'zf-lock-'));
const path = process.env['PATH'] ?? '';
const opened: Hosts[] = [];
const drivers: ChildProcess[] = [];
let asked = 0;

afterEach(async () => {
  process.env['PATH'] = path;
  for (const driver of drivers.splice(0)) driver.kill('SIGKILL');
  await Promise.all(opened.splice(0).map(async (hosts) => await hosts.close()));
});
afterAll(() => {
  rmSync(temp, { recursive: true });
  for (const name of filesOf(pool)) rmSync(join(folder, name));
});

function filesOf(start: string): string[] {
  return readdirSync(folder).filter((name) => name.startsWith(start));
}

function fileText(name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}

function open(options: Parameters<typeof openHosts>[0] = {}): Hosts {
  const hosts = openHosts(options);
  opened.push(hosts);
  return hosts;
}

/** A replica that nothing else has asked for. */
const fresh = (holder = 'me'): LockRequest => ({ pool, dataset: `${pool}/${++asked}`, holder });

async function held(hosts: Hosts, request: LockRequest): Promise<Extract<LockAnswer, { kind: 'held' }>> {
  const answer = await hosts.lock('', request);
  if (answer.kind !== 'held') throw new Error(`Not held: ${JSON.stringify(answer)}`);
  return answer;
}

/** How long it takes until the lock can be had, in milliseconds. */
async function untilFree(hosts: Hosts, request: LockRequest): Promise<number> {
  const began = performance.now();
  for (;;) {
    const answer = await hosts.lock('', request);
    const took = performance.now() - began;
    if (answer.kind === 'held') {
      await answer.lock.release('clean');
      return took;
    }
    if (took > 10_000) throw new Error(`Not free after 10 s: ${JSON.stringify(answer)}`);
    await sleep(30);
  }
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
}

/** Another zferry: takes a lock, says each thing that happens to it in a line, and goes on as told. */
async function driver(request: LockRequest, expiryMs: number, then = ''): Promise<ChildProcess> {
  const module = JSON.stringify(new URL('./open-hosts.ts', import.meta.url).href);
  const program = `
    import { openHosts } from ${module};
    const hosts = openHosts({ lockExpiryMs: ${expiryMs} });
    const { kind, lock } = await hosts.lock('', ${JSON.stringify(request)});
    lock.lost.addEventListener('abort', () => console.log('lost'));
    console.log(kind);
    ${then}
  `;
  const node = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], {
    env: { ...process.env, TMPDIR: temp },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  drivers.push(node);
  expect(await heard(node)).toBe('held\n');
  return node;
}

async function heard(node: ChildProcess): Promise<string> {
  return await new Promise((resolve) => {
    node.stdout?.once('data', (text: Buffer) => resolve(text.toString()));
    node.once('exit', () => resolve('it ended'));
  });
}

/** A PATH with nothing on it but these programs of this machine, and these scripts. */
function onlyTools(names: readonly string[], scripts: Readonly<Record<string, string>> = {}): void {
  const tools = mkdtempSync(join(temp, 'tools-'));
  const find = (name: string): string => {
    const found = path.split(delimiter).map((place) => join(place, name));
    return realpathSync(found.find((file) => statSync(file, { throwIfNoEntry: false })?.isFile()) ?? name);
  };
  // `wx` follows no link: what stands in for a program must never be written into the real one.
  for (const [name, text] of Object.entries(scripts)) {
    writeFileSync(join(tools, name), `#!/bin/sh\n${text}\n`, { flag: 'wx', mode: 0o755 });
  }
  for (const name of ['sh', 'setpriv', 'true', 'mkdir', 'id', ...names]) {
    if (!(name in scripts)) symlinkSync(find(name), join(tools, name));
  }
  process.env['PATH'] = tools;
}

const ties = [
  ['setpriv', async () => pdeathsigTie()],
  ['a watching shell', watchedTie],
] as const;

describe.each(ties)('the lock of a replica on this machine, tied by %s', (_, tie) => {
  it('is had by one, and the second is told by whom', async () => {
    const request = fresh('zferry on office, process 7, since 10:00');
    const first = await held(open({ tie }), request);
    const other = open({ tie });
    const began = performance.now();
    expect(await other.lock('', { ...request, holder: 'another' })).toEqual({
      kind: 'taken',
      holder: request.holder,
    });
    expect(performance.now() - began).toBeLessThan(1000);
    await first.lock.release('clean');
    expect((await held(other, request)).before).toBe('clean');
    expect(first.lock.lost.aborted).toBe(false);
  });

  it('tells the next how the one before ended', async () => {
    const hosts = open({ tie });
    const request = fresh('Monday');
    const monday = await held(hosts, request);
    expect(monday.before).toBe('unknown');
    await monday.lock.release('leave');
    const tuesday = await held(hosts, { ...request, holder: 'Tuesday' });
    expect(tuesday.before).toEqual({ holder: 'Monday' });
    await tuesday.lock.release('clean');
    await tuesday.lock.release('leave');
    const wednesday = await held(hosts, { ...request, holder: 'clean' });
    expect(wednesday.before).toBe('clean');
    await wednesday.lock.release('leave');
    expect((await held(hosts, request)).before).toEqual({ holder: 'clean' });
  });

  it('can be asked for without being taken, and nothing is changed by that', async () => {
    const hosts = open({ tie });
    const request = fresh('somebody');
    const peek = async () => await open({ tie }).lock('', request, { peek: true });
    expect(await peek()).toEqual({ kind: 'free', before: 'unknown' });
    const first = await held(hosts, request);
    expect(first.before).toBe('unknown');
    expect(await peek()).toEqual({ kind: 'taken', holder: 'somebody' });
    await first.lock.release('leave');
    expect(await peek()).toEqual({ kind: 'free', before: { holder: 'somebody' } });
    await (await held(hosts, request)).lock.release('clean');
    expect(await peek()).toEqual({ kind: 'free', before: 'clean' });
  });

  it('is had by exactly one of two who come at once, and the other never hears of a dead one', async () => {
    const [a, b] = [open({ tie }), open({ tie })];
    const request = fresh();
    await (await held(a, { ...request, holder: 'dead' })).lock.release('leave');
    for (let round = 0; round < 20; round++) {
      const both = await Promise.all([
        a.lock('', { ...request, holder: 'a' }),
        b.lock('', { ...request, holder: 'b' }),
      ]);
      expect(both.map(({ kind }) => kind).sort()).toEqual(['held', 'taken']);
      const winner = both[0].kind === 'held' ? 'a' : 'b';
      for (const answer of both) {
        if (answer.kind === 'taken') expect(['', winner]).toContain(answer.holder);
        if (answer.kind === 'held') await answer.lock.release(round % 2 === 0 ? 'clean' : 'leave');
      }
    }
  });

  it('lasts beyond the expiry while we live, and ends when the hosts are closed', async () => {
    const hosts = openHosts({ tie, lockExpiryMs: 1000 });
    const other = open({ tie });
    const request = fresh('closed');
    const { lock } = await held(hosts, request);
    await sleep(1700);
    expect(await other.lock('', request)).toEqual({ kind: 'taken', holder: 'closed' });
    await hosts.close();
    expect((await held(other, request)).before).toEqual({ holder: 'closed' });
    expect(lock.lost.aborted).toBe(false);
    await expect(hosts.lock('', request)).rejects.toMatchObject({ code: 'cancelled' });
  });

  it.each(['shell', 'flock', 'holder'])('says that it is lost when its %s is killed', async (victim) => {
    const hosts = open({ tie });
    const request = fresh('killed');
    const { lock } = await held(hosts, request);
    const holder = holderOf('killed');
    const flock = parentOf(holder);
    const pid = { holder, flock, shell: parentOf(flock) }[victim] ?? Number.NaN;
    const began = performance.now();
    process.kill(pid, 'SIGKILL');
    await aborted(lock.lost);
    expect(performance.now() - began).toBeLessThan(1000);
    expect(lock.lost.reason).toMatchObject({
      code: 'lock-lost',
      message: `The lock of ${request.dataset} on this machine was lost`,
    });
    expect(await untilFree(hosts, request)).toBeLessThan(1000);
    await lock.release('clean');
  });
});

/** The shell that holds a lock, by its line. */
function holderOf(line: string): number {
  const texts = filesOf(pool).map(fileText);
  return Number.parseInt(texts.find((text) => text.endsWith(` ${line}\n`)) ?? '', 10);
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

describe('the lock of a replica', () => {
  it('is another for another dataset and another pool', async () => {
    const hosts = open();
    const request = fresh();
    const others = [
      request,
      { ...request, dataset: `${request.dataset}/child` },
      { ...request, pool: `${pool}-2` },
    ];
    const all = await Promise.all(others.map(async (one) => await hosts.lock('', one)));
    expect(all.map(({ kind }) => kind)).toEqual(['held', 'held', 'held']);
  });

  it('is not said to be held by a dead one, while who has it has not written its line', async () => {
    const hosts = open();
    const request = fresh('dead and gone');
    const { lock } = await held(hosts, request);
    const pid = holderOf('dead and gone');
    const [name = ''] = filesOf(pool).filter((file) => fileText(file).startsWith(`${pid} `));
    await lock.release('leave');
    const flock = spawn('sh', ['-c', 'exec flock -n "$0" cat', join(folder, name)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    drivers.push(flock);
    flock.stdin.write('has it\n');
    expect(await heard(flock)).toBe('has it\n');
    expect(await hosts.lock('', request)).toEqual({ kind: 'taken', holder: '' });
    flock.stdin.end();
  });

  it('is open in nothing that its holder starts', async () => {
    await held(open(), fresh('open'));
    const holder = holderOf('open');
    const openIn = (pid: number): string[] =>
      readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
    const children = (pid: number): number[] =>
      readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
    await expect.poll(() => children(holder).flatMap(children).length).toBe(1);
    const started = [...children(holder), ...children(holder).flatMap(children)];
    expect(started.flatMap(openIn).filter((file) => file.includes(pool))).toEqual([]);
    expect(openIn(parentOf(holder)).filter((file) => file.includes(pool))).toHaveLength(1);
  });

  it('shows a line of a person as it is, and more than a line as one', async () => {
    const hosts = open();
    const hostile = `it's "me" \\n $HOME \`id\` %s * é 日本 \u{1f600}`;
    const request = fresh(`${hostile}\r\nsecond\u2028\u001b[1m line\n`);
    const { lock } = await held(hosts, request);
    const line = `${hostile} second [1m line`;
    expect(await hosts.lock('', request)).toEqual({ kind: 'taken', holder: line });
    await lock.release('leave');
    expect((await held(hosts, fresh('x'.repeat(10_000)))).kind).toBe('held');
    expect((await held(hosts, request)).before).toEqual({ holder: line });
  });

  it('goes by the GUID of the pool, and counts as one command', async () => {
    const guid = `${process.pid}00000000000001`;
    onlyTools(['flock', 'timeout', 'dd'], {
      zpool: `[ "$*" = "get -Hp -o value guid ${pool}" ]&&echo ${guid}`,
    });
    const events: CommandEvent[] = [];
    const hosts = open({ onCommand: (event) => events.push(event) });
    const request = { ...fresh(), dataset: `${pool}/data` };
    const { lock } = await held(hosts, request);
    const [name = ''] = filesOf(guid);
    expect(name).toMatch(/^\d+-[0-9a-f]{16}$/);
    await lock.release('clean');
    expect(fileText(name)).toBe('clean\n');
    rmSync(join(folder, name));
    const line = `flock -n "/var/run/zferry/$(zpool get -Hp -o value guid ${pool})-${name.split('-')[1]}" cat`;
    expect(events).toEqual([{ kind: 'lock', host: '', hosts: [''], line }]);
  });

  it.each([
    ['before it is had', 0.4, 150],
    ['at once', 0, 0],
  ])('leaves nothing when the asking is cancelled %s', async (_, zpoolTakes, afterMs) => {
    const hosts = open();
    const request = fresh('died');
    await (await held(hosts, request)).lock.release('leave');
    onlyTools(['flock', 'timeout', 'dd', 'sleep'], { zpool: `sleep ${zpoolTakes}` });
    const signal = AbortSignal.timeout(afterMs);
    const asking = hosts.lock('', { ...request, holder: 'cancelled' }, { signal });
    await expect(asking).rejects.toMatchObject({ code: 'cancelled', exitCode: 130 });
    expect((await held(hosts, request)).before).toEqual({ holder: 'died' });
    await expect(hosts.lock('', request, { signal })).rejects.toMatchObject({ code: 'cancelled' });
  });

  it('is unavailable without a tool for it or a place for its file', async () => {
    onlyTools(['timeout', 'dd']);
    expect(await open().lock('', fresh())).toEqual({
      kind: 'unavailable',
      reason: 'neither flock nor lockf is installed there',
    });
    onlyTools(['timeout', 'dd', 'flock'], { mkdir: 'echo Read-only file system >&2;echo at all >&2;exit 1' });
    expect(await open().lock('', fresh())).toEqual({
      kind: 'unavailable',
      reason: 'no place for its file: Read-only file system',
    });
    onlyTools(['timeout', 'dd'], { flock: 'exit 71' });
    expect(await open().lock('', fresh())).toEqual({
      kind: 'unavailable',
      reason: 'flock -n ended with status 71',
    });
  });

  it('is had by lockf too, and without a program that limits a wait', async () => {
    const real = path.split(delimiter).map((place) => join(place, 'flock'));
    const flock = real.find((file) => statSync(file, { throwIfNoEntry: false })?.isFile()) ?? '';
    // As FreeBSD's: the child has no descriptor of the lock, and 75 says that it is taken.
    const lockf = `[ "$1 $2 $3 $4" = "-s -k -t 0" ]||exit 64;shift 4;exec ${flock} -n -o -E 75 "$@"`;
    onlyTools(['dd'], { lockf });
    const hosts = open({ lockExpiryMs: 300 });
    const request = fresh('by lockf');
    const { lock } = await held(hosts, request);
    await sleep(500);
    expect(await hosts.lock('', request)).toEqual({ kind: 'taken', holder: 'by lockf' });
    await lock.release('clean');
    onlyTools(['dd', 'flock']);
    expect((await held(hosts, request)).before).toBe('clean');
  });

  it('keeps no process waiting once it is released', async () => {
    const node = await driver(fresh(), 60_000, "await lock.release('clean');");
    const began = performance.now();
    const code = await new Promise((resolve) => node.once('exit', resolve));
    expect([code, performance.now() - began < 2000]).toEqual([0, true]);
  });
});

// What is left of those who are killed: tie.test.ts.
describe('the lock of a zferry that', () => {
  it('is killed hard is free at once', async () => {
    const request = fresh('killed hard');
    const node = await driver(request, 60_000);
    const other = open();
    expect(await other.lock('', request)).toEqual({ kind: 'taken', holder: 'killed hard' });
    node.kill('SIGKILL');
    expect(await untilFree(other, request)).toBeLessThan(2000);
  });

  it('gives no sign of life is free when that has lasted, and it is told so', async () => {
    const request = fresh('stopped');
    const node = await driver(request, 1000);
    const other = open();
    node.kill('SIGSTOP');
    const took = await untilFree(other, request);
    expect(took).toBeGreaterThan(600);
    expect(took).toBeLessThan(3000);
    const told = heard(node);
    node.kill('SIGCONT');
    expect(await told).toBe('lost\n');
  });
});
