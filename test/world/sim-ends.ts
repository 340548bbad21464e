import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { SimHost } from '../../sim/host.ts';
import { SimProcess, type SimWorld } from '../../sim/hosts.ts';
import { randomFrom } from '../../sim/random.ts';
import { Scheduler } from '../../sim/scheduler.ts';
import { poolNameOf } from '../../sim/state.ts';
import type { Io } from '../../src/cli/io.ts';
import { runProgram } from '../../src/cli/program.ts';
import { type Run, runOf } from './run-zferry.ts';
import type { Ends } from './scenario.ts';
import { type Side, zfsSide } from './side.ts';

/** Two simulated hosts with an empty pool each, and zferry in this process. */
export function openSimEnds(state: string): Promise<Ends> {
  const random = randomFrom(1);
  const scheduler = new Scheduler(random, Date.UTC(2026, 10, 20, 3));
  const [a, b] = ['a', 'b'].map((name) => new SimHost(name, random, () => scheduler.now));
  if (a === undefined || b === undefined) throw new Error('two hosts');
  a.addPool('src');
  b.addPool('dst');
  const world: SimWorld = {
    hosts: new Map([a, b].map((host) => [host.name, host])),
    scheduler,
    onTouch: () => 'goes',
    linger: () => 0,
    chunk: 1_000_000,
  };
  return Promise.resolve({
    source: openSide(a, 'src'),
    target: openSide(b, 'dst'),
    prefixes: ['a:', 'b:'],
    zferry: async (...args) => {
      const words = args.map((word) => word.replace('{source}', 'a:').replace('{target}', 'b:'));
      scheduler.passed += 2000;
      return await runInside(world, state, words);
    },
    cable: notHere,
    cutPower: notHere,
    syncDuring: notHere,
    sshConfig: notHere,
  });
}

function notHere(): never {
  throw new Error('this needs real hosts: say so with the option "real" of the scenario');
}

async function runInside({ scheduler, ...rest }: SimWorld, state: string, args: string[]): Promise<Run> {
  const world = { scheduler, ...rest };
  let [out, err] = ['', ''];
  const io: Io = {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    errIsTerminal: false,
    env: { ZFERRY_STATE: state },
    uid: 0,
    now: () => scheduler.now,
    sleep: (ms, signal) => scheduler.sleep(ms, signal),
    random: () => 0.5,
    who: 'somebody@here, process 1',
    openHosts: ({ onCommand }) => Promise.resolve(new SimProcess(world, onCommand)),
    signal: new AbortController().signal,
  };
  const now = { over: false };
  const ended = runProgram(io, '0.0.0', args).finally(() => {
    now.over = true;
  });
  // The record of a run is a real one, and is waited for; only then does time pass.
  for (let idle = 0; !now.over; ) {
    await turn();
    if (now.over) break;
    if (scheduler.step()) idle = 0;
    else if (idle++ < 20) await sleep(1);
    else scheduler.jump();
  }
  return runOf(await ended, out, err);
}

function openSide(host: SimHost, pool: string): Side {
  const zfs: Side['zfs'] = (...args) => {
    const { status, stdout, stderr } = host.run(['zfs', ...args]);
    return status === 0 ? Promise.resolve(stdout) : Promise.reject(new Error(stderr));
  };
  const find = (name: string) => {
    const dataset = host.pools.get(poolNameOf(name))?.datasets.get(name);
    if (dataset === undefined) throw new Error(`no dataset ${name}`);
    return dataset;
  };
  const put = (name: string, file: string, text: string, bytes: number): Promise<void> => {
    const dataset = find(name);
    if (!dataset.mounted) throw new Error(`${name} is not mounted`);
    const files = new Map([...dataset.content.files, [file, text]]);
    dataset.content = { files, bytes: dataset.content.bytes + bytes };
    dataset.written += bytes;
    return Promise.resolve();
  };
  return {
    ...zfsSide(pool, zfs),
    zpool: (...args) => {
      const { status, stdout, stderr } = host.run(['zpool', ...args]);
      return status === 0 ? Promise.resolve(stdout) : Promise.reject(new Error(stderr));
    },
    turnClock: (hours) => {
      host.aheadMs += hours * 3_600_000;
      return Promise.resolve();
    },
    sh: notHere,
    write: (dataset, file, text) => put(dataset, file, text, Buffer.byteLength(text)),
    fill: (dataset, file, bytes) => put(dataset, file, `${bytes} bytes`, bytes),
    read: (dataset, file) => {
      const text = find(dataset).mounted ? find(dataset).content.files.get(file) : undefined;
      return text === undefined ? Promise.reject(new Error(`no file ${file}`)) : Promise.resolve(text);
    },
    holds: () => {
      const all = [...(host.pools.get(pool)?.datasets.values() ?? [])];
      const held = all.flatMap(({ name, snapshots }) =>
        snapshots.flatMap((one) => [...one.holds.keys()].map((tag) => `${name}@${one.name} ${tag}`)),
      );
      return Promise.resolve(held.sort());
    },
    release: (name) => {
      for (const one of host.pools.get(pool)?.tree(name) ?? [])
        for (const each of one.snapshots) each.holds.clear();
      return Promise.resolve();
    },
    processes: () => Promise.resolve([]),
    until: notHere,
    received: notHere,
    intercept: notHere,
    before: (verb, commands, word = '') => {
      host.before = (argv) => {
        if (argv[0] !== 'zfs' || argv[1] !== verb || !` ${argv.join(' ')} `.includes(word)) return;
        for (const args of commands) host.run(['zfs', ...args]);
      };
      return Promise.resolve();
    },
    breakOff: (bytes, name = '') => {
      host.breaksOff = (dataset) => (dataset.endsWith(name) ? bytes : undefined);
      return Promise.resolve();
    },
    pause: notHere,
    paused: notHere,
    goOn: notHere,
    letPass: () => {
      host.before = undefined;
      host.breaksOff = undefined;
      return Promise.resolve();
    },
  };
}
