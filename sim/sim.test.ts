import { expect, test } from 'vitest';
import { exitCodeOf } from '../src/engine/sync-result.ts';
import { parseDatasetName } from '../src/zfs/dataset-name.ts';
import { SimHost } from './host.ts';
import type { SimWorld } from './hosts.ts';
import { type Often, requestOf, startSync } from './process.ts';
import { randomFrom } from './random.ts';
import { Scheduler } from './scheduler.ts';
import { shorten } from './shorten.ts';
import type { SimPool } from './state.ts';
import { storyOf, tell } from './story.ts';

/** Two hosts with a pool each, on which nothing goes wrong. */
function calm() {
  const random = randomFrom(7);
  const scheduler = new Scheduler(random, Date.UTC(2026, 10, 20, 3));
  const [a, b] = ['a', 'b'].map((name) => new SimHost(name, random, () => scheduler.now));
  if (a === undefined || b === undefined) throw new Error('two hosts');
  const [src, dst] = [a.addPool('src'), b.addPool('dst')];
  const what: { becomesOf: SimWorld['onTouch'] } = { becomesOf: () => 'goes' };
  const world: SimWorld = {
    hosts: new Map([
      ['a', a],
      ['b', b],
    ]),
    scheduler,
    onTouch: (touch) => what.becomesOf(touch),
    linger: () => 0,
    chunk: 1_000_000,
  };
  const sync = async (
    from: string,
    to: string,
    differs: Parameters<typeof requestOf>[2] = {},
    often?: Often,
  ) => {
    const places = [
      { host: 'a', dataset: parseDatasetName(from) },
      { host: 'b', dataset: parseDatasetName(to) },
    ] as const;
    const run = startSync(world, random, 'sim', requestOf(...places, differs), { often });
    let over = false;
    const ended = run.ended.finally(() => {
      over = true;
    });
    await scheduler.run(() => over);
    return { ...run, end: await ended };
  };
  return { a, b, src, dst, sync, what };
}

test('a tree, then increments, then nothing', async () => {
  const { a, src, dst, sync } = calm();
  for (const name of ['src/data', 'src/data/x', 'src/data/y']) a.run(['zfs', 'create', name]);
  const first = await sync('src/data', 'dst/copy');
  expect(first.end).toMatchObject({ kind: 'result' });
  if (first.end.kind === 'result') expect(exitCodeOf(first.end.result)).toBe(0);
  for (const name of ['', '/x', '/y']) {
    expect(dst.datasets.get(`dst/copy${name}`)?.snapshots.map(({ guid }) => guid)).toEqual(
      src.datasets.get(`src/data${name}`)?.snapshots.map(({ guid }) => guid),
    );
  }
  const second = await sync('src/data', 'dst/copy');
  if (second.end.kind === 'result') expect(exitCodeOf(second.end.result)).toBe(0);
  expect(dst.datasets.get('dst/copy/x')?.snapshots).toHaveLength(2);
  const third = await sync('src/data', 'dst/copy', { snapshot: 'no' });
  expect(third.process.count.pipe).toBe(0);
});

test('again and again: most rounds only carry, and what they took goes again on both sides', async () => {
  const { a, src, dst, sync } = calm();
  a.run(['zfs', 'create', 'src/data']);
  const { events, end } = await sync('src/data', 'dst/copy', {}, { rounds: 130, everyMs: 1000 });
  expect(end.kind === 'result' && exitCodeOf(end.result)).toBe(0);
  const taken = events.flatMap((event) => (event.kind === 'snapshot-taken' ? [event.name] : []));
  // The first, one a minute, and the last one, which tidies up.
  expect(taken).toHaveLength(131);
  const kept = [taken[0], taken[60], taken[120], taken[130]];
  const there = (pool: typeof src, name: string) => pool.datasets.get(name)?.snapshots ?? [];
  expect(there(src, 'src/data').map(({ name }) => name)).toEqual(kept);
  expect(there(dst, 'dst/copy').map(({ guid }) => guid)).toEqual(
    there(src, 'src/data').map(({ guid }) => guid),
  );
  const newest = there(src, 'src/data').at(-1)?.guid;
  expect(src.datasets.get('src/data')?.bookmarks.map(({ guid }) => guid)).toEqual([newest]);
  expect(there(dst, 'dst/copy').map(({ holds }) => holds.size)).toEqual([0, 0, 0, 1]);
});

test('a round that only carries takes two commands and a stream: what is new is taken and listed, sent, and proven', async () => {
  const { a, sync } = calm();
  a.run(['zfs', 'create', 'src/data']);
  await sync('src/data', 'dst/copy');
  const few = await sync('src/data', 'dst/copy', {}, { rounds: 10, everyMs: 1000 });
  const more = await sync('src/data', 'dst/copy', {}, { rounds: 30, everyMs: 1000 });
  const counts = ({ process: { count } }: typeof few) => [count.run, count.pipe];
  const [runs = 0, pipes = 0] = counts(few);
  // And every five of them a look, and one on each side that lets go of what they took.
  expect(counts(more)).toEqual([runs + 20 * 2 + 4 * 3, pipes + 20]);
});

/** What is left of the source and of its copy after 130 rounds, when that becomes of one command. */
async function leftWith(one: {
  readonly has: string;
  readonly nth: number;
  readonly becomes: 'lost-before' | 'lost-after';
}) {
  const { a, src, dst, sync, what } = calm();
  a.run(['zfs', 'create', 'src/data']);
  let seen = 0;
  what.becomesOf = ({ line }) => (line.includes(one.has) && ++seen === one.nth ? one.becomes : 'goes');
  const { end, events } = await sync('src/data', 'dst/copy', {}, { rounds: 250, everyMs: 1000 });
  expect(seen).toBeGreaterThanOrEqual(one.nth);
  expect(end.kind === 'result' && exitCodeOf(end.result)).toBe(0);
  const names = (pool: SimPool, name: string) => pool.datasets.get(name)?.snapshots.map((each) => each.name);
  return { here: names(src, 'src/data'), there: names(dst, 'dst/copy'), events };
}

test.each([
  ['what carried could not be destroyed on the source', 'zfs destroy src/data@', 1, 'lost-before'],
  ['nor on the target', 'zfs destroy dst/copy@', 1, 'lost-before'],
  ['while a round tidied up', 'zfs destroy src/data@', 6, 'lost-before'],
  ['a snapshot was taken, and nothing said so', 'zfs snapshot src/data@', 12, 'lost-after'],
  ['the round that was to clear could not be', 'zfs snapshot src/data@', 12, 'lost-before'],
] as const)('again and again, and %s: it goes later', async (_, has, nth, becomes) => {
  const { here, there } = await leftWith({ has, nth, becomes });
  // The first, one a minute, and the last; what was lost a minute before the end is still there.
  expect(here?.length).toBeGreaterThanOrEqual(4);
  expect(here?.length).toBeLessThanOrEqual(7);
  expect(there).toEqual(here);
});

test('again and again with some to be kept: those that carried are not counted among them', async () => {
  const { a, src, sync } = calm();
  a.run(['zfs', 'create', 'src/data']);
  await sync('src/data', 'dst/copy', { keep: 5 }, { rounds: 430, everyMs: 1000 });
  expect(src.datasets.get('src/data')?.snapshots).toHaveLength(5);
});

test('again and again: what is made on the source comes with the round that sees it', async () => {
  const { a, dst, sync, what } = calm();
  for (const name of ['src/data', 'src/data/x']) a.run(['zfs', 'create', name]);
  let snapshots = 0;
  const came: boolean[] = [];
  what.becomesOf = ({ line }) => {
    if (!line.startsWith('zfs snapshot')) return 'goes';
    if (++snapshots === 5) a.run(['zfs', 'create', 'src/data/new']);
    came.push(dst.datasets.has('dst/copy/new'));
    return 'goes';
  };
  const { end } = await sync('src/data', 'dst/copy', {}, { rounds: 8, everyMs: 1000 });
  expect(end.kind === 'result' && exitCodeOf(end.result)).toBe(0);
  // The fifth round takes two: of what it knew, then of all.
  expect(came.indexOf(true)).toBe(6);
});

test.each([
  ['rolled back', 'rollback'],
  ['without its newest snapshot', 'destroy'],
] as const)(
  'again and again, and a copy is %s while another is still being sent: it gets it anew',
  async (_, verb) => {
    const { a, b, src, dst, sync, what } = calm();
    for (const name of ['src/data', 'src/data/x', 'src/data/y']) a.run(['zfs', 'create', name]);
    const write = (name: string, bytes: number): void => {
      const dataset = src.datasets.get(name);
      if (dataset === undefined) throw new Error(`no ${name}`);
      dataset.written += bytes;
      dataset.content = { ...dataset.content, bytes: dataset.content.bytes + bytes };
    };
    let [rounds, pieces] = [0, 0];
    what.becomesOf = ({ kind, line }) => {
      if (kind === 'run' && line.includes('zfs snapshot')) {
        [rounds, pieces] = [rounds + 1, 0];
        write('src/data/x', 1000);
        write('src/data/y', 50_000_000);
      }
      // In the round that lets go of what the five before it took.
      if (kind === 'data' && line.includes('dst/copy/y') && ++pieces === 20 && rounds === 7) {
        const [before, newest] = dst.datasets.get('dst/copy/x')?.snapshots.slice(-2) ?? [];
        if (verb === 'destroy') b.run(['zfs', 'destroy', `dst/copy/x@${newest?.name}`]);
        else b.run(['zfs', 'rollback', '-r', `dst/copy/x@${before?.name}`]);
      }
      return 'goes';
    };
    const { end } = await sync('src/data', 'dst/copy', {}, { rounds: 9, everyMs: 1000 });
    expect(end.kind === 'result' && exitCodeOf(end.result)).toBe(0);
    const newest = (pool: SimPool, name: string) => pool.datasets.get(name)?.snapshots.at(-1)?.guid;
    expect(newest(dst, 'dst/copy/x')).toBe(newest(src, 'src/data/x'));
  },
);

test('again and again, and asked to stop in the pause before another try: there is none', async () => {
  const { a, sync, what } = calm();
  a.run(['zfs', 'create', 'src/data']);
  const stop = new AbortController();
  let pipes = 0;
  what.becomesOf = ({ kind }) => {
    if (kind !== 'pipe') return 'goes';
    if (++pipes === 2) stop.abort();
    return 'lost-before';
  };
  const { end } = await sync('src/data', 'dst/copy', { retries: 5 }, { rounds: 3, everyMs: 1000, stop });
  expect(pipes).toBe(2);
  expect(end.kind === 'result' && exitCodeOf(end.result)).toBe(1);
});

const heldOf = ({ datasets }: SimPool): string[] =>
  [...datasets.values()].flatMap(({ name, snapshots }) =>
    snapshots.flatMap((one) => [...one.holds.keys()].map(() => `${name}@${one.name}`)),
  );

test('an attempt that broke off before its proof: the next one lets go of what was held before it', async () => {
  const { a, dst, sync, what } = calm();
  a.run(['zfs', 'create', 'src/data']);
  await sync('src/data', 'dst/copy');
  let isFirst = true;
  what.becomesOf = ({ line }) => {
    if (!isFirst || !line.startsWith('zfs list -Hp -t snapshot,bookmark') || !line.includes('dst/copy@'))
      return 'goes';
    isFirst = false;
    return 'lost-before';
  };
  const { end } = await sync('src/data', 'dst/copy');
  expect(isFirst).toBe(false);
  expect(end.kind === 'result' && exitCodeOf(end.result)).toBe(0);
  expect(heldOf(dst)).toEqual([`dst/copy@${dst.datasets.get('dst/copy')?.snapshots.at(-1)?.name}`]);
});

test('renamed after a run that did not end in order: what was held goes by its new name', async () => {
  const { a, dst, sync, what } = calm();
  for (const name of ['src/data', 'src/data/x']) a.run(['zfs', 'create', name]);
  await sync('src/data', 'dst/copy');
  what.becomesOf = ({ kind }) => (kind === 'pipe' ? 'lost-before' : 'goes');
  await sync('src/data', 'dst/copy', { retries: 0 });
  what.becomesOf = () => 'goes';
  a.run(['zfs', 'rename', 'src/data/x', 'src/data/y']);
  const { end } = await sync('src/data', 'dst/copy');
  expect(end.kind === 'result' && exitCodeOf(end.result)).toBe(0);
  const newest = dst.datasets.get('dst/copy')?.snapshots.at(-1)?.name;
  expect(heldOf(dst).sort()).toEqual([`dst/copy/y@${newest}`, `dst/copy@${newest}`]);
});

/** Stories that have found something, as they are told now (`found.md`). */
const foundSomething = [
  47, 54, 71, 182, 212, 5073, 5145, 9038, 9446, 9494, 20_192, 20_283, 51_296, 51_378, 61_148,
];

test('forty bad days end well, and those that did not once', { timeout: 60_000 }, async () => {
  const forty = Array.from({ length: 40 }, (_, i) => i + 1);
  for (const seed of [...forty, ...foundSomething]) {
    const { wrong, lines } = await tell(storyOf(seed));
    expect(wrong, `seed ${seed}\n${lines.join('\n')}`).toEqual([]);
  }
});

test('the same seed tells the same story', async () => {
  const [one, other] = [await tell(storyOf(8)), await tell(storyOf(8))];
  expect(other).toEqual(one);
  expect(one.lines.join('\n')).toMatch(/somebody on a/);
});

test('a story is shortened to what matters of it', async () => {
  const story = storyOf(8);
  const hasRename = ({ days }: typeof story) =>
    days.some(({ acts }) => acts.some(({ verb }) => verb === 'rename'));
  const short = await shorten(story, (shorter) => Promise.resolve(hasRename(shorter)));
  expect(short.days.flatMap(({ acts }) => acts.map(({ verb }) => verb))).toEqual(['rename']);
  expect(short.days.flatMap(({ faults }) => faults)).toEqual([]);
});
