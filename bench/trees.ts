import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  commandsOf,
  lastArrival,
  line,
  type Pair,
  type Ran,
  run,
  startPair,
  txgOf,
  workOf,
  zferry,
} from './lab-pair.ts';
import { say } from './say.ts';
import { median, table } from './table.ts';

export type TreeOptions = {
  readonly datasets: number;
  readonly rounds: number;
  /** Milliseconds that a round trip between the hosts takes; the increments are sent with each of them. */
  readonly roundTrips: readonly number[];
};

const increments = 'one small increment in each';
type Work = 'first copy' | 'nothing to do' | 'nothing to do, known' | `${typeof increments}${string}`;
type Contender = {
  readonly name: string;
  /** Its own tree on the source. */
  readonly tree: string;
  readonly first: () => Promise<Ran>;
  readonly nothing?: () => Promise<Ran>;
  readonly known?: () => Promise<Ran>;
  readonly increment: () => Promise<Ran>;
};

type Measured = {
  readonly seconds: number;
  /** Transaction groups of the target until all had arrived, and after that. */
  readonly txgs: number;
  readonly after: number;
  /** How much of the target's processor was at work, of 1. */
  readonly busy: number;
  readonly commands: { readonly a: number; readonly b: number } | undefined;
};

/** Of the time that the bare commands take; for the longer distances, of our own without them. */
const goals: Readonly<Record<string, readonly [text: string, factor: number]>> = {
  'first copy': ['0.8 of bare', 0.8],
  'nothing to do': ['1.2 of two listings', 1.2],
  'nothing to do, known': ['1.2 of two listings of datasets', 1.2],
  [increments]: ['0.6 of bare', 0.6],
};
const farGoal: readonly [text: string, factor: number] = ['1.2 of the time without', 1.2];

/** A tree of many small datasets: first copy, nothing to do, one small increment in each; ours, the bare commands and others in turns. */
export async function benchTrees(options: TreeOptions): Promise<string> {
  const { datasets, rounds, roundTrips } = options;
  await using lab = await startPair(4);
  const { a, b } = lab.hosts;
  const contenders = contendersOf(lab);
  for (const { tree } of contenders) {
    say(`making ${datasets} datasets of ${tree}`);
    const names = Array.from({ length: datasets }, (_, i) => `${tree}/d${i}`);
    await a.exec(
      `zfs create ${tree}\n${names.map((name) => `zfs create ${name} && echo some > /${name}/file`).join('\n')}
for s in 1 2 3 4 5; do zfs snapshot -r ${tree}@s$s; done; zpool sync src`,
    );
  }

  const results = new Map<string, Measured[]>();
  const measure = async (work: Work, { name }: Contender, what: () => Promise<Ran>): Promise<void> => {
    const [before, start] = [await txgOf(lab), await workOf(lab)];
    const { seconds, lines } = await what();
    const then = await workOf(lab);
    const [arrived, end] = [await lastArrival(lab), await txgOf(lab)];
    const moved = work === 'first copy' || work.startsWith(increments);
    const ours = name.startsWith('zferry') ? commandsOf(lines) : undefined;
    const one = {
      seconds,
      txgs: moved ? arrived - before : 0,
      after: moved ? end - arrived : end - before,
      busy: (then.busy - start.busy) / (then.all - start.all),
      commands: ours,
    };
    say(`${work}: ${name}: ${seconds.toFixed(1)} s, ${one.txgs} + ${one.after} transaction groups`);
    const key = `${work}\n${name}`;
    results.set(key, [...(results.get(key) ?? []), one]);
  };
  for (const one of contenders) await measure('first copy', one, one.first);
  for (let round = 0; round < rounds; round++)
    for (const one of contenders) if (one.nothing) await measure('nothing to do', one, one.nothing);
  // What a run has changed itself, the next one lists; the one after that knows it.
  for (const one of contenders) for (let times = 0; times < 2; times++) await one.known?.();
  for (let round = 0; round < rounds; round++)
    for (const one of contenders) if (one.known) await measure('nothing to do, known', one, one.known);
  for (const ms of [0, ...roundTrips]) {
    if (ms > 0) await Promise.all([a.delay(`${ms / 2}ms`), b.delay(`${ms / 2}ms`)]);
    for (let round = 0; round < rounds; round++) {
      for (const one of contenders) {
        await a.exec(`for d in /${one.tree}/d*; do echo ${round} >> $d/file; done; zpool sync src`);
        await measure(ms === 0 ? increments : `${increments}, ${ms} ms`, one, one.increment);
      }
    }
  }
  return textOf(results, contenders, options);
}

function contendersOf(lab: Pair): Contender[] {
  const ssh = `ssh -F ${lab.sshConfig}`;
  const pipe = (send: string, receive: string): Promise<Ran> =>
    line(`${ssh} a ${send} | ${ssh} b ${receive}`);
  let taken = 0;
  const listings = (what: string, columns: string): Promise<Ran> =>
    line(
      `${ssh} a ${what} ${columns} src/bare & first=$!; ${ssh} b ${what} ${columns} dst/bare && wait $first`,
    );
  const bare: Contender = {
    name: 'bare commands',
    tree: 'src/bare',
    first: () => pipe('zfs send -R -Lce src/bare@s5', 'zfs receive -u dst/bare'),
    nothing: () => listings('zfs list -Hp -r -t all -o', 'name,guid,createtxg'),
    known: () => listings('zfs list -Hp -r -o', 'name,snapshots_changed'),
    increment: () => {
      const [from, to] = [taken === 0 ? 's5' : `t${taken}`, `t${++taken}`];
      return line(
        `${ssh} a zfs snapshot -r src/bare@${to} && ${ssh} a zfs send -R -Lce -I @${from} src/bare@${to} | ${ssh} b zfs receive -u dst/bare`,
      );
    },
  };
  const state = folderOfOurs();
  const sync = async (kept: string | undefined, ...options: string[]): Promise<Ran> =>
    await zferry(
      ['sync', '--ssh-config', lab.sshConfig, '-v', '-r', ...options, 'a:src/zferry', 'b:dst/zferry'],
      kept,
    );
  const ours: Contender = {
    name: 'zferry',
    tree: 'src/zferry',
    first: () => sync(state, '--no-snapshot'),
    nothing: () => sync(undefined, '--no-snapshot'),
    known: () => sync(state, '--no-snapshot'),
    increment: () => sync(state),
  };
  return [bare, ours, ...others(lab)];
}

/** Other tools, where an environment variable names a copy of them. */
function others(lab: Pair): Contender[] {
  const { ZFERRY_SYNCOID: syncoid, ZFERRY_BZFS: bzfs, PATH } = process.env;
  const found: Contender[] = [];
  if (syncoid !== undefined) {
    const words = [
      '-r',
      '--quiet',
      '--no-privilege-elevation',
      '--compress=none',
      'root@a:src/syncoid',
      'root@b:dst/syncoid',
    ];
    const all = (): Promise<Ran> => run(syncoid, words, { PATH: `${sshFolder(lab)}:${PATH ?? ''}` });
    found.push({ name: 'syncoid', tree: 'src/syncoid', first: all, increment: all });
  }
  if (bzfs !== undefined) {
    // It takes none of another name.
    const config = join(folderOfOurs(), 'bzfs_ssh_config');
    copyFileSync(lab.sshConfig, config);
    const words = (...options: string[]): Promise<Ran> =>
      run(bzfs, [
        'a:src/bzfs',
        'b:dst/bzfs',
        '--recursive',
        '--quiet',
        `--ssh-src-config-file=${config}`,
        `--ssh-dst-config-file=${config}`,
        ...options,
      ]);
    const snapshot = ['--create-src-snapshots', '--create-src-snapshots-even-if-not-due'];
    found.push({
      name: 'bzfs',
      tree: 'src/bzfs',
      first: () => words(),
      nothing: () => words(),
      increment: () => words(...snapshot),
    });
  }
  return found;
}

/** With an `ssh` that knows the hosts, for what cannot be told of a configuration. */
function sshFolder({ sshConfig }: Pair): string {
  const folder = folderOfOurs();
  writeFileSync(join(folder, 'ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F ${sshConfig} "$@"\n`, { mode: 0o755 });
  return folder;
}

/** Gone when we end. */
function folderOfOurs(): string {
  const folder = mkdtempSync(join(tmpdir(), 'zferry-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function textOf(
  results: ReadonlyMap<string, readonly Measured[]>,
  contenders: readonly Contender[],
  { datasets, rounds, roundTrips }: TreeOptions,
): string {
  const works = [...Object.keys(goals), ...roundTrips.map((ms) => `${increments}, ${ms} ms`)];
  const near = median((results.get(`${increments}\nzferry`) ?? []).map(({ seconds }) => seconds));
  const rows = works.flatMap((work) => {
    const of = (name: string, pick: (one: Measured) => number): number =>
      median((results.get(`${work}\n${name}`) ?? []).map(pick));
    const bare = of('bare commands', ({ seconds }) => seconds);
    // What takes longer for the distance is told beside what it took without.
    const [[goal, factor], beside] = goals[work] ? [goals[work], bare] : [farGoal, near];
    return contenders
      .filter(({ name }) => results.has(`${work}\n${name}`))
      .map(({ name }) => {
        const seconds = of(name, (one) => one.seconds);
        const ours = name === 'zferry';
        const [one] = results.get(`${work}\n${name}`) ?? [];
        return [
          work,
          name,
          `${seconds.toFixed(1)} s`,
          (seconds / bare).toFixed(2),
          ours
            ? `${goal}${seconds / beside <= factor ? '' : ', missed'} (${(seconds / beside).toFixed(2)})`
            : '',
          `${of(name, ({ txgs }) => txgs)} + ${of(name, ({ after }) => after)}`,
          `${Math.round(100 * of(name, ({ busy }) => busy))} %`,
          one?.commands ? `${one.commands.a}, ${one.commands.b}` : '-',
        ];
      });
  });
  const head = [
    '',
    '',
    'time',
    'of bare',
    'goal',
    'transaction groups',
    'processor of b',
    'commands on a, b',
  ];
  return `A tree of ${datasets} datasets with 5 snapshots each, median of ${rounds}. Transaction groups of the target: until all had arrived, and after.\n\n${table([head, ...rows])}`;
}
