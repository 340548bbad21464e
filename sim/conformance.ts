import { quoteArgv } from '../src/host/quote.ts';
import { explainZfsError } from '../src/zfs/errors.ts';
import { ownKey } from './acts.ts';
import { isOpen } from './crypt.ts';
import { SimError } from './errors.ts';
import { SimHost } from './host.ts';
import type { Random } from './random.ts';
import type { SimDataset, SimPool } from './state.ts';
import { beginReceive, endReceive, receiveWords, send } from './stream.ts';

/** Something that is done on both: a command, a stream from one dataset into another, or a file that is written. */
type Step =
  | { readonly kind: 'command'; readonly argv: readonly string[] }
  | { readonly kind: 'copy'; readonly send: readonly string[]; readonly receive: readonly string[] }
  | { readonly kind: 'write'; readonly dataset: string; readonly bytes: number };

/** How it ended: `ok`, or the code of what was said. */
type Outcome = string;

export type Conformance = {
  /** Commands that were run on both. */
  readonly compared: number;
  /** Those that were refused, by code. */
  readonly refused: ReadonlyMap<string, number>;
  readonly differences: readonly string[];
};

/** Commands between two looks at all that is there. */
const blockSize = 20;

/**
 * Runs commands drawn by chance on a simulated pool and on a real one that is as empty, and compares how each ends and what is there afterwards. Stops after the
 * first block in which something differs, since what follows would differ, too.
 * @param sh runs a script on the real host @param pool its name on both; nothing in the real one is mounted by itself
 */
export async function conform(
  sh: (script: string) => Promise<string>,
  pool: string,
  random: Random,
  count: number,
): Promise<Conformance> {
  const host = new SimHost('sim', random, () => Date.UTC(2026, 10, 20, 3));
  const simulated = host.addPool(pool);
  simulated.datasets.get(pool)?.local.set('mountpoint', 'legacy');
  const refused = new Map<string, number>();
  let compared = 0;
  while (compared < count) {
    const steps: Step[] = [];
    const outcomes: Outcome[] = [];
    while (steps.length < blockSize) {
      const step = anyStep(random, simulated);
      if (step === undefined) continue;
      steps.push(step);
      outcomes.push(simulate(host, step));
    }
    const answer = await sh(`${steps.map(scriptOf).join('\n')}\n${stateScript(pool)}`);
    const [ended = '', state = ''] = answer.split('=== state\n');
    const real = outcomesIn(ended);
    const differences = steps.flatMap((step, i) => {
      const { code, said } = real[i] ?? { code: 'nothing', said: '' };
      return code === outcomes[i] ? [] : [`${textOf(step)}: ${outcomes[i]} here, ${code} there (${said})`];
    });
    const [mine, theirs] = [stateOf(simulated), canonical(state)];
    differences.push(...mine.filter((line) => !theirs.includes(line)).map((line) => `only here: ${line}`));
    differences.push(...theirs.filter((line) => !mine.includes(line)).map((line) => `only there: ${line}`));
    compared += steps.length;
    for (const outcome of outcomes)
      if (outcome !== 'ok') refused.set(outcome, (refused.get(outcome) ?? 0) + 1);
    if (differences.length > 0) {
      return {
        compared,
        refused,
        differences: [...differences, ...steps.map((step) => `  ${textOf(step)}`)],
      };
    }
  }
  return { compared, refused, differences: [] };
}

function anyStep(random: Random, pool: SimPool): Step | undefined {
  const all = [...pool.datasets.values()];
  const below = all.filter(({ name }) => name !== pool.name);
  const one = random.pick(all);
  const child = below.length > 0 ? random.pick(below) : undefined;
  const snapshot = ({ name, snapshots }: SimDataset): string =>
    `${name}@${snapshots.length > 0 && random.chance(0.9) ? random.pick(snapshots).name : 's9'}`;
  const fresh = `${one.name}/d${random.below(4)}`;
  const command = (...argv: string[]): Step => ({ kind: 'command', argv: ['zfs', ...argv] });
  const draws: (() => Step | undefined)[] = [
    () => (all.length < 10 && one.name.split('/').length < 4 ? command('create', fresh) : undefined),
    () => command('snapshot', `${one.name}@s${random.below(5)}`),
    () => command('snapshot', `${one.name}@s${random.below(5)}`),
    () => command('snapshot', '-r', `${one.name}@s${random.below(5)}`),
    () => command('destroy', snapshot(one)),
    () => child && command('destroy', child.name),
    // The same: over held ones it stops in the middle.
    () =>
      child && random.chance(0.3) && pool.tree(child.name).every(isFree)
        ? command('destroy', '-r', child.name)
        : undefined,
    () => child && command('rename', child.name, `${pool.name}/r${random.below(4)}`),
    () => child && command('rename', child.name, fresh),
    () => command('rename', snapshot(one), `${one.name}@s${random.below(5)}`),
    () => command('rollback', snapshot(one)),
    // Over held ones ZFS stops in the middle of it, and what has gone by then is its own affair.
    () => (random.chance(0.4) && isFree(one) ? command('rollback', '-r', snapshot(one)) : undefined),
    () => (all.length < 10 ? command('clone', snapshot(one), `${pool.name}/c${random.below(3)}`) : undefined),
    // A pool's root that became a clone could never be emptied again.
    () => (child && !isOfRoot(pool, child) ? command('promote', child.name) : undefined),
    () => command('bookmark', snapshot(one), `${one.name}#b${random.below(3)}`),
    () => command('destroy', `${one.name}#b${random.below(3)}`),
    () => command('hold', ...anyDepth(random), `t${random.below(2)}`, snapshot(one)),
    () => command('release', `t${random.below(2)}`, snapshot(one)),
    () => releaseTree(random, pool, one, snapshot(one)),
    () => command('set', `my:note=${random.below(3)}`, one.name),
    () => command('inherit', ...anyDepth(random), 'my:note', one.name),
    () =>
      command('set', random.pick(['quota=2G', 'quota=none', 'compression=gzip', 'canmount=off']), one.name),
    () => command('inherit', random.pick(['compression', 'canmount']), one.name),
    () => (all.length < 10 ? command('create', ...ownKey, `${one.name}/e${random.below(2)}`) : undefined),
    () => child && command(random.pick(['load-key', 'unload-key']), child.name),
    () => child && command('change-key', ...ownKey.slice(-2), child.name),
    () => ({ kind: 'write', dataset: one.name, bytes: 1 + random.below(200_000) }),
    () => anyCopy(random, pool, one),
    () => anyCopy(random, pool, one),
    () => anyCopy(random, pool, one),
  ];
  return random.pick(draws)();
}

/** Where none has the tag, what is said is of the last one that ZFS has looked at, in an order of its own. */
function releaseTree(random: Random, pool: SimPool, one: SimDataset, full: string): Step | undefined {
  const [tag, short] = [`t${random.below(2)}`, full.slice(full.indexOf('@') + 1)];
  const isHeld = pool
    .tree(one.name)
    .some(({ snapshots }) => snapshots.some(({ name, holds }) => name === short && holds.has(tag)));
  return isHeld ? { kind: 'command', argv: ['zfs', 'release', '-r', tag, full] } : undefined;
}

/** With what is below, or without. */
function anyDepth(random: Random): string[] {
  return random.chance(0.5) ? ['-r'] : [];
}

function isFree({ snapshots }: SimDataset): boolean {
  return snapshots.every(({ holds }) => holds.size === 0);
}

function isOfRoot(pool: SimPool, { origin }: SimDataset): boolean {
  return origin !== undefined && pool.ownerOf(origin)?.name === pool.name;
}

/** A full stream or an increment, often onto what is a copy already. */
function anyCopy(random: Random, pool: SimPool, from: SimDataset): Step | undefined {
  if (from.snapshots.length === 0) return undefined;
  const to = random.pick(from.snapshots);
  const older = from.snapshots.filter((one) => one.txg < to.txg);
  const marks = from.bookmarks.filter((one) => one.txg < to.txg);
  const names = [...older.map((one) => `@${one.name}`), ...marks.map((one) => `#${one.name}`)];
  const base = names.length > 0 && random.chance(0.7) ? random.pick(names) : undefined;
  const many = base?.startsWith('@') === true && random.chance(0.3);
  const copies = [...pool.datasets.values()].filter(({ snapshots }) =>
    snapshots.some((one) => older.some(({ guid }) => guid === one.guid)),
  );
  const target =
    base !== undefined && copies.length > 0 && random.chance(0.8)
      ? random.pick(copies).name
      : `${pool.name}/k${random.below(3)}`;
  const raw = from.crypt !== undefined && random.chance(0.7);
  // What ZFS says where it comes raw and is there already depends on how far the sender got.
  if (
    raw &&
    pool.datasets
      .get(target)
      ?.snapshots.some(({ guid }) =>
        from.snapshots.some((one) => one.guid === guid && one.txg > (older.at(-1)?.txg ?? 0)),
      )
  )
    return undefined;
  return {
    kind: 'copy',
    send: [
      'zfs',
      'send',
      ...(raw ? ['-w'] : []),
      ...(base === undefined ? [] : [many ? '-I' : '-i', base]),
      `${from.name}@${to.name}`,
    ],
    receive: ['zfs', 'receive', '-u', target],
  };
}

function simulate(host: SimHost, step: Step): Outcome {
  switch (step.kind) {
    case 'command': {
      const { status, stderr } = host.run(step.argv);
      return status === 0 ? 'ok' : codeOf(stderr);
    }
    case 'write': {
      const dataset = host.pools.get(step.dataset.replace(/\/.*/, ''))?.datasets.get(step.dataset);
      if (dataset === undefined || !isOpen(dataset)) return 'ok';
      dataset.content = { files: dataset.content.files, bytes: dataset.content.bytes + step.bytes };
      dataset.written += step.bytes;
      return 'ok';
    }
    case 'copy':
      return copy(host, step.send, step.receive);
  }
}

function copy(host: SimHost, sending: readonly string[], receiving: readonly string[]): Outcome {
  try {
    const words = receiveWords(receiving.slice(2));
    for (const part of send(host.pools, sending.slice(2))) {
      const by = { pid: host.newPid(), line: receiving.join(' '), mark: undefined };
      endReceive(host.means, words, part, beginReceive(host.means, words, part, by));
    }
    return 'ok';
  } catch (error) {
    if (!(error instanceof SimError)) throw error;
    return codeOf(error.message);
  }
}

function codeOf(stderr: string): Outcome {
  return explainZfsError(stderr)?.code ?? 'in other words';
}

function scriptOf(step: Step): string {
  const end = `printf '%s\\n' "=== $?"; cat /dev/shm/said`;
  switch (step.kind) {
    case 'command':
      return `${quoteArgv(step.argv)} 2>/dev/shm/said >&2 </dev/null; ${end}`;
    case 'copy':
      return `${quoteArgv(step.send)} 2>/dev/shm/said >/dev/shm/stream && ${quoteArgv(step.receive)} 2>/dev/shm/said </dev/shm/stream; ${end}`;
    case 'write':
      return `: >/dev/shm/said; mount -t zfs ${step.dataset} /mnt && head -c ${step.bytes} /dev/urandom >/mnt/file && umount /mnt && zpool sync; true; ${end}`;
  }
}

function outcomesIn(text: string): { readonly code: Outcome; readonly said: string }[] {
  return text
    .split(/^=== /m)
    .slice(1)
    .map((part) => {
      const cut = part.indexOf('\n');
      const said = part.slice(cut + 1);
      return { code: part.slice(0, cut) === '0' ? 'ok' : codeOf(said), said: said.trim() };
    });
}

function textOf(step: Step): string {
  if (step.kind === 'command') return step.argv.join(' ');
  return step.kind === 'copy'
    ? `${step.send.join(' ')} | ${step.receive.join(' ')}`
    : `write ${step.bytes} bytes into ${step.dataset}`;
}

function stateScript(pool: string): string {
  return `echo '=== state'
zfs list -Hp -r -t filesystem -o name,keyguid,origin,encryptionroot,keystatus ${pool} | sed 's/^/dataset\\t/'
zfs list -Hp -r -t snapshot -o name,guid,createtxg,userrefs ${pool} | sed 's/^/snapshot\\t/'
zfs list -Hp -r -t snapshot -o name,ivsetguid ${pool} | sed 's/^/vectors\\t/'
zfs list -Hp -r -t bookmark -o name,guid ${pool} | sed 's/^/bookmark\\t/'
zfs get -Hp -r -s local -t filesystem -o name,property,value ${compared.join(',')} ${pool} | sed 's/^/property\\t/'`;
}

/** Properties that are compared where they are set. */
const compared = ['my:note', 'quota', 'compression', 'canmount'];

/** What is on a real pool, with GUIDs told apart and no more. */
function canonical(text: string): string[] {
  const rows = text
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('\t'));
  return numbered(
    rows.map(([kind = '', name = '', ...rest]) => ({
      kind,
      name,
      guid: kind === 'property' || rest[0] === '-' ? undefined : rest[0],
      order: kind === 'snapshot' ? Number(rest[1]) : 0,
      more:
        kind === 'snapshot'
          ? `held ${rest[2]}`
          : kind === 'property'
            ? rest.join('=')
            : rest.slice(1).join(' '),
    })),
  );
}

function stateOf(pool: SimPool): string[] {
  const rows = [...pool.datasets.values()].flatMap((one) => {
    const owner = one.origin && pool.ownerOf(one.origin);
    const origin = owner ? `${owner.name}@${one.origin?.name}` : '-';
    const key = one.crypt ? `${one.crypt.root.name} ${isOpen(one) ? 'available' : 'unavailable'}` : '- -';
    const set = compared.flatMap((property) => {
      const value = one.local.get(property);
      return value === undefined ? [] : [`${property}=${value}`];
    });
    const vectors = one.snapshots.map((each) => ({
      kind: 'vectors',
      name: `${one.name}@${each.name}`,
      guid: each.ivSet,
      order: 0,
      more: '',
    }));
    return [
      { kind: 'dataset', name: one.name, guid: one.crypt?.keyGuid, order: 0, more: `${origin} ${key}` },
      ...vectors,
      ...one.snapshots.map((each) => ({
        kind: 'snapshot',
        name: `${one.name}@${each.name}`,
        guid: each.guid,
        order: each.txg,
        more: `held ${each.holds.size}`,
      })),
      ...one.bookmarks.map((each) => ({
        kind: 'bookmark',
        name: `${one.name}#${each.name}`,
        guid: each.guid,
        order: 0,
        more: '',
      })),
      ...set.map((more) => ({ kind: 'property', name: one.name, guid: undefined, order: 0, more })),
    ];
  });
  return numbered(rows);
}

type Row = {
  readonly kind: string;
  readonly name: string;
  readonly guid: string | undefined;
  readonly order: number;
  readonly more: string;
};

/** GUIDs by the number of the first that has them; snapshots by their place in the history of their dataset. */
function numbered(rows: readonly Row[]): string[] {
  const sorted = rows.toSorted((a, b) => (`${a.name} ${a.kind}` < `${b.name} ${b.kind}` ? -1 : 1));
  const guids = new Map<string, number>();
  for (const { guid } of sorted) if (guid !== undefined && !guids.has(guid)) guids.set(guid, guids.size);
  const place = (row: Row): number => {
    const dataset = row.name.slice(0, row.name.indexOf('@'));
    return rows.filter(
      (one) => one.kind === 'snapshot' && one.order < row.order && one.name.startsWith(`${dataset}@`),
    ).length;
  };
  return sorted.map((row) => {
    const guid = row.guid === undefined ? '' : ` #${guids.get(row.guid)}`;
    return `${row.kind} ${row.name}${guid}${row.kind === 'snapshot' ? ` ${place(row)}.` : ''} ${row.more}`.trim();
  });
}
