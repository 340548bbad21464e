import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import type { CommandEvent, Stage } from './hosts.ts';
import { openHosts } from './open-hosts.ts';
import { pdeathsigTie, watchedTie } from './tie.ts';

const here = (...commands: string[][]): Stage => ({ host: '', commands: commands.map((argv) => ({ argv })) });
const sh = (script: string, ...args: string[]): string[] => ['sh', '-c', script, ...args];
const gate = join(tmpdir(), `zferry-gate-${process.pid}`);

// Both ties, since the shell around a program has its own ways with stdin, statuses and ends.
const ties = [
  ['setpriv', async () => pdeathsigTie()],
  ['a watching shell', watchedTie],
] as const;

describe.each(ties)('this machine, tied by %s', (_, tie) => {
  const events: CommandEvent[] = [];
  const hosts = openHosts({ tie, graceMs: 300, onCommand: (event) => events.push(event) });
  afterAll(async () => await hosts.close());

  describe('a batch', () => {
    it('gives each command its own output and status, and stops at the first that fails', async () => {
      const argvs = [['printf', 'no newline'], sh('echo out; echo err >&2'), sh('exit 7'), ['echo', 'never']];
      expect(await hosts.run(here(...argvs))).toEqual({
        results: [
          { argv: argvs[0], status: 0, stdout: 'no newline', stderr: '' },
          { argv: argvs[1], status: 0, stdout: 'out\n', stderr: 'err\n' },
          { argv: argvs[2], status: 7, stdout: '', stderr: '' },
          { argv: argvs[3], status: undefined, stdout: '', stderr: '' },
        ],
      });
    });

    it('goes on after an optional one', async () => {
      const commands = [{ argv: ['false'], optional: true as const }, { argv: ['echo', 'on'] }];
      const { results } = await hosts.run({ host: '', commands });
      expect(results.map(({ status, stdout }) => [status, stdout])).toEqual([
        [1, ''],
        [0, 'on\n'],
      ]);
    });

    it('counts a missing program and an end by a signal as a shell does', async () => {
      const commands = [{ argv: ['no-such-program'], optional: true as const }, { argv: sh('kill -9 $$') }];
      const { results } = await hosts.run({ host: '', commands });
      expect(results.map(({ status }) => status)).toEqual([127, 137]);
      expect(results[0]?.stderr).toMatch(/no-such-program/);
    });

    it('speaks English and finds what only root has on the PATH', async () => {
      const { results } = await hosts.run(here(sh('echo "$LC_ALL $PATH"')));
      expect(results[0]?.stdout).toMatch(/^C .*:\/usr\/local\/sbin:\/usr\/sbin:\/sbin\n$/);
    });

    it('keeps all of a long stdout, and the ends of a long stderr', async () => {
      const { results } = await hosts.run(here(['seq', '300000'], sh('seq 100000 >&2')));
      expect(results[0]?.stdout.length).toBe(1_988_895);
      expect(results[1]?.stderr).toMatch(/^1\n2\n[^]*characters left out[^]*\n100000\n$/);
    });

    it('lets some go on at the same time, each told of by its number, whatever becomes of the others', async () => {
      // The third lets the first go on, and the second fails meanwhile.
      const argvs = [
        sh('until [ -e "$0" ]; do sleep 0.02; done; printf %s "first, $1"', gate, '%s \\n'),
        sh('echo "no such thing" >&2; exit 3'),
        sh(': > "$0"', gate),
        ['no-such-program'],
        sh('printf "%5000d" 7'),
      ];
      const last = argvs.map((argv) => ({ argv, optional: true as const }));
      const { results } = await hosts.run({
        host: '',
        commands: [{ argv: ['echo', 'ready'] }, ...last],
        atOnce: 3,
      });
      rmSync(gate);
      expect(results[0]).toEqual({ argv: ['echo', 'ready'], status: 0, stdout: 'ready\n', stderr: '' });
      const rest = results.slice(1);
      expect(rest.map(({ argv }) => argv)).toEqual(argvs);
      expect(rest.map(({ status, stdout }) => [status, stdout])).toEqual(
        [0, 3, 0, 127, 0].map((status) => [status, '']),
      );
      const said = rest.map(({ stderr }) => stderr);
      expect(said.slice(0, 3)).toEqual(['first, %s \\n', 'no such thing', '']);
      expect(said[3]).toMatch(/no-such-program/);
      expect(said[4]).toHaveLength(2000);
      expect(events.at(-1)?.line).toMatch(
        /^echo ready && \{ \{ sh -c .*; no-such-program; \} & \{ .* & \{ .*\} & wait; \}$/,
      );
    });

    it('lets none of them go on where one before them fails', async () => {
      const commands = [{ argv: ['false'] }, { argv: ['echo', 'never'], optional: true as const }];
      const { results } = await hosts.run({ host: '', commands, atOnce: 3 });
      expect(results.map(({ status }) => status)).toEqual([1, undefined]);
    });

    it('goes on in all of them where one line does not take all', async () => {
      const many = Array.from({ length: 300 }, (_, index) =>
        sh(`echo ${index} ${'x'.repeat(1000)}; exit ${index % 3}`),
      );
      const commands = many.map((argv) => ({ argv, optional: true as const }));
      const { results } = await hosts.run({ host: '', commands, atOnce: 8 });
      expect(results.map(({ status }) => status)).toEqual(many.map((_, index) => index % 3));
      expect(results.map(({ stderr }) => Number.parseInt(stderr, 10))).toEqual(many.map((_, index) => index));
    });

    it('takes more lines than one where a shell could not read it at once', async () => {
      const many = Array.from({ length: 150 }, (_, index) => ['echo', `${index}`, 'x'.repeat(1000)]);
      const before = events.length;
      const { results } = await hosts.run(here(...many));
      expect(results.map(({ stdout }) => Number.parseInt(stdout, 10))).toEqual(many.map((_, index) => index));
      expect(events.length - before).toBe(2);
      const stopped = await hosts.run(here(...many.slice(0, 50), ['false'], ...many));
      expect(stopped.results.filter(({ status }) => status === undefined)).toHaveLength(150);
    });

    it('is ended when it is cancelled, with what it started', async () => {
      const stop = new AbortController();
      const run = hosts.run(here(sh('sleep 61.5; true')), { signal: stop.signal });
      setTimeout(() => stop.abort(), 100);
      await expect(run).rejects.toMatchObject({ code: 'cancelled', exitCode: 130 });
      await expect(hosts.run(here(['true']), { signal: stop.signal })).rejects.toMatchObject({
        code: 'cancelled',
      });
      const { results } = await hosts.run(here(sh('ps -eo args | grep "^sleep 61.5"; true')));
      expect(results[0]?.stdout).toBe('');
    });

    it('is ended when its time is up', async () => {
      await expect(hosts.run(here(['sleep', '60']), { timeoutMs: 100 })).rejects.toMatchObject({
        code: 'timeout',
        message: 'A command on this machine was not done within 0.1 s and was ended',
        command: 'sleep 60',
      });
    });

    it('says so when its shell is killed', async () => {
      await expect(hosts.run(here(sh('kill -9 $PPID; sleep 0.2')))).rejects.toMatchObject({
        code: 'shell-died',
      });
    });
  });

  describe('a pipeline', () => {
    it('carries bytes unchanged, trains too, and ends well', async () => {
      const size = 20_000_000;
      const { ok, stages } = await hosts.pipe([
        here(['head', '-c', `${size}`, '/dev/zero'], ['printf', 'end']),
        here(['cat']),
        here(['sha256sum']),
      ]);
      const hash = createHash('sha256').update(Buffer.alloc(size)).update('end').digest('hex');
      expect(ok).toBe(true);
      expect(stages.map(({ statuses, exit }) => [statuses, exit])).toEqual([
        [[0, 0], { code: 0 }],
        [[0], { code: 0 }],
        [[0], { code: 0 }],
      ]);
      expect(stages[2]?.stderr).toBe(`${hash}  -\n`);
    });

    it('gives a train of receivers one stream after the other', async () => {
      const { ok, stages } = await hosts.pipe([
        here(['printf', 'aaa'], ['printf', 'bbb']),
        here(['dd', 'bs=1', 'count=3', 'of=/dev/null'], ['wc', '-c']),
      ]);
      expect(ok).toBe(true);
      expect(stages[1]?.stderr).toMatch(/3 bytes copied[^]*\n3\n$/);
    });

    it('names the receiver when its failure ends the sender', async () => {
      const result = await hosts.pipe([
        here(['cat', '/dev/zero']),
        here(sh('echo out of space >&2; exit 1')),
      ]);
      expect(result).toMatchObject({ ok: false, cause: { stage: 1, status: 1, stderr: 'out of space\n' } });
      expect(result.stages[0]?.statuses).toEqual([141]);
    });

    it('stops a train at the first failure, and says what that command said', async () => {
      const train = here(sh('echo fine >&2'), sh('echo wrong >&2; exit 3'), ['echo', 'never']);
      const result = await hosts.pipe([train, here(['cat'])]);
      expect(result.cause).toEqual({ stage: 0, status: 3, stderr: 'wrong\n' });
      expect(result.stages[0]).toMatchObject({ statuses: [0, 3, undefined], stderr: 'fine\nwrong\n' });
      expect(result.stages[1]).toMatchObject({ statuses: [0], stderr: '' });
    });

    it('names a program that is missing', async () => {
      const { cause } = await hosts.pipe([here(['no-such-program']), here(['cat'])]);
      expect(cause).toMatchObject({ stage: 0, status: 127 });
      expect(cause?.stderr).toMatch(/no-such-program/);
    });

    it.concurrent('tells each line of stderr while it runs', async () => {
      const lines: [number, string, number][] = [];
      const began = performance.now();
      await hosts.pipe([here(sh('echo one >&2; sleep 0.3; echo two >&2'), ['true']), here(['cat'])], {
        onStderrLine: (stage, line) => lines.push([stage, line, performance.now() - began]),
      });
      expect(lines.map(([stage, line]) => [stage, line])).toEqual([
        [0, 'one'],
        [0, 'two'],
      ]);
      expect((lines[1]?.[2] ?? 0) - (lines[0]?.[2] ?? 0)).toBeGreaterThan(200);
    });

    it.concurrent('ends a stage that goes on although another has failed', async () => {
      const began = performance.now();
      const result = await hosts.pipe([here(['sleep', '60']), here(sh('exit 4'))]);
      expect(result.cause).toMatchObject({ stage: 1, status: 4 });
      expect(performance.now() - began).toBeGreaterThan(290);
      expect(performance.now() - began).toBeLessThan(3000);
    });

    it('is ended when it is cancelled', async () => {
      const stop = new AbortController();
      const began = performance.now();
      const pipe = hosts.pipe([here(['cat', '/dev/zero']), here(sh('sleep 62.5'), ['true'])], {
        signal: stop.signal,
      });
      setTimeout(() => stop.abort(), 100);
      await expect(pipe).rejects.toMatchObject({ code: 'cancelled' });
      expect(performance.now() - began).toBeLessThan(2900);
    });

    it('says which line it is, once', async () => {
      events.length = 0;
      await hosts.pipe([here(['echo', 'a'], ['echo', 'b']), here(['cat'])]);
      expect(events).toEqual([{ kind: 'pipe', host: '', hosts: ['', ''], line: '(echo a && echo b) | cat' }]);
    });

    it('needs a command in each stage', async () => {
      await expect(hosts.pipe([here(['true']), here()])).rejects.toMatchObject({ code: 'bad-command' });
    });
  });

  describe('following a command', () => {
    it('yields its lines, the last also without a newline', async () => {
      const lines: string[] = [];
      for await (const line of hosts.follow('', { argv: ['printf', 'a\\n\\nb'] })) lines.push(line);
      expect(lines).toEqual(['a', '', 'b']);
    });

    it('ends it when nobody wants more', async () => {
      for await (const line of hosts.follow('', { argv: sh('echo first; sleep 63.5') })) {
        expect(line).toBe('first');
        break;
      }
      const { results } = await hosts.run(here(sh('ps -eo args | grep "^sleep 63.5"; true')));
      expect(results[0]?.stdout).toBe('');
    });

    it('ends quietly when it is cancelled', async () => {
      const lines: string[] = [];
      const options = { signal: AbortSignal.timeout(200) };
      for await (const line of hosts.follow('', { argv: sh('echo a; sleep 60') }, options)) lines.push(line);
      expect(lines).toEqual(['a']);
    });

    it('says that the command failed', async () => {
      const follow = hosts.follow('', { argv: sh('echo no events >&2; exit 2') });
      await expect(follow[Symbol.asyncIterator]().next()).rejects.toMatchObject({
        code: 'command-failed',
        meaning: 'It said: no events',
      });
    });
  });
});

it('ends what still runs when it is closed, and starts nothing afterwards', async () => {
  const hosts = openHosts();
  const run = hosts.run(here(['sleep', '60']));
  const refused = expect(run).rejects.toMatchObject({ code: 'cancelled' });
  await sleep(100);
  await hosts.close();
  await refused;
  await expect(hosts.run(here(['true']))).rejects.toMatchObject({ code: 'cancelled' });
});

// Each takes seconds, so they run at once.
describe('slow ends', () => {
  it.concurrent('loses nothing to a reader who takes a while', async () => {
    const hosts = openHosts();
    let count = 0;
    for await (const line of hosts.follow('', { argv: ['seq', '20000'] })) {
      count += 1;
      if (line === '10') await sleep(2500);
    }
    expect(count).toBe(20_000);
    await hosts.close();
  });

  it.concurrent('does not wait for what a command left running', async () => {
    const hosts = openHosts();
    const began = performance.now();
    const { results } = await hosts.run(here(sh('echo done; sleep 3.9 & :')));
    expect(results[0]).toMatchObject({ status: 0, stdout: 'done\n' });
    expect(performance.now() - began).toBeLessThan(3500);
    await hosts.close();
  });

  it.concurrent.each(ties)(
    'a stage that does not end when asked is ended hard, tied by %s',
    async (_, tie) => {
      const hosts = openHosts({ tie, graceMs: 100 });
      const began = performance.now();
      const stubborn = sh("trap '' TERM; while :; do sleep 0.1; done");
      const result = await hosts.pipe([here(stubborn), here(sh('exit 4'))]);
      expect(result.cause).toMatchObject({ stage: 1, status: 4 });
      expect(performance.now() - began).toBeLessThan(5000);
      await hosts.close();
    },
  );
});
