import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { HostName, Hosts, Stage } from './hosts.ts';
import { openHosts } from './open-hosts.ts';

/**
 * A stand-in for ssh, so that these need no server: it connects to this machine with the login shell that the host
 * is called by, and writes down how it was called. How the real one behaves is tested in the lab.
 */
const standIn = `#!/bin/bash
folder=\${0%/*}
action=session
while [ $# -gt 0 ]; do
  case $1 in
    -G) action=print ;;
    -M) action=master ;;
    -S) socket=$2; shift ;;
    -o | -F | -c) options="$options $2"; shift ;;
    -*) ;;
    *) break ;;
  esac
  shift
done
host=$1
echo "$action $host$options" >>"$folder/calls"
case $action:$host in
  print:*) [ "$host" = localhost ] || echo "remotecommand tmux"; echo "ciphers usual"; exit ;;
  master:unknown) echo "ssh: Could not resolve hostname unknown: Name or service not known" >&2; exit 255 ;;
  master:slow) sleep 0.3 ;;
esac
if [ "$action" = master ]; then
  echo "Banner: connection closed by nobody, timed out never" >&2
  echo $$ >"$folder/master"
  # As the real one does at its end.
  sleep 300 &
  trap 'rm -f "$socket"; kill $!; exit 255' TERM
  : >"$socket"
  wait
fi
# sshd starts afresh.
unset LC_ALL
PATH=/usr/bin:/bin
case $host in
  closed) echo "Connection closed by 10.0.0.7 port 22" >&2; exit 255 ;;
  nologin) echo "This account is currently not available."; exit 1 ;;
  greeting) echo "Welcome"; printf 'no newline'; echo "be nice" >&2; exec bash -c "$2" ;;
  fish | csh | tcsh) exec "$host" -c "$2" ;;
  *) exec sh -c "$2" ;;
esac
`;

const folder = mkdtempSync(join(tmpdir(), 'zferry-ssh-'));
writeFileSync(join(folder, 'ssh'), standIn);
chmodSync(join(folder, 'ssh'), 0o755);
process.env['PATH'] = `${folder}${delimiter}${process.env['PATH']}`;
process.env['HOME'] = folder;
const pool = `zferry-ssh-test-${process.pid}`;
const locks = process.getuid?.() === 0 ? '/var/run/zferry' : `${folder}/.local/state/zferry/locks`;
afterAll(() => {
  for (const name of readdirSync(locks)) if (name.startsWith(pool)) rmSync(join(locks, name));
  rmSync(folder, { recursive: true });
});

const calls = (): string[] => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n');
const on = (host: HostName, ...commands: string[][]): Stage => ({
  host,
  commands: commands.map((argv) => ({ argv })),
});

/** The process that keeps the newest connection. */
function master(): number {
  const text = readFileSync(join(folder, 'master'), 'utf8');
  if (!/^\d+\n$/.test(text)) throw new Error(`Not a process number: ${text}`);
  return Number(text);
}

async function withHosts(work: (hosts: Hosts) => Promise<void>): Promise<void> {
  const hosts = openHosts({ graceMs: 300 });
  try {
    await work(hosts);
  } finally {
    await hosts.close();
  }
}

beforeEach(() => writeFileSync(join(folder, 'calls'), ''));

describe('a machine reached by ssh', () => {
  it('opens one connection, also for many at once, and shares it', async () => {
    await withHosts(async (hosts) => {
      const answers = await Promise.all([1, 2, 3].map((n) => hosts.run(on('slow', ['echo', `${n}`]))));
      expect(answers.map(({ results }) => results[0]?.stdout)).toEqual(['1\n', '2\n', '3\n']);
      await hosts.run(on('slow', ['true']));
    });
    const kinds = calls().map((line) => line.split(' ')[0]);
    expect(kinds.filter((kind) => kind === 'master')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'session')).toHaveLength(4);
  });

  it('asks nothing, takes back what is meant for people, and prefers the fast cipher', async () => {
    await withHosts(async (hosts) => {
      await hosts.run(on('nas', ['true']));
    });
    const called = calls().find((line) => line.startsWith('master'));
    for (const option of [
      'BatchMode=yes',
      'ControlPersist=no',
      'RemoteCommand=none',
      '^aes128-gcm@openssh.com',
    ]) {
      expect(called).toContain(option);
    }
    expect(calls().at(-1)).toMatch(/^session nas ControlMaster=no .*BatchMode=yes .*RemoteCommand=none$/);
  });

  it('never has more than eight sessions at once', async () => {
    await withHosts(async (hosts) => {
      const counting = ['sh', '-c', 'ps -eo args | grep -c "^sleep 0.3[1]"; sleep 0.31'];
      const all = Array.from({ length: 20 }, () => hosts.run(on('nas', counting)));
      const seen = (await Promise.all(all)).map(({ results }) => Number(results[0]?.stdout));
      expect(Math.max(...seen)).toBeLessThanOrEqual(8);
    });
  });

  it('connects anew when the connection has ended', async () => {
    await withHosts(async (hosts) => {
      await hosts.run(on('nas', ['true']));
      process.kill(master(), 'SIGTERM');
      await sleep(400);
      expect((await hosts.run(on('nas', ['echo', 'again']))).results[0]?.stdout).toBe('again\n');
    });
    expect(calls().filter((line) => line.startsWith('master'))).toHaveLength(2);
  });

  it.each(['fish', 'csh', 'tcsh', 'greeting'])('takes %s for a login shell', async (host) => {
    await withHosts(async (hosts) => {
      const hostile = `it's !a $HOME \`id\`\n~ * \\`;
      const { results } = await hosts.run(
        on(host, ['printf', '%s', hostile], ['sh', '-c', 'echo err >&2; exit 255']),
      );
      expect(results).toMatchObject([
        { status: 0, stdout: hostile, stderr: '' },
        { status: 255, stdout: '', stderr: 'err\n' },
      ]);
    });
  });

  it('speaks English and finds what only root has on the PATH', async () => {
    await withHosts(async (hosts) => {
      const { results } = await hosts.run(on('nas', ['sh', '-c', 'echo "$LC_ALL $PATH"']));
      expect(results[0]?.stdout).toBe('C /usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin\n');
    });
  });

  it.each(['nas', 'greeting'])('keeps a greeting out of the stream (%s)', async (host) => {
    const size = 3_000_000;
    const hash = createHash('sha256').update(Buffer.alloc(size)).update('end').digest('hex');
    await withHosts(async (hosts) => {
      const read = on(host, ['head', '-c', `${size}`, '/dev/zero'], ['printf', 'end']);
      const out = await hosts.pipe([read, on('', ['sha256sum'])]);
      expect(out.stages.map(({ statuses, stderr }) => [statuses, stderr])).toEqual([
        [[0, 0], ''],
        [[0], `${hash}  -\n`],
      ]);
      const through = await hosts.pipe([read, on(host, ['cat']), on(host, ['sha256sum'])]);
      expect(through.stages.map(({ stderr }) => stderr)).toEqual(['', '', `${hash}  -\n`]);
    });
  });

  it('names the stage that failed behind a greeting too', async () => {
    await withHosts(async (hosts) => {
      const full = on('', ['sh', '-c', 'echo out of space >&2; exit 1']);
      const { cause } = await hosts.pipe([on('greeting', ['cat', '/dev/zero']), full]);
      expect(cause).toEqual({ stage: 1, status: 1, stderr: 'out of space\n' });
      const broken = on('greeting', ['sh', '-c', 'echo half; echo dataset is busy >&2; exit 1']);
      expect((await hosts.pipe([broken, on('', ['cat'])])).cause).toEqual({
        stage: 0,
        status: 1,
        stderr: 'dataset is busy\n',
      });
    });
  });

  it.each(['nas', 'fish', 'csh', 'tcsh', 'greeting'])('locks a replica there (%s)', async (host) => {
    const holder = `it's !a $HOME \`id\` * \\ é`;
    const request = { pool, dataset: `${pool}/${host}`, holder };
    await withHosts(async (hosts) => {
      const first = await hosts.lock(host, request);
      expect(first).toMatchObject({ kind: 'held', before: 'unknown' });
      expect(await hosts.lock(host, request)).toEqual({ kind: 'taken', holder });
      if (first.kind === 'held') await first.lock.release('clean');
      expect(await hosts.lock(host, request)).toMatchObject({ kind: 'held', before: 'clean' });
    });
    await withHosts(async (hosts) => {
      expect(await hosts.lock(host, request)).toMatchObject({ kind: 'held', before: { holder } });
    });
  });

  it('gives a lock one of its sessions', async () => {
    const request = { pool, holder: 'me' };
    await withHosts(async (hosts) => {
      const asked = Array.from({ length: 8 }, (_, i) =>
        hosts.lock('nas', { ...request, dataset: `${pool}/${i}` }),
      );
      const [first] = await Promise.all(asked);
      const signal = AbortSignal.timeout(200);
      await expect(hosts.run(on('nas', ['true']), { signal })).rejects.toMatchObject({ code: 'cancelled' });
      if (first?.kind === 'held') await first.lock.release('clean');
      expect((await hosts.run(on('nas', ['true']))).results[0]?.status).toBe(0);
    });
  });

  it.each([
    ['unknown', 'host-unknown'],
    ['nologin', 'login-shell'],
    ['closed', 'connection-closed'],
  ])('says in words why no lock could be asked for (%s)', async (host, code) => {
    await withHosts(async (hosts) => {
      const request = { pool, dataset: `${pool}/x`, holder: 'me' };
      await expect(hosts.lock(host, request)).rejects.toMatchObject({ code, host });
    });
  });

  it('says in words why there is no connection, and tries again the next time', async () => {
    await withHosts(async (hosts) => {
      const unknown = {
        code: 'host-unknown',
        host: 'unknown',
        message: 'No host is known by the name unknown',
      };
      await expect(hosts.run(on('unknown', ['true']))).rejects.toMatchObject(unknown);
      await expect(hosts.pipe([on('unknown', ['true']), on('', ['cat'])])).rejects.toMatchObject(unknown);
    });
    expect(calls().filter((line) => line.startsWith('master'))).toHaveLength(2);
  });

  it('names a login shell that runs nothing', async () => {
    await withHosts(async (hosts) => {
      await expect(hosts.run(on('nologin', ['true']))).rejects.toMatchObject({
        code: 'login-shell',
        message: 'nologin let us in but ran no command: its login shell ended with status 1',
        meaning: 'It said: This account is currently not available.',
      });
    });
  });

  it('tells a lost connection from a command that ends with 255', async () => {
    await withHosts(async (hosts) => {
      const lost = { code: 'connection-lost', host: 'nas', message: 'The connection to nas was lost' };
      const cut = ['sh', '-c', 'kill -9 $PPID; sleep 0.1'];
      await expect(hosts.run(on('nas', cut))).rejects.toMatchObject(lost);
      await expect(hosts.pipe([on('nas', cut), on('', ['cat'])])).rejects.toMatchObject(lost);
      await expect(hosts.pipe([on('', ['cat', '/dev/zero']), on('nas', cut)])).rejects.toMatchObject(lost);
      const follow = hosts.follow('nas', { argv: cut })[Symbol.asyncIterator]();
      await expect(follow.next()).rejects.toMatchObject(lost);
      expect((await hosts.run(on('nas', ['sh', '-c', 'exit 255']))).results[0]?.status).toBe(255);
    });
  });

  it('says why a session found no connection either', async () => {
    await withHosts(async (hosts) => {
      await expect(hosts.run(on('closed', ['true']))).rejects.toMatchObject({ code: 'connection-closed' });
    });
  });

  it('stops waiting for a connection when it is cancelled', async () => {
    await withHosts(async (hosts) => {
      const run = hosts.run(on('slow', ['true']), { signal: AbortSignal.timeout(50) });
      await expect(run).rejects.toMatchObject({ code: 'cancelled' });
    });
  });

  it('ends its connections when it is closed', async () => {
    await withHosts(async (hosts) => {
      await hosts.run(on('nas', ['true']));
    });
    expect(() => process.kill(master(), 0)).toThrow('ESRCH');
  });
});
