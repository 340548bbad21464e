import type { CommandResult, LastHolder } from '../src/host/hosts.ts';
import { changes } from './change.ts';
import { isOpen } from './crypt.ts';
import { SimError } from './errors.ts';
import { get, list, type Printed } from './list.ts';
import type { Means } from './means.ts';
import { mountsByItself } from './properties.ts';
import type { Random } from './random.ts';
import { poolNameOf, type SimDataset, SimPool } from './state.ts';
import { abortReceive, estimate } from './stream.ts';

/** Commands of `zfs` that the history of a pool does not have. */
const quiet = new Set(['list', 'get', 'holds', 'allow', 'userspace', 'version', 'send', 'mount', 'unmount']);

const features = [
  'bookmarks',
  'embedded_data',
  'encryption',
  'extensible_dataset',
  'large_blocks',
  'lz4_compress',
  'userobj_accounting',
];

/** A machine with pools: it answers commands as OpenZFS 2.3 does. */
export class SimHost {
  readonly name: string;
  readonly pools = new Map<string, SimPool>();
  /** Who holds a lock, or how its last holder ended. */
  readonly locks = new Map<string, { held: string | undefined; before: LastHolder }>();
  /** How each receive that runs is ended, by process. */
  readonly receives = new Map<number, () => void>();
  readonly means: Means;
  /** What happens right before a command of ours begins. */
  before: ((argv: readonly string[]) => void) | undefined;
  /** Where a stream into a dataset breaks off, in bytes. */
  breaksOff: ((dataset: string) => number | undefined) | undefined;
  readonly #random: Random;
  readonly #now: () => number;
  /** Milliseconds by which its own clock is ahead. */
  aheadMs = 0;
  #nextPid = 1000;

  constructor(name: string, random: Random, now: () => number) {
    this.name = name;
    this.#random = random;
    this.#now = () => now() + this.aheadMs;
    this.means = { pools: this.pools, random, now: () => Math.floor(this.#now() / 1000) };
  }

  addPool(name: string, capacity?: number): SimPool {
    const pool = new SimPool(name, this.#random.guid(), capacity);
    pool.now = this.means.now;
    this.pools.set(name, pool);
    const dataset: SimDataset = {
      name,
      type: 'filesystem',
      guid: this.#random.guid(),
      txg: 1,
      creation: this.means.now(),
      local: new Map(),
      snapshots: [],
      bookmarks: [],
      origin: undefined,
      content: { files: new Map(), bytes: 0 },
      written: 0,
      mounted: true,
      inconsistent: false,
      partial: undefined,
      receiving: undefined,
      crypt: undefined,
    };
    pool.datasets.set(name, dataset);
    return pool;
  }

  /** Power is lost and comes back: nothing runs any more, keys are to be loaded again, and what mounts by itself is mounted. */
  cutPower(): void {
    for (const end of this.receives.values()) end();
    this.locks.clear();
    const all = [...this.pools.values()].flatMap(({ datasets }) => [...datasets.values()]);
    for (const { crypt } of all) if (crypt) crypt.loaded = false;
    for (const pool of this.pools.values())
      for (const one of pool.datasets.values())
        one.mounted = mountsByItself(pool, one) && isOpen(one) && !one.inconsistent;
  }

  newPid(): number {
    return this.#nextPid++;
  }

  /** One command, to its end. */
  run(argv: readonly string[]): CommandResult {
    try {
      const { out, err } = this.#answer(argv);
      return { argv, status: err === '' ? 0 : 1, stdout: out, stderr: err === '' ? '' : `${err}\n` };
    } catch (error) {
      if (!(error instanceof SimError)) throw error;
      return { argv, status: error.status, stdout: '', stderr: `${error.message}\n` };
    }
  }

  #answer(argv: readonly string[]): Printed {
    const [program, verb = '', ...words] = argv;
    const said = (out: string): Printed => ({ out, err: '' });
    if (program === 'ps') return said(this.#processes());
    if (program === 'date') return said(`${this.means.now()}\n`);
    if (program === 'kill') {
      const end = this.receives.get(Number(argv.at(-1)));
      if (end === undefined) throw new SimError(`kill: (${argv.at(-1)}) - No such process`);
      end();
      return said('');
    }
    if (program === 'zpool') return said(this.#zpool(verb, words));
    if (program !== 'zfs') throw new SimError(`sh: 1: ${program}: not found`, 127);
    switch (verb) {
      case 'list':
        return list(this.pools, words);
      case 'get':
        return get(this.pools, words);
      case 'holds':
        return said(this.#holds(words));
      case 'version':
        return said('zfs-2.3.9-1\nzfs-kmod-2.3.9-1\n');
      case 'allow':
        return said('');
      case 'userspace':
        return said(this.#userspace(words.at(-1) ?? ''));
      case 'send':
        return said(estimate(this.pools, words));
      case 'receive':
        if (words[0] !== '-A') throw new Error('a receive stands at the end of a pipeline');
        abortReceive(this.pools, words[1] ?? '');
        break;
      default: {
        const change = changes[verb];
        if (change === undefined) throw new Error(`zfs ${verb} is not simulated`);
        change(this.means, words);
      }
    }
    this.note(argv);
    return said('');
  }

  /** Into the history of the pool that it names last. */
  note(argv: readonly string[]): void {
    const [, verb = '', ...words] = argv;
    if (quiet.has(verb)) return;
    const last = words.findLast((word) => this.pools.has(poolNameOf(word)));
    const pool = last === undefined ? undefined : this.pools.get(poolNameOf(last));
    pool?.history.push({ at: this.#now(), argv, host: this.name });
  }

  #zpool(verb: string, words: readonly string[]): string {
    if (verb === 'sync') return '';
    if (verb === 'list') return [...this.pools.keys()].map((name) => `${name}\n`).join('');
    const name = words.at(-1) ?? '';
    const pool = this.pools.get(name);
    if (verb !== 'get') throw new Error(`zpool ${verb} is not simulated`);
    if (pool === undefined) throw new SimError(`Cannot get properties of ${name}: no such pool available.`);
    const rows = [
      ['guid', pool.guid],
      ['health', 'ONLINE'],
      ['readonly', 'off'],
      ...features.map((feature) => [`feature@${feature}`, 'active']),
    ];
    return rows.map((row) => `${row.join('\t')}\n`).join('');
  }

  #holds(words: readonly string[]): string {
    const names = words.filter((word) => !word.startsWith('-'));
    return names
      .map((full) => {
        const [name = '', short = ''] = full.split('@');
        const one = this.pools
          .get(poolNameOf(name))
          ?.datasets.get(name)
          ?.snapshots.find((each) => each.name === short);
        if (one === undefined) throw new SimError(`cannot open '${full}': dataset does not exist`);
        return [...one.holds].map(([tag, at]) => `${full}\t${tag}\t${at}\n`).join('');
      })
      .join('');
  }

  /** The root folder is an object, too. */
  #userspace(name: string): string {
    const dataset = this.pools.get(poolNameOf(name))?.datasets.get(name);
    if (dataset === undefined) throw new SimError(`cannot open '${name}': dataset does not exist`);
    return `${1 + dataset.content.files.size}\n`;
  }

  /** Its receives, each below the shell that bears its run's mark. */
  #processes(): string {
    const lines: string[] = ['    1     0 01:00:00 /sbin/init'];
    for (const pool of this.pools.values()) {
      for (const { receiving } of pool.datasets.values()) {
        if (receiving === undefined) continue;
        const { pid, line, mark } = receiving;
        lines.push(`${pid + 50_000} 1 00:10 sh -c ${mark ?? ''}`, `${pid} ${pid + 50_000} 00:10 ${line}`);
      }
    }
    return `${lines.join('\n')}\n`;
  }
}
