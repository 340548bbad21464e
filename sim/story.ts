import type { SyncRequest } from '../src/engine/sync-request.ts';
import { exitCodeOf, type Outcome, type SyncResult } from '../src/engine/sync-result.ts';
import { parseDatasetName } from '../src/zfs/dataset-name.ts';
import { type Act, actMeanwhile, anyAct, carryOutAct, ownKey } from './acts.ts';
import { SimHost } from './host.ts';
import type { Fate, SimWorld, Touch } from './hosts.ts';
import { misprotected, soundCopies, unreached } from './invariants.ts';
import { SimKnown } from './known.ts';
import { type Ended, type Often, type Run, requestOf, startSync } from './process.ts';
import { type Random, randomFrom } from './random.ts';
import { Scheduler } from './scheduler.ts';
import { watchOver } from './watch.ts';

/** What goes wrong at one touch of a run, counted from its beginning. */
export type Fault = {
  readonly at: number;
  /** Only touches of that kind count. */
  readonly of?: Touch['kind'];
  readonly what:
    | 'killed'
    | 'lost-before'
    | 'lost-during'
    | 'lost-after'
    | 'broken'
    | 'lock-lost'
    | 'power-cut'
    | 'act'
    | 'second-run'
    | 'clock-back'
    | 'clock-ahead';
  readonly act?: Act;
};

/** How the next run is told to go about it. */
export type Told = Pick<SyncRequest, 'onDivergence' | 'keep' | 'parallel' | 'retries' | 'choice' | 'initial'>;

/** What happens between two runs, and during the next. */
export type Day = {
  readonly acts: readonly Act[];
  readonly faults: readonly Fault[];
  readonly told: Told;
  /** The run of that day is many: `--every`. */
  readonly often?: Often;
};

/** All that happens, as a value: replayed, and shortened when it ends badly. */
export type Story = {
  readonly seed: number;
  /** There is little room on the target, until all is quiet. */
  readonly tight: boolean;
  /** Datasets of the source that are encryption roots from the beginning. */
  readonly encrypted: readonly string[];
  readonly days: readonly Day[];
};

export type Ending = {
  /** What should not have been, a sentence each; none where all went as it should. */
  readonly wrong: readonly string[];
  /** What happened, a line each. */
  readonly lines: readonly string[];
  readonly runs: number;
};

const from = 'src/data';
const to = 'dst/copy';

const daysOfAStory = 10;
const whatGoesWrong: readonly Fault['what'][] = [
  'killed',
  'killed',
  'lost-before',
  'lost-during',
  'lost-after',
  'broken',
  'lock-lost',
  'power-cut',
  'act',
  'act',
  'second-run',
  'clock-back',
  'clock-ahead',
];

export function storyOf(seed: number): Story {
  const random = randomFrom(seed);
  // A chance of its own, so that the rest of a story is what it was without.
  const many = randomFrom(seed ^ 0x0f7e);
  const days = Array.from({ length: daysOfAStory }, (): Day => {
    const acts = Array.from({ length: random.below(4) }, () => anyAct(random));
    const faults = Array.from({ length: random.chance(0.25) ? 1 + random.below(2) : 0 }, () =>
      anyFault(random),
    );
    const told: Told = {
      onDivergence: random.chance(0.8) ? 'set-aside' : 'stop',
      keep: random.chance(0.8) ? 1 + random.below(3) : undefined,
      parallel: 1 + random.below(4),
      retries: random.below(4),
      choice: random.chance(0.85)
        ? { kind: 'all' }
        : random.pick([{ kind: 'own' }, { kind: 'glob', pattern: 'hand*' }]),
      initial: random.chance(0.85) ? 'all' : 'newest',
    };
    const day = { acts, faults: [...faults, ...meanwhile(many)], told };
    return many.chance(0.2) ? oftenDay(many, day) : day;
  });
  const encrypted = random.chance(0.3) ? [random.pick([from, `${from}/x`])] : [];
  return { seed, tight: random.chance(0.15), encrypted, days };
}

/** Somebody is on the target right before something is sent there, or between two reads of it. */
function meanwhile(random: Random): Fault[] {
  if (!random.chance(0.2)) return [];
  const of = random.pick<Touch['kind']>(['pipe', 'pipe', 'data', 'end']);
  return [{ at: random.below(4), of, what: 'act', act: actMeanwhile(random) }];
}

/** A day of many rounds, in which more can go wrong. */
function oftenDay(random: Random, { faults, ...day }: Day): Day {
  const isLong = random.chance(0.3);
  const often = {
    rounds: isLong ? 11 + random.below(15) : 2 + random.below(6),
    everyMs: isLong ? 1000 : random.pick([1000, 20_000, 70_000]),
  };
  const more = Array.from({ length: random.below(4) }, () => anyFault(random, isLong ? 300 : 150));
  return { ...day, faults: [...faults, ...more], often };
}

/** @param within how many touches from the beginning */
function anyFault(random: Random, within = 40): Fault {
  const what = random.pick(whatGoesWrong);
  const at = random.below(within);
  return what === 'act' ? { at, what, act: anyAct(random) } : { at, what };
}

/** What becomes of the touch itself. */
const fates = new Set<string>(['lost-before', 'lost-during', 'lost-after', 'broken'] satisfies Fate[]);

function isFate(what: string): what is Fate {
  return fates.has(what);
}

/** Bytes. */
const littleRoom = 25_000_000;
const plenty = 10_000_000_000;

const quietly: Told = {
  onDivergence: 'set-aside',
  keep: 3,
  parallel: 4,
  retries: 3,
  choice: { kind: 'all' },
  initial: 'all',
};

/** Lets it happen. */
export async function tell({ seed, tight, encrypted, days }: Story): Promise<Ending> {
  const random = randomFrom(seed ^ 0x5eed);
  const scheduler = new Scheduler(random, Date.UTC(2026, 10, 20, 3));
  const [a, b] = [
    new SimHost('a', random, () => scheduler.now),
    new SimHost('b', random, () => scheduler.now),
  ];
  const [src, dst] = [a.addPool('src'), b.addPool('dst', tight ? littleRoom : undefined)];
  for (const name of [from, `${from}/x`, `${from}/y`])
    a.run(['zfs', 'create', ...(encrypted.includes(name) ? ownKey : []), name]);
  // A chance of its own, so that the story is the same with and without it.
  const memory = randomFrom(seed ^ 0x3e3);
  const known = memory.chance(0.5) ? new SimKnown(memory) : undefined;
  const lines: string[] = [];
  const wrong: string[] = [];
  let onTouch: (touch: Touch) => Fate = () => 'goes';
  const world: SimWorld = {
    hosts: new Map([
      ['a', a],
      ['b', b],
    ]),
    scheduler,
    onTouch: (touch) => onTouch(touch),
    linger: () => random.below(30_000),
    chunk: 1_000_000,
  };
  const act = (one: Act): void => {
    const ground = one.side === 'source' ? { host: a, root: from } : { host: b, root: to };
    const done = carryOutAct(ground, one);
    if (done !== '') lines.push(`  somebody on ${one.side === 'source' ? 'a' : 'b'}: ${done}`);
  };
  let runs = 0;
  const started: Run[] = [];
  const isSpent = (name: string): boolean =>
    started.some(({ carried }) => carried.has(name.slice(name.indexOf('@') + 1)));
  const watch = watchOver(src, dst, isSpent);
  const check = (): void => void wrong.push(...watch.check());
  const start = (who: string, told: Told, often?: Often): Run => {
    runs++;
    const places = [
      { host: 'a', dataset: parseDatasetName(from) },
      { host: 'b', dataset: parseDatasetName(to) },
    ] as const;
    // Where no snapshot is taken, more stays as it was.
    const bare = known !== undefined && told !== quietly && memory.chance(0.4);
    const request = requestOf(...places, bare ? { ...told, snapshot: 'no' } : told);
    const run = startSync(world, random, who, request, { known, often });
    started.push(run);
    return run;
  };
  /** One run, and those that a fault starts beside it. */
  const run = async ({ faults, told, often }: Omit<Day, 'acts'>): Promise<Ended | undefined> => {
    const sound = faults.length === 0 && often === undefined ? soundCopies(src, dst, from, to) : undefined;
    const first = start(`run ${runs}`, told, often);
    const going = new Set([first]);
    const follow = (one: typeof first): void =>
      void one.ended.then(
        () => going.delete(one),
        (error: unknown) => {
          going.delete(one);
          wrong.push(
            `a fault of ours: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
          );
        },
      );
    follow(first);
    let touches = 0;
    const kinds = new Map<Touch['kind'], number>();
    onTouch = (touch) => {
      check();
      const ofKind = kinds.get(touch.kind) ?? 0;
      kinds.set(touch.kind, ofKind + 1);
      const due = faults.filter(({ at, of }) =>
        of === undefined ? at === touches : of === touch.kind && at === ofKind,
      );
      touches++;
      let fate: Fate = 'goes';
      for (const { what, act: theirs } of due) {
        lines.push(
          `  at touch ${touches}, ${touch.kind} on ${touch.host} (${touch.line.slice(0, 120)}): ${what}`,
        );
        if (isFate(what)) fate = what;
        if (what === 'lock-lost' || what === 'power-cut')
          for (const one of going) one.process.loseLocks(what === 'power-cut' ? touch.host : 'b');
        if (what === 'power-cut') {
          world.hosts.get(touch.host)?.cutPower();
          fate = 'lost-before';
        }
        if (what === 'clock-back') scheduler.ahead -= 86_400_000;
        if (what === 'clock-ahead') scheduler.ahead += 366 * 86_400_000;
        if (what === 'act' && theirs) {
          act(theirs);
          watch.takeStock();
        }
        if (what === 'second-run') {
          const second = start(`run ${runs}`, told);
          going.add(second);
          follow(second);
        }
        if (what === 'killed') {
          for (const one of going) one.process.kill();
          going.clear();
        }
      }
      return fate;
    };
    await scheduler.run(() => going.size === 0);
    check();
    if (!first.process.alive) return undefined;
    const ended = await first.ended;
    lines.push(`  ${outcomeOf(ended)}`);
    if (ended.kind === 'result') {
      for (const { target, remedy } of ended.result.healed)
        if (sound?.has(target))
          wrong.push(`${target} needed nothing but what comes next, and: ${remedy.kind}`);
      for (const { target, outcome } of ended.result.datasets)
        for (const one of 'snapshots' in outcome ? outcome.snapshots : [])
          if (!watch.isAccountedFor(one.guid))
            wrong.push(`${target}@${one.name} is said to have arrived, and is not there`);
    }
    return ended;
  };
  try {
    for (const [index, day] of days.entries()) {
      lines.push(`day ${index + 1}`);
      scheduler.passed += 3_600_000;
      for (const one of day.acts) act(one);
      if (known !== undefined && memory.chance(0.2)) {
        known.lie();
        lines.push('  what is known from before is spoilt');
      }
      watch.takeStock();
      await run(day);
      if (wrong.length > 0) return { wrong, lines, runs };
    }
    lines.push('and then all is quiet');
    dst.capacity = plenty;
    await comeToRest(run, scheduler, wrong);
    if (wrong.length === 0) wrong.push(...unreached(src, dst, from, to), ...misprotected(src, dst, from, to));
  } catch (error) {
    wrong.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  return { wrong, lines, runs };
}

/** The same command again and again gets everything there, and then there is nothing left to do. */
async function comeToRest(
  run: (day: Omit<Day, 'acts'>) => Promise<Ended | undefined>,
  scheduler: Scheduler,
  wrong: string[],
): Promise<void> {
  let last = '';
  for (let tries = 0; tries < 6; tries++) {
    scheduler.passed += 3_600_000;
    const ended = await run({ faults: [], told: quietly });
    if (wrong.length > 0) return;
    if (ended?.kind === 'result' && isAtRest(ended.result)) return;
    last = ended ? outcomeOf(ended) : '';
  }
  wrong.push(`it does not come to rest: ${last}`);
}

/** All is done but for what is rightly refused: something else has the name on the target. */
function isAtRest({ datasets }: SyncResult): boolean {
  const refused = datasets.filter(
    ({ outcome }) => outcome.kind === 'refused' && outcome.conflict.kind !== 'being-received',
  );
  const isBelowRefused = (name: string): boolean =>
    refused.some(({ target }) => name.startsWith(`${target}/`));
  return datasets.every(
    (one) =>
      one.outcome.kind === 'sent' ||
      one.outcome.kind === 'nothing' ||
      refused.includes(one) ||
      // Below what is another's, or has something of another's, nothing can be made.
      (isKept(one.outcome) && isBelowRefused(one.target)),
  );
}

function isKept(outcome: Outcome): boolean {
  return outcome.kind === 'skipped' || (outcome.kind === 'failed' && outcome.problem.code === 'blocked');
}

function outcomeOf(ended: Ended): string {
  if (ended.kind === 'error') return `ended with ${ended.error.code}: ${ended.error.message}`;
  const { result } = ended;
  const parts = result.datasets.map(({ target, outcome }) => {
    const why =
      outcome.kind === 'failed'
        ? ` (${outcome.problem.code}: ${outcome.problem.message})`
        : outcome.kind === 'refused'
          ? ` (${outcome.conflict.kind}: ${outcome.conflict.message}; ${outcome.conflict.next})`
          : outcome.kind === 'skipped'
            ? ` (${outcome.reason})`
            : '';
    return `${target} ${outcome.kind}${why}`;
  });
  return `ended with ${exitCodeOf(result)}: ${parts.join(', ')}`;
}
