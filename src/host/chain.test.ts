import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chainsOf } from './chain.ts';
import type { HostName, Hosts, PipeResult, Stage } from './hosts.ts';
import { openHosts } from './open-hosts.ts';

/**
 * A stand-in for ssh that connects to this machine, as in `ssh-machine.test.ts`, and from there to it again. `bash` has that for its sh;
 * `fish` and `csh` are login shells.
 */
const standIn = `#!/bin/bash
folder=\${0%/*}
action=session
while [ $# -gt 0 ]; do
  case $1 in
    -G) exit ;;
    -M) action=master ;;
    -S) socket=$2; shift ;;
    -o | -F | -c) shift ;;
    -*) ;;
    *) break ;;
  esac
  shift
done
host=$1
echo "$action $host" >>"$folder/calls"
if [ "$action" = master ]; then
  sleep 300 &
  trap 'rm -f "$socket"; kill $!; exit 255' TERM
  : >"$socket"
  wait
fi
unset LC_ALL
PATH=$folder:/usr/bin:/bin
case $host in
  unreachable) echo "ssh: connect to host unreachable port 22: No route to host" >&2; exit 255 ;;
  bash) PATH=$folder/bash:$PATH; exec sh -c "$2" ;;
  greeting) echo "Welcome"; printf 'no newline'; echo "be nice" >&2; exec sh -c "$2" ;;
  fish | csh) exec "$host" -c "$2" ;;
  *) exec sh -c "$2" ;;
esac
`;

const folder = mkdtempSync(join(tmpdir(), 'zferry-chain-'));
writeFileSync(join(folder, 'ssh'), standIn);
chmodSync(join(folder, 'ssh'), 0o755);
mkdirSync(join(folder, 'bash'));
symlinkSync('/bin/bash', join(folder, 'bash', 'sh'));
process.env['PATH'] = `${folder}${delimiter}${process.env['PATH']}`;
process.env['HOME'] = folder;
afterAll(() => rmSync(folder, { recursive: true }));

const sh = (script: string): string[] => ['sh', '-c', script];
const on = (host: HostName, ...commands: string[][]): Stage => ({
  host,
  commands: commands.map((argv) => ({ argv })),
});
const sessions = (): string[] =>
  readFileSync(join(folder, 'calls'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('session'));

let hosts: Hosts;
beforeEach(() => {
  writeFileSync(join(folder, 'calls'), '');
  hosts = openHosts({ graceMs: 300 });
});
afterEach(async () => await hosts.close());

const pack = ['gzip', '-1'];
const unpack = ['gzip', '-d'];
const ends = ({ stages }: PipeResult) => stages.map(({ statuses }) => statuses);

it('is of neighbours on one remote host; here each stage is one by itself', () => {
  const names = (...list: string[]) =>
    chainsOf(list.map((host) => ({ host }))).map((chain) => chain.map(({ host }) => host).join(' '));
  expect(names('a', 'a', 'b', 'b', 'b')).toEqual(['a a', 'b b b']);
  expect(names('', '', 'b')).toEqual(['', '', 'b']);
  expect(names('a', '', 'a')).toEqual(['a', '', 'a']);
});

describe.each(['nas', 'bash', 'fish', 'csh', 'greeting'])('a chain on a host (%s)', (host) => {
  it('is one session, and carries bytes unchanged, trains too', async () => {
    const size = 3_000_000;
    const both = createHash('sha256').update(Buffer.alloc(size)).digest('hex');
    const zeros = ['head', '-c', `${size}`, '/dev/zero'];
    const sum = sh(`head -c ${size} | sha256sum`);
    const out = [on(host, zeros, zeros), on(host, pack), on('', unpack), on('', sum, ['wc', '-c'])];
    const from = await hosts.pipe(out);
    expect(ends(from)).toEqual([[0, 0], [0], [0], [0, 0]]);
    expect(from.stages.at(-1)?.said).toEqual([`${both}  -\n`, `${size}\n`]);

    const to = await hosts.pipe([
      on('', zeros, ['printf', 'end']),
      on('', pack),
      on(host, unpack),
      on(host, sum, ['cat']),
    ]);
    expect(ends(to)).toEqual([[0, 0], [0], [0], [0, 0]]);
    expect(to.stages.at(-1)?.said).toEqual([`${both}  -\n`, 'end']);
    // One more looks for what the login shell prints.
    expect(sessions()).toHaveLength(1 + 1 + 1);

    const inside = await hosts.pipe([
      on(host, zeros),
      on(host, pack),
      on(host, unpack),
      on(host, ['wc', '-c']),
    ]);
    expect(ends(inside)).toEqual([[0], [0], [0], [0]]);
    expect(inside.stages.at(-1)?.stderr).toBe(`${size}\n`);
  });

  it('keeps apart what its stages say, also without a newline at the end', async () => {
    const talk = (name: string) =>
      sh(`cat; i=0; while [ $i -lt 300 ]; do echo "${name} $i" >&2; i=$((i+1)); done`);
    const lines: string[] = [];
    const result = await hosts.pipe(
      [
        on(host, sh('printf "no newline" >&2'), sh(`echo 'back\\slash  $HOME "two"' >&2`)),
        on(host, talk('second')),
        on(host, talk('third')),
        on('', ['cat']),
      ],
      { onStderrLine: (stage, line) => lines.push(`${stage} ${line}`) },
    );
    expect(result.ok).toBe(true);
    expect(result.stages[0]?.said).toEqual(['no newline', 'back\\slash  $HOME "two"\n']);
    const all = (name: string) => Array.from({ length: 300 }, (_, i) => `${name} ${i}\n`).join('');
    expect(result.stages[1]?.stderr).toBe(all('second'));
    expect(result.stages[2]?.stderr).toBe(all('third'));
    expect(lines.filter((line) => line.startsWith('1 second '))).toHaveLength(300);
    expect(lines.filter((line) => line.startsWith('2 third '))).toHaveLength(300);
  });

  it('blames the stage that failed by itself, wherever it stands', async () => {
    const endless = ['cat', '/dev/urandom'];
    const fails = sh('head -c 100000 >/dev/null; echo "out of space" >&2; exit 1');
    const receiver = await hosts.pipe([on('', endless), on('', pack), on(host, unpack), on(host, fails)]);
    expect(receiver.cause).toEqual({ stage: 3, status: 1, stderr: 'out of space\n' });

    const sender = await hosts.pipe([
      on(host, ['echo', 'fine'], sh('echo "no such snapshot" >&2; exit 1'), ['echo', 'never']),
      on(host, pack),
      on('', unpack),
      on('', sh('cat >/dev/null; echo "incomplete stream" >&2; exit 1')),
    ]);
    expect(sender.cause).toEqual({ stage: 0, status: 1, stderr: 'no such snapshot\n' });
    expect(ends(sender)).toEqual([[0, 1, undefined], [0], [0], [1]]);

    const reads = sh('cat >/dev/null; echo "failed to read from stream" >&2; exit 1');
    const bad = sh('head -c 100000; echo "no key" >&2; exit 5');
    const packer = await hosts.pipe([on(host, endless), on(host, bad), on('', ['cat']), on('', reads)]);
    expect(packer.cause).toEqual({ stage: 1, status: 5, stderr: 'no key\n' });
    const unpacker = await hosts.pipe([on('', endless), on(host, bad), on(host, reads)]);
    expect(unpacker.cause).toEqual({ stage: 1, status: 5, stderr: 'no key\n' });
    expect(unpacker.stages[0]?.statuses).toEqual([141]);

    const missing = await hosts.pipe([on('', endless), on(host, ['no-such-program']), on(host, reads)]);
    expect(missing.cause).toMatchObject({ stage: 1, status: 127 });
    expect(missing.cause?.stderr).toContain('no-such-program');
  });

  it('stops a train at the receive that fails, through whatever stands between', async () => {
    const result = await hosts.pipe([
      on(host, ['printf', 'aaa'], ['printf', 'bbb'], ['cat', '/dev/urandom']),
      on(host, pack),
      on('', unpack),
      on('', sh('head -c 3'), sh('echo busy >&2; exit 1'), ['cat']),
    ]);
    expect(result.cause).toEqual({ stage: 3, status: 1, stderr: 'busy\n' });
    expect(result.stages[3]?.statuses).toEqual([0, 1, undefined]);
    expect(result.stages[0]?.statuses).toEqual([0, 0, 141]);
  });
});

describe('a chain', () => {
  it('is ended as a whole when one stage goes on although another has failed', async () => {
    const began = performance.now();
    const stays = sh('exec >/dev/null; sleep 61.25');
    const result = await hosts.pipe([on('nas', stays), on('nas', ['cat']), on('', sh('exit 4'))]);
    expect(result.cause).toMatchObject({ stage: 2, status: 4 });
    const inside = await hosts.pipe([on('', ['printf', 'x']), on('nas', stays), on('nas', sh('exit 5'))]);
    expect(inside.cause).toMatchObject({ stage: 2, status: 5 });
    expect(performance.now() - began).toBeGreaterThan(590);
    expect(performance.now() - began).toBeLessThan(5000);
    const { results } = await hosts.run(on('', sh('ps -eo args | grep "^sleep 61.2[5]"; true')));
    expect(results[0]?.stdout).toBe('');
  });

  it('is ended when it is cancelled, with all that it started', async () => {
    const stop = new AbortController();
    const stages = [on('nas', ['cat', '/dev/zero']), on('nas', ['cat']), on('nas', sh('sleep 64.5; true'))];
    const pipe = hosts.pipe(stages, { signal: stop.signal });
    setTimeout(() => stop.abort(), 300);
    await expect(pipe).rejects.toMatchObject({ code: 'cancelled' });
    const { results } = await hosts.run(on('', sh('ps -eo args | grep "^sleep 64.[5]"; true')));
    expect(results[0]?.stdout).toBe('');
  });

  it('is lost as a whole when its connection is', async () => {
    const cut = sh('kill -9 -$(ps -o pgid= $$ | tr -d " ")');
    const lost = { code: 'connection-lost', host: 'nas' };
    const here = [on('', ['cat', '/dev/zero']), on('', ['cat'])];
    await expect(hosts.pipe([on('nas', cut), on('nas', ['cat']), on('', ['cat'])])).rejects.toMatchObject(
      lost,
    );
    await expect(hosts.pipe([...here, on('nas', ['cat']), on('nas', cut)])).rejects.toMatchObject(lost);
  });
});

/** The command lines of what runs with this in its environment. */
function withEnvironment(text: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(text) && command !== '' ? [command] : [];
      } catch {
        // It ended while we looked.
        return [];
      }
    });
}

it.each([false, true])('chains end within moments when we are killed hard (direct: %s)', async (direct) => {
  const mark = `chain-test-${process.pid}-${direct}`;
  const program = `
    import { openHosts } from ${JSON.stringify(new URL('./open-hosts.ts', import.meta.url).href)};
    const on = (host, ...argv) => ({ host, commands: [{ argv }] });
    await openHosts().pipe(
      [on('nas', 'cat', '/dev/zero'), on('nas', 'cat'), on('offsite', 'cat'), on('offsite', 'wc', '-c')],
      { direct: ${direct} },
    );
  `;
  const node = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], {
    env: { ...process.env, ZFERRY_CHAIN_TEST: mark, TMPDIR: folder },
    stdio: 'ignore',
  });
  const running = (): string[] => withEnvironment(mark);
  const until = async (done: () => boolean): Promise<void> => {
    for (let i = 0; i < 200 && !done(); i += 1) await sleep(30);
  };
  const stages = (): string[] => running().filter((line) => /^(cat|wc) /.test(line));
  try {
    await until(() => stages().length === 4);
    expect(stages()).toHaveLength(4);
  } finally {
    node.kill('SIGKILL');
  }
  await until(() => running().length === 0);
  expect(running()).toEqual([]);
});

describe('from host to host, not through here', () => {
  const direct = { direct: true } as const;
  const stages = (send: Stage, receive: Stage): Stage[] => [
    send,
    on(send.host, pack),
    on(receive.host, unpack),
    receive,
  ];

  it.each([
    ['nas', 'offsite'],
    ['fish', 'csh'],
    ['greeting', 'greeting2'],
  ])('every stage tells how it ended (%s, %s)', async (from, to) => {
    const send = on(from, ['head', '-c', '3000000', '/dev/zero'], ['printf', 'end']);
    const result = await hosts.pipe(stages(send, on(to, ['wc', '-c'])), direct);
    expect(ends(result)).toEqual([[0, 0], [0], [0], [0]]);
    expect(result.stages[3]?.stderr).toBe('3000003\n');
    expect(sessions()).toEqual([`session ${from}`, `session ${to}`]);
  });

  it('without anything between, and with some at one end', async () => {
    const send = on('nas', ['printf', 'abc']);
    const plain = await hosts.pipe([send, on('offsite', ['wc', '-c'])], direct);
    expect([ends(plain), plain.stages[1]?.stderr]).toEqual([[[0], [0]], '3\n']);
    const more = await hosts.pipe([send, on('nas', ['cat']), on('offsite', ['wc', '-c'])], direct);
    expect([ends(more), more.stages[2]?.stderr]).toEqual([[[0], [0], [0]], '3\n']);
  });

  it('blames who failed by itself', async () => {
    const full = on('offsite', sh('head -c 100 >/dev/null; echo "out of space" >&2; exit 1'));
    const receiver = await hosts.pipe(stages(on('nas', ['cat', '/dev/zero']), full), direct);
    expect(receiver.cause).toEqual({ stage: 3, status: 1, stderr: 'out of space\n' });
    const gone = on('nas', sh('echo "no such snapshot" >&2; exit 1'));
    const starved = on('offsite', sh('cat >/dev/null; echo "incomplete stream" >&2; exit 1'));
    const sender = await hosts.pipe(stages(gone, starved), direct);
    expect(sender.cause).toEqual({ stage: 0, status: 1, stderr: 'no such snapshot\n' });
    const middle = [on('nas', ['cat', '/dev/zero']), on('nas', sh('echo "no key" >&2; exit 5')), starved];
    expect((await hosts.pipe(middle, direct)).cause).toEqual({ stage: 1, status: 5, stderr: 'no key\n' });
  });

  it('ends what goes on although the other end has failed', async () => {
    const stays = on('nas', sh('exec >/dev/null; sleep 62.25'));
    const result = await hosts.pipe(stages(stays, on('offsite', sh('exit 4'))), direct);
    expect(result.cause).toMatchObject({ stage: 3, status: 4 });
    const { results } = await hosts.run(on('', sh('ps -eo args | grep "^sleep 62.2[5]"; true')));
    expect(results[0]?.stdout).toBe('');
  });

  it('says that one host does not reach the other', async () => {
    const send = on('nas', ['cat', '/dev/zero']);
    await expect(hosts.pipe(stages(send, on('unreachable', ['cat'])), direct)).rejects.toMatchObject({
      code: 'host-unreachable',
      host: 'nas',
    });
  });
});
