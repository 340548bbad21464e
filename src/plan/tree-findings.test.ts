import { describe, expect, test } from 'vitest';
import { byName, type Dataset } from '../zfs/dataset.ts';
import { type DatasetName, parseDatasetName } from '../zfs/dataset-name.ts';
import { knownFaults } from '../zfs/known-faults.ts';
import type { DatasetPlan, Decision } from './decision.ts';
import { dataset, own, points, side } from './testing.ts';
import {
  belowLocked,
  faultsOf,
  heirs,
  missingParents,
  oneByOne,
  volumesOf,
  waitedFor,
} from './tree-findings.ts';

const name = parseDatasetName;
const usual = { kind: 'usual' } as const;
const encrypted = { encrypted: true };
const locked = { encrypted: true, keyLoaded: false };

const flags = { largeBlocks: false, compressed: true, embedded: false, raw: false };
const [a, b, c] = points('@a,1 @b,2 @c,3').snapshots;
if (!a || !b || !c) throw new Error('no points');
const full = {
  kind: 'send',
  base: undefined,
  steps: [a, b, c].map((to) => ({ stream: { kind: 'full' as const, to }, snapshots: [to], reason: '' })),
  flags,
  properties: {},
} satisfies Decision;
const raw = { ...full, flags: { ...flags, raw: true } };
const rawIncrement = { ...raw, base: { source: a, target: a } };
const nothing: Decision = { kind: 'up-to-date', reason: '' };
const left: Decision = { kind: 'left', reason: '' };
const blocked: Decision = { kind: 'blocked', reason: '', next: '' };
const waits = (until: string, what: 'place' | 'history' = 'place'): Decision => ({
  kind: 'waits',
  for: what,
  reason: '',
  until: name(until),
});

const plan = (target: string, decision: Decision): DatasetPlan => ({
  source: name(target.replace(/^n\/c/, 't/s')),
  target: name(target),
  decision,
});
const plans = (all: Record<string, Decision>) =>
  Object.entries(all).map(([target, one]) => plan(target, one));
const names = (...all: string[]): DatasetName[] => all.map((one) => name(one));

describe('parents that are missing', () => {
  const target = side('n/x/c', [dataset('n/x/c/there')], [dataset('n')]);
  const missing = (all: Record<string, Decision>) => missingParents(target, plans(all));

  test('are all above what comes that is neither there nor comes itself, from the top', () => {
    expect(missing({ 'n/x/c/there/a/b': full, 'n/x/c/b': full, 'n/x/c/b/c': full })).toEqual([
      'n/x',
      'n/x/c',
      'n/x/c/there/a',
    ]);
  });

  test('none above what does not come', () => {
    expect(missing({ 'n/x/c/a/b': nothing, 'n/x/c/d/e': blocked })).toEqual([]);
  });
});

describe('parents that cannot be encrypted', () => {
  const below = (parents: string[], there: readonly Dataset[], all: Record<string, Decision>) => [
    ...belowLocked(names(...parents), byName(there), plans(all)),
  ];

  test('are those below what comes raw, or below what has no key there', () => {
    const parents = ['n/c/a', 'n/c/a/b', 'n/d', 'n'];
    expect(below(parents, [dataset('n')], { 'n/c': raw })).toEqual(['n/c/a', 'n/c/a/b']);
    expect(below(parents, [dataset('n'), dataset('n/c', '', locked)], {})).toEqual(['n/c/a', 'n/c/a/b']);
  });

  test('not those below what is plain, has its key, or is raw already and gets its key another time', () => {
    const parents = ['n/c/a'];
    expect(below(parents, [dataset('n', '', locked), dataset('n/c')], { 'n/c': full })).toEqual([]);
    expect(below(parents, [dataset('n/c', '', encrypted)], { 'n/c': rawIncrement })).toEqual([]);
    expect(below(parents, [dataset('n')], { 'n/c': full })).toEqual([]);
    expect(below(parents, [], {})).toEqual([]);
  });
});

describe('places that others wait for', () => {
  const waited = (all: Record<string, Decision>, ...there: string[]) =>
    waitedFor(plans(all), new Set(names('n', ...there)));

  test('are made, with what is above them, where they get nothing themselves', () => {
    expect(waited({ 'n/c/p': nothing, 'n/c/p/q': nothing, 'n/c/p/q/x': waits('n/c/p/q') }, 'n/c')).toEqual([
      'n/c/p',
      'n/c/p/q',
    ]);
    expect(waited({ 'n/c': left, 'n/c/x': waits('n/c') })).toEqual(['n/c']);
    // Nothing of that name is copied at all.
    expect(waited({ 'n/c/p/x': waits('n/c/p') }, 'n/c')).toEqual(['n/c/p']);
  });

  test('not those that come, are there, or are below what comes', () => {
    expect(waited({ 'n/c/p': full, 'n/c/p/x': waits('n/c/p') }, 'n/c')).toEqual([]);
    expect(waited({ 'n/c/p': nothing, 'n/c/p/x': waits('n/c/p') }, 'n/c', 'n/c/p')).toEqual([]);
    expect(waited({ 'n/c': full, 'n/c/p': nothing, 'n/c/p/x': waits('n/c/p') })).toEqual([]);
    expect(waited({ 'n/c/p': blocked, 'n/c/p/x': waits('n/c/p') }, 'n/c')).toEqual([]);
  });

  test('not what waits for a history, nor where nothing at all is there', () => {
    expect(waited({ 'n/c/p': nothing, 'n/c/p/x': waits('n/c/p', 'history') }, 'n/c')).toEqual([]);
    expect(waitedFor(plans({ 'n/c/x': waits('n/c') }), new Set())).toEqual([]);
  });

  test('once each, from the top', () => {
    const all = {
      'n/c/q': nothing,
      'n/c/q/x': waits('n/c/q'),
      'n/c/q/y': waits('n/c/q'),
      'n/c/p/z': waits('n/c/p'),
    };
    expect(waited(all, 'n/c')).toEqual(['n/c/p', 'n/c/q']);
  });
});

test('volumes, as far as anything is done to them', () => {
  const sources = ['t/s', 't/s/v', 't/s/w'].map((one) =>
    dataset(one, '', { type: one === 't/s' ? 'filesystem' : 'volume' }),
  );
  expect(volumesOf(sources, plans({ 'n/c': full, 'n/c/v': nothing, 'n/c/w': blocked }))).toEqual(['n/c/v']);
});

describe('faults of releases', () => {
  const at = (place: string, minor: number, patch: number) => ({
    ...side(place, []),
    version: { major: 2, minor, patch },
  });
  const ids = (
    decision: Decision,
    differs: Partial<Dataset>,
    source = at('t/s', 3, 9),
    target = at('n/c', 3, 9),
  ) => faultsOf([dataset('t/s', '', differs)], [plan('n/c', decision)], source, target).map(({ id }) => id);

  test('depend on both sides, on what is sent and how', () => {
    expect(ids(raw, encrypted, undefined, at('n/c', 1, 2))).toEqual(['openzfs/zfs#13067']);
    expect(ids(full, {}, undefined, at('n/c', 1, 2))).toEqual([]);
    expect(ids(full, encrypted, at('t/s', 2, 1))).toEqual(['openzfs/zfs#12014']);
    expect(ids(full, {}, at('t/s', 2, 1))).toEqual([]);
    expect(ids(nothing, encrypted, at('t/s', 2, 1))).toEqual([]);
  });

  test('and on whether it goes back from its own replica', () => {
    const replica = { ...encrypted, own: own({ 'zferry:mode': 'raw' }) };
    const old = at('n/c', 1, 0);
    expect(ids(rawIncrement, replica, undefined, old)).toEqual(['openzfs/zfs#12594']);
    expect(ids(raw, replica, undefined, old)).toEqual([]);
    expect(ids(rawIncrement, encrypted, undefined, old)).toEqual([]);
    const plain = { ...encrypted, own: own({ 'zferry:mode': 'plain' }) };
    expect(ids(rawIncrement, plain, undefined, old)).toEqual([]);
  });

  test('are told once', () => {
    const sources = [dataset('t/s', '', encrypted), dataset('t/s/d', '', encrypted)];
    const found = faultsOf(sources, plans({ 'n/c': raw, 'n/c/d': raw }), at('t/s', 3, 9), at('n/c', 1, 2));
    expect(found).toEqual(knownFaults.filter(({ id }) => id === 'openzfs/zfs#13067'));
  });
});

describe('what inherits that it is part of the replica', () => {
  const sources = ['t/s', 't/s/a', 't/s/a/b'].map((one) => dataset(one));
  const inherits = (there: readonly Dataset[], one: string, top: Parameters<typeof heirs>[3] = usual) =>
    heirs(side('n/c', there), sources, name('t/s'), top, 'ab12cd')(name(one));
  const ours = { own: own({ 'zferry:id': 'ab12cd' }) };

  test('is all below its top, unless it is right below something else', () => {
    expect(inherits([], 'n/c')).toBe(false);
    expect(inherits([], 'n/c/a')).toBe(true);
    expect(inherits([dataset('n/c', '', ours)], 'n/c/a')).toBe(true);
    expect(inherits([dataset('n/c')], 'n/c/a')).toBe(false);
    expect(inherits([dataset('n/c', '', { own: own({ 'zferry:id': 'other1' }) })], 'n/c/a')).toBe(false);
    expect(inherits([dataset('n/c', '', ours), dataset('n/c/a')], 'n/c/a/b')).toBe(false);
    expect(inherits([], 'n')).toBe(false);
  });

  test('where the top is replaced, nothing of what is there now counts', () => {
    const replaced = { kind: 'replaced' } as const;
    expect(inherits([dataset('n/c')], 'n/c/a', replaced)).toBe(true);
    expect(inherits([dataset('n/c')], 'n/c', replaced)).toBe(false);
    expect(inherits([dataset('n/c'), dataset('n/c/a')], 'n/c/a/b', replaced)).toBe(false);
    const without = heirs(side('n/c', [dataset('n/c')]), sources.slice(1), name('t/s'), replaced, 'ab12cd');
    expect(without(name('n/c/a'))).toBe(false);
  });
});

describe('why a history goes snapshot by snapshot', () => {
  const source = side('t/s', []);
  const target = (minor: number) => ({ ...side('n/c', []), version: { major: 2, minor, patch: 5 } });
  const ofSteps = (count: number) =>
    plans({ 'n/c': { ...full, steps: full.steps.slice(0, count) }, 'n/c/d': nothing });
  const old =
    'each snapshot goes by itself: OpenZFS 2.1.5 on this machine can lose one of many in a stream (openzfs/zfs#12661, mended in 2.2)';
  const forbidden =
    'each snapshot goes by itself: the user may not hold on this machine, which zfs send -I does (zfs allow USER hold t/s)';

  test.each([
    ['the target is old, and many come', 3, 1, false, [old]],
    ['the target is old, and few come', 2, 1, false, []],
    ['nothing is wrong', 3, 3, false, []],
    ['the user may not hold', 3, 3, true, [forbidden]],
    ['both', 3, 1, true, [forbidden]],
  ])('%s', (_, count, minor, mayNotHold, notes) => {
    expect(oneByOne(ofSteps(count), source, target(minor), mayNotHold)).toEqual(notes);
  });
});
