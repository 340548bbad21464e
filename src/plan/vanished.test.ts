import { describe, expect, test } from 'vitest';
import type { Dataset } from '../zfs/dataset.ts';
import { parseGuid } from '../zfs/guid.ts';
import { planJson } from './plan-json.ts';
import { planText } from './plan-text.ts';
import { planSync } from './sync-plan.ts';
import { dataset, own, side, syncOptions } from './testing.ts';

const day = 86_400_000;
/** As in `syncOptions`: 2026-11-20 03:04:05. */
const longAgo = '20260101T000000Z';

const copy = (guid: string, more: Parameters<typeof own>[0] = {}): Dataset['own'] =>
  own({ 'zferry:source': guid, 'zferry:id': 'ab12cd', ...more });
const at = (guid: string): Partial<Dataset> => ({ guid: parseGuid(guid) });

const source = side('tank/home', [
  dataset('tank/home', '@a,1', at('1')),
  dataset('tank/home/bob', '@a,2', at('2')),
]);
const top = dataset('nas/home', '@a,1', { own: copy('1') });
const bob = dataset('nas/home/bob', '@a,2', { own: copy('2') });
const ann = (since?: string, differs: Partial<Dataset> = {}) =>
  dataset('nas/home/ann', '@a,3 @b,4', {
    own: copy('3', since === undefined ? {} : { 'zferry:vanished': since }),
    used: 4096,
    ...differs,
  });
const deep = dataset('nas/home/ann/deep', '@a,5', { own: copy('5') });

function plan(
  target: readonly Dataset[],
  differs: Parameters<typeof syncOptions>[0] = { pruneVanished: 30 * day },
  from = source,
) {
  return planSync(from, side('nas/home', target), syncOptions(differs), new Set());
}

const fates = (...args: Parameters<typeof plan>): string[] =>
  plan(...args).vanished.map(({ name, fate }) => {
    const why = fate.kind === 'stays' ? `: ${fate.reason}` : '';
    return `${name} ${fate.kind}${why}`;
  });

describe('its time', () => {
  test('is noted when it is first seen, on the top alone, and kept while nobody asks for more', () => {
    const { vanished, returned } = plan([top, bob, ann(), deep], {});
    expect(vanished).toEqual([
      { name: 'nas/home/ann', since: undefined, marks: true, fate: { kind: 'kept' } },
    ]);
    expect(returned).toEqual([]);
    expect(plan([top, bob, ann(longAgo), deep], {}).vanished).toMatchObject([
      { since: Date.UTC(2026, 0, 1), marks: false, fate: { kind: 'kept' } },
    ]);
  });

  test('comes after so long, and not with the run that sees it first', () => {
    expect(plan([top, bob, ann()]).vanished[0]?.fate).toEqual({
      kind: 'waits',
      until: Date.UTC(2026, 10, 20, 3, 4, 5) + 30 * day,
    });
    expect(fates([top, bob, ann('20261021T030406Z')])).toEqual(['nas/home/ann waits']);
    expect(fates([top, bob, ann('20261021T030405Z')])).toEqual(['nas/home/ann destroyed']);
  });

  test('a mark from the future, or one that nobody can read, destroys nothing', () => {
    expect(fates([top, bob, ann('20261120T030406Z')])).toEqual([
      'nas/home/ann stays: it is marked with a time that is yet to come (2026-11-20 03:04 UTC), so a clock is or was wrong',
    ]);
    expect(plan([top, bob, ann('yesterday')]).vanished).toMatchObject([
      { marks: true, fate: { kind: 'waits' } },
    ]);
  });

  test('is over when the source is there again', () => {
    const back = dataset('nas/home/bob', '@a,2', { own: copy('2', { 'zferry:vanished': longAgo }) });
    expect(plan([top, back])).toMatchObject({ vanished: [], returned: ['nas/home/bob'] });
    const foreign = dataset('nas/home/bob', '@a,2', { own: own({ 'zferry:vanished': longAgo }) });
    expect(plan([top, foreign]).returned).toEqual([]);
  });

  test('of what is below goes on where its parent comes back without it', () => {
    const marked = dataset('nas/home/ann/deep', '@a,5', { own: copy('5', { 'zferry:vanished': longAgo }) });
    expect(plan([top, bob, ann(longAgo), marked]).returned).toEqual([]);
    const from = { ...source, datasets: [...source.datasets, dataset('tank/home/ann', '', at('9'))] };
    expect(plan([top, bob, ann(longAgo), marked], {}, from)).toMatchObject({
      vanished: [{ name: 'nas/home/ann/deep', since: Date.UTC(2026, 0, 1) }],
      returned: ['nas/home/ann'],
    });
  });
});

describe('it stays, however long it is gone', () => {
  test.each<[string, Dataset[], string]>([
    [
      'something foreign below',
      [dataset('nas/home/ann/x', '')],
      'nas/home/ann/x is no copy of something that is gone',
    ],
    [
      'another replica below',
      [dataset('nas/home/ann/x', '', { own: copy('7', { 'zferry:id': 'other1' }) })],
      'nas/home/ann/x is no copy of something that is gone',
    ],
    [
      'one that was set aside',
      [dataset('nas/home/ann/x', '', { own: copy('7', { 'zferry:aside': 'x' }) })],
      'nas/home/ann/x was set aside',
    ],
    [
      'an empty parent',
      [dataset('nas/home/ann/x', '', { own: own({ 'zferry:placeholder': 'on', 'zferry:id': 'ab12cd' }) })],
      'nas/home/ann/x is no copy of something that is gone',
    ],
    [
      'one that was written to',
      [dataset('nas/home/ann/x', '', { own: copy('7'), written: 1 })],
      'nas/home/ann/x was written to since its newest snapshot',
    ],
    [
      'a receive that has not ended',
      [dataset('nas/home/ann/x', '', { own: copy('7'), resumeToken: '1-a' })],
      "a receive into nas/home/ann/x has not ended (if none is running, let go of the rest: zfs receive -A 'nas/home/ann/x')",
    ],
    [
      'a first copy that has not ended',
      [dataset('nas/home/ann/x', '', { own: copy('7'), inconsistent: true })],
      "a receive into nas/home/ann/x has not ended (if none is running, let go of the rest: zfs receive -A 'nas/home/ann/x')",
    ],
    [
      'one that somebody may be writing to',
      [dataset('nas/home/ann/x', '', { own: copy('7'), mounted: true })],
      'nas/home/ann/x is mounted and can be written to',
    ],
    [
      'one that is being made again',
      [dataset('nas/home/ann/x', '', { own: copy('7', { 'zferry:rebuilding': 'nas/home/ann/y' }) })],
      'nas/home/ann/x is being made again',
    ],
    [
      'a bookmark of somebody',
      [dataset('nas/home/ann/x', '@a,1 #mine,1', { own: copy('7') })],
      'nas/home/ann/x has the bookmark #mine, which did not come from its source',
    ],
    [
      'one whose source has another name now',
      [dataset('nas/home/ann/x', '', { own: copy('2') })],
      'the source of nas/home/ann/x is still there, as tank/home/bob',
    ],
  ])('%s', (_, below, reason) => {
    expect(fates([top, bob, ann(longAgo), deep, ...below])).toEqual([`nas/home/ann stays: ${reason}`]);
  });

  test('not for what is mounted and read-only, a volume, or a bookmark of our own', () => {
    const nothing: Partial<Dataset>[] = [
      { mounted: true, readonly: true },
      { mounted: undefined },
      dataset('x', '#zferry_ab12cd_77,77'),
    ];
    for (const { mounted = false, readonly = false, bookmarks = [] } of nothing) {
      const below = dataset('nas/home/ann/x', '', { own: copy('7'), mounted, readonly, bookmarks });
      expect(fates([top, bob, ann(longAgo), below])).toEqual(['nas/home/ann destroyed']);
    }
  });

  test('the copy of another source, or one that does not remember which: everything would look gone', () => {
    const other = dataset('nas/home', '@a,1', { own: copy('99') });
    expect(fates([other, bob, ann(longAgo)])).toEqual([
      'nas/home/ann stays: nas/home is the copy of another dataset than what is now called tank/home',
    ]);
    expect(plan([other, bob, ann()]).vanished).toMatchObject([{ marks: false }]);
    const empty = dataset('nas/home', '', { own: own({ 'zferry:id': 'ab12cd' }) });
    expect(fates([empty, ann(longAgo)])).toEqual([
      'nas/home/ann stays: nas/home itself does not remember that it is a copy of tank/home',
    ]);
  });

  test('as long as not all of the rest can go on', () => {
    const diverged = dataset('nas/home/bob', '@x,7', { own: copy('2') });
    expect(fates([top, diverged, ann(longAgo)])).toEqual([
      'nas/home/ann stays: not all of the rest can go on',
    ]);
    // What is kept for another reason keeps that.
    expect(fates([top, diverged, ann()])).toEqual(['nas/home/ann waits']);
    expect(plan([top, diverged, ann(longAgo)]).vanished).toEqual([
      {
        name: 'nas/home/ann',
        since: Date.UTC(2026, 0, 1),
        marks: false,
        fate: { kind: 'stays', reason: 'not all of the rest can go on' },
      },
    ]);
  });

  test('what is left out has not vanished, nor has what would be below it', () => {
    const excluded = { pruneVanished: day, exclude: ['ann'] };
    expect(fates([top, bob, ann(longAgo), deep], excluded)).toEqual([]);
    expect(fates([top, bob, ann(longAgo), deep], { pruneVanished: day, exclude: ['ann/deep'] })).toEqual([
      'nas/home/ann stays: nas/home/ann/deep is no copy of something that is gone',
    ]);
    const off = dataset('tank/home/bob', '@a,2', { ...at('2'), own: own({ 'zferry:sync': 'off' }) });
    const from = { ...source, datasets: source.datasets.with(1, off) };
    const below = dataset('nas/home/bob/x', '@a,8', { own: copy('8', { 'zferry:vanished': longAgo }) });
    expect(fates([top, bob, below], { pruneVanished: day }, from)).toEqual([]);
  });
});

test('the plan says since when, what will be lost, and that it will', () => {
  const due = plan([top, bob, ann(longAgo), deep]);
  expect(planText(due)).toContain(
    '  destroy   nas/home/ann: its source is gone since 2026-01-01 00:00 UTC; LOSES 3 snapshots of 2 datasets, 4.0 KiB\n',
  );
  expect(planText(due)).toContain('1 dataset to destroy, with what is below');
  expect(planJson(due).vanished).toEqual([
    {
      name: 'nas/home/ann',
      since: '2026-01-01T00:00:00.000Z',
      fate: 'destroyed',
      datasets: 2,
      snapshots: 3,
      used: 4096,
    },
  ]);
  expect(planText(plan([top, bob, ann()]))).toContain(
    'nas/home/ann: its source is gone; it stays as it is until 2026-12-20 03:04 UTC',
  );
});
