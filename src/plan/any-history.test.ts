import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Dataset, OwnProperty } from '../zfs/dataset.ts';
import { type DatasetName, parseDatasetName, parseShortName, rebase } from '../zfs/dataset-name.ts';
import { type Guid, parseGuid } from '../zfs/guid.ts';
import type { Bookmark, Snapshot } from '../zfs/snapshot.ts';
import { anchorName, changeAnchor } from './anchors.ts';
import { findBase } from './base.ts';
import type { DatasetPlan } from './decision.ts';
import { isChosen, isOwnSnapshot, ownSnapshotName } from './own-snapshot.ts';
import type { Side } from './side.ts';
import { planSync, type SyncOptions, type SyncPlan, withTaken } from './sync-plan.ts';
import { dataset, own, side, syncOptions } from './testing.ts';
import { isStopped } from './tree-rules.ts';

const id = 'ab12cd';
const runs =
  process.env['ZFERRY_MUTATED'] === undefined
    ? { numRuns: 250 }
    : { numRuns: 15, seed: 7, endOnFailure: true };

/** A snapshot that was made some time: who has it still, and under what name. */
const moment = fc.record({
  on: fc.constantFrom(
    'both',
    'both',
    'both',
    'source',
    'source',
    'target',
    'bookmark',
    'bookmark and target',
  ),
  name: fc.constantFrom('own', 'own', 'other', 'd', 'e', 'f'),
  renamed: fc.constantFrom(false, false, false, true),
  marked: fc.constantFrom('', '', 'ours', 'theirs'),
});

/** A dataset and its copy. Most histories end with what only the source has: others cannot go on. */
const pair = fc.record({
  past: fc.array(moment, { maxLength: 7 }),
  since: fc.array(
    moment.map((one) => ({ ...one, on: 'source' })),
    { maxLength: 4 },
  ),
  there: fc.constantFrom(true, true, true, false),
  remembers: fc.constantFrom(true, true, false),
  written: fc.constantFrom(0, 0, 0, 0, 512),
  elsewhere: fc.constantFrom(false, false, false, true),
});
type Pair = typeof pair extends fc.Arbitrary<infer T> ? T : never;

const options = fc.record({
  choice: fc.constantFrom<SyncOptions['choice']>(
    { kind: 'all' },
    { kind: 'all' },
    { kind: 'own' },
    { kind: 'glob', pattern: 'd*' },
  ),
  initial: fc.constantFrom<SyncOptions['initial']>('all', 'all', 'newest', 'fail'),
  keep: fc.constantFrom(undefined, 0, 1, 2),
  onDivergence: fc.constantFrom<SyncOptions['onDivergence']>('stop', 'stop', 'set-aside', 'rollback'),
  snapshot: fc.constantFrom<SyncOptions['snapshot']>('no', 'auto'),
  mayNotHold: fc.constantFrom(false, false, true),
});

const world = fc
  .record({ pairs: fc.array(pair, { minLength: 1, maxLength: 3 }), options, minor: fc.constantFrom(1, 3) })
  .map(({ pairs, options: differs, minor }) => {
    const made = pairs.map(datasetAndCopy);
    const target = side(
      'n/c',
      made.flatMap(({ copy }) => (copy ? [copy] : [])),
    );
    return {
      source: side(
        't/s',
        made.map((one) => one.source),
      ),
      target: { ...target, version: { major: 2, minor, patch: 5 } },
      options: syncOptions(differs),
    };
  });

/** The one at the top is `t/s`, the next `t/s/d`, below it `t/s/d/d`. */
function datasetAndCopy({ past, since, ...one }: Pair, depth: number): { source: Dataset; copy?: Dataset } {
  const sides = { source: new Map<string, Snapshot>(), target: new Map<string, Snapshot>() };
  const bookmarks: Bookmark[] = [];
  for (const [i, { on, name, renamed, marked }] of [...past, ...since].entries()) {
    const guid = parseGuid(String((depth + 1) * 100 + i));
    // Neither names nor the numbers of transaction groups are in any order that the other side would know of.
    const point = (short: string, createtxg: number) => ({ guid, name: parseShortName(short), createtxg });
    const add = (to: 'source' | 'target', text: string): Snapshot => {
      const free = sides[to].has(text) ? `${text}${i}` : text;
      const snapshot = {
        kind: 'snapshot' as const,
        ...point(free, to === 'source' ? 10 * i + 5 : 3 * i + 30),
      };
      sides[to].set(free, snapshot);
      return snapshot;
    };
    const text = textOf(name, i);
    if (/both|source/.test(on)) add('source', text);
    if (/both|target/.test(on)) add('target', renamed ? `${text}_r` : text);
    const createtxg = 10 * i + 5;
    if (on.startsWith('bookmark') || marked === 'theirs')
      bookmarks.push({ kind: 'bookmark', ...point(`m${i}`, createtxg) });
    if (marked === 'ours') bookmarks.push({ kind: 'bookmark', ...point(anchorName(id, guid), createtxg) });
  }
  const guid = parseGuid(String(900 + depth));
  const name = `t/s${'/d'.repeat(depth)}`;
  const source = dataset(name, '', { guid, bookmarks, snapshots: [...sides.source.values()] });
  if (!one.there) return { source };
  const marks = one.remembers
    ? own({ 'zferry:id': id, 'zferry:source': guid })
    : new Map<OwnProperty, never>();
  const at =
    one.elsewhere && depth > 0
      ? `n/c/old${depth}`
      : rebase(source.name, parseDatasetName('t/s'), parseDatasetName('n/c'));
  const copy = dataset(at, '', { own: marks, written: one.written, snapshots: [...sides.target.values()] });
  return { source, copy };
}

function textOf(kind: string, i: number): string {
  if (kind === 'own' || kind === 'other')
    return ownSnapshotName(kind === 'own' ? id : 'zzzzzz', Date.UTC(2026, 0, 1, 0, 0, (i * 7) % 13));
  return kind;
}

type Copies = Map<DatasetName, Dataset>;

/** The target as ZFS would leave it: whatever ZFS would not take throws. */
function carryOut(plan: SyncPlan, source: Side, target: Side): Copies {
  const now = plan.renames.reduce((all, { from, to }) => {
    const isIn = (name: DatasetName) => name === from || name.startsWith(`${from}/`);
    return all.map((one) => (isIn(one.name) ? { ...one, name: rebase(one.name, from, to) } : one));
  }, target.datasets);
  const copies: Copies = new Map(now.map((one) => [one.name, one]));
  for (const one of plan.datasets) {
    const from = source.datasets.find(({ name }) => name === one.source);
    if (from === undefined) throw new Error(`no ${one.source}`);
    putRight(one, copies);
    if (one.decision.kind !== 'send') continue;
    const before = copies.get(one.target);
    if (one.decision.base === undefined && before) throw new Error(`${one.target} is in the way`);
    const copy =
      before ?? dataset(one.target, '', { own: own({ 'zferry:id': id, 'zferry:source': from.guid }) });
    copies.set(one.target, { ...copy, snapshots: arrived(one, from, copy) });
  }
  return copies;
}

function putRight({ target, remedies = [] }: DatasetPlan, copies: Copies): void {
  for (const remedy of remedies) {
    const copy = copies.get(target);
    if (copy === undefined) throw new Error(`no ${target}`);
    if (remedy.kind === 'rename-snapshot') {
      const snapshots = copy.snapshots.map((one) =>
        one.name === remedy.from ? { ...one, name: remedy.to } : one,
      );
      copies.set(target, { ...copy, snapshots });
      continue;
    }
    const { base } = remedy;
    const last = copy.snapshots.findIndex(({ guid }) => guid === base?.target.guid);
    const snapshots = copy.snapshots.slice(0, last + 1);
    if (remedy.kind === 'rollback') {
      expect(remedy.loses).toEqual(copy.snapshots.slice(last + 1));
    }
    if (base === undefined) copies.delete(target);
    else copies.set(target, { ...copy, snapshots, written: 0 });
  }
}

/** `zfs receive`, one step after the other. */
function arrived({ decision }: DatasetPlan, source: Dataset, copy: Dataset): Snapshot[] {
  const there = [...copy.snapshots];
  if (decision.kind !== 'send') return there;
  for (const { stream, snapshots } of decision.steps) {
    if (stream.kind === 'resume') throw new Error('nothing was cut off');
    const upTo = source.snapshots.indexOf(stream.to);
    expect(upTo).toBeGreaterThanOrEqual(0);
    expect(copy.written).toBe(0);
    if (stream.kind === 'full') {
      expect([there, snapshots]).toEqual([[], [stream.to]]);
    } else {
      expect(there.at(-1)?.guid).toBe(stream.from.guid);
      expect(stream.from.createtxg).toBeLessThan(stream.to.createtxg);
      expect([...source.snapshots, ...source.bookmarks]).toContain(stream.from);
    }
    if (stream.kind === 'increments') {
      const after = source.snapshots.findIndex(({ guid }) => guid === stream.from.guid);
      expect(after).toBeGreaterThanOrEqual(0);
      expect(stream.from.kind).toBe('snapshot');
      expect(snapshots).toEqual(source.snapshots.slice(after + 1, upTo + 1));
    } else {
      expect(snapshots).toEqual([stream.to]);
    }
    for (const one of snapshots) {
      expect(there.filter(({ guid, name }) => guid === one.guid || name === one.name)).toEqual([]);
      there.push({ ...one, createtxg: (there.at(-1)?.createtxg ?? 0) + 4 });
    }
  }
  return there;
}

/** The plan as it is carried out, its own snapshot taken, and what is there then. */
function run({
  source: listed,
  target,
  options: asked,
}: typeof world extends fc.Arbitrary<infer T> ? T : never) {
  const first = planSync(listed, target, asked, new Set());
  const { snapshot } = first;
  if (snapshot.kind !== 'take') {
    return { source: listed, plan: first, copies: carryOut(first, listed, target) };
  }
  const taken = snapshot.datasets.map((name, i): [DatasetName, Snapshot] => [
    name,
    { kind: 'snapshot', name: snapshot.name, guid: parseGuid(String(700 + i)), createtxg: 500 },
  ]);
  const own = { name: snapshot.name, snapshots: new Map(taken) };
  const source = withTaken(listed, own);
  const plan = planSync(source, target, asked, new Set(), own);
  return { source, plan, copies: carryOut(plan, source, target) };
}

test('what was chosen arrives, in the order of the source, each onto what it was made from, and nothing twice', () => {
  fc.assert(
    fc.property(world, (one) => {
      const { source, plan, copies } = run(one);
      for (const [i, { target, decision }] of plan.datasets.entries()) {
        const wanted = (source.datasets[i]?.snapshots ?? []).filter(({ name }) =>
          isChosen(one.options.choice, name, id),
        );
        const base = 'base' in decision ? decision.base?.source.createtxg : undefined;
        const onlyNewest = base === undefined && one.options.initial === 'newest';
        const missing = wanted.filter(({ createtxg }) => createtxg > (base ?? 0)).slice(onlyNewest ? -1 : 0);
        if (decision.kind === 'up-to-date') expect(missing).toEqual([]);
        if (decision.kind !== 'send') continue;
        const names = copies.get(target)?.snapshots.map(({ guid }) => guid) ?? [];
        expect(names.slice(-missing.length)).toEqual(missing.map(({ guid }) => guid));
      }
    }),
    runs,
  );
});

test('a target that cannot go on as it is is left alone, or put right first: never unasked', () => {
  fc.assert(
    fc.property(world, (one) => {
      const { source, plan } = run(one);
      for (const { source: name, target, decision, remedies } of plan.datasets) {
        const copy = one.target.datasets.find((copy) => copy.name === target);
        const from = source.datasets.find((dataset) => dataset.name === name);
        if (one.options.onDivergence === 'stop') expect(remedies).toBeUndefined();
        if (decision.kind === 'refused' || decision.kind === 'blocked') expect(remedies).toBeUndefined();
        if (copy === undefined || from === undefined || plan.renames.length > 0) continue;
        const base = findBase(from, copy);
        const goesOn = base !== undefined && base.target === copy.snapshots.at(-1) && copy.written === 0;
        if (decision.kind === 'send' && !goesOn) expect(remedies).not.toBeUndefined();
        if (goesOn && decision.kind === 'send' && remedies)
          expect(remedies.map(({ kind }) => kind)).toContain('rename-snapshot');
      }
    }),
    runs,
  );
});

test('planned twice it is the same, and once it is carried out nothing is left to do', () => {
  fc.assert(
    fc.property(world, (one) => {
      const { source, plan, copies } = run(one);
      const again = { ...one.options, snapshot: 'no' as const };
      expect(planSync(one.source, one.target, one.options, new Set())).toEqual(
        planSync(one.source, one.target, one.options, new Set()),
      );
      if (plan.datasets.some(({ decision }) => decision.kind === 'waits')) return;
      const rest = source.datasets.map((from) => {
        const gone = new Set(plan.rotate.get(from.name));
        return { ...from, snapshots: from.snapshots.filter(({ name }) => !gone.has(name)) };
      });
      const then = { ...one.target, datasets: [...copies.values()] };
      const next = planSync({ ...source, datasets: rest }, then, again, new Set());
      for (const [i, { decision }] of next.datasets.entries()) {
        const before = plan.datasets[i];
        if (before && isStopped(before)) expect(decision.kind).not.toBe('send');
        else expect(decision).toMatchObject({ kind: 'up-to-date' });
      }
      expect([next.renames, next.parents, [...next.rotate]]).toEqual([[], [], []]);
    }),
    runs,
  );
});

test('rotation keeps the newest that both sides have, as many as are to be kept, and what is not own', () => {
  fc.assert(
    fc.property(world, (one) => {
      const { source, plan, copies } = run(one);
      for (const [name, gone] of plan.rotate) {
        const target = plan.datasets.find((dataset) => dataset.source === name)?.target;
        const from = source.datasets.find((dataset) => dataset.name === name);
        const copy = target && copies.get(target);
        if (from === undefined || !copy) throw new Error(`${name} is not copied`);
        const there = new Set<Guid>(copy.snapshots.map(({ guid }) => guid));
        const lost = from.snapshots.filter((snapshot) => gone.includes(snapshot.name));
        const rest = { ...from, snapshots: from.snapshots.filter((snapshot) => !lost.includes(snapshot)) };
        expect(lost.filter(({ name: short, guid }) => !isOwnSnapshot(short, id) || !there.has(guid))).toEqual(
          [],
        );
        expect(findBase({ ...rest, bookmarks: [] }, copy)).toEqual(
          findBase({ ...from, bookmarks: [] }, copy),
        );
        const kept = rest.snapshots.filter((snapshot) => isOwnSnapshot(snapshot.name, id));
        expect(kept.length).toBeGreaterThanOrEqual(one.options.keep ?? 0);
      }
    }),
    runs,
  );
});

test('the anchors: the newest that both sides have is protected on both, and nothing is let go that is not ours', () => {
  fc.assert(
    fc.property(world, fc.boolean(), fc.boolean(), (one, looked, anchored) => {
      const { source, plan, copies } = run(one);
      for (const { source: name, target, decision } of plan.datasets) {
        const from = source.datasets.find((dataset) => dataset.name === name);
        const copy = copies.get(target);
        const base = from && copy && findBase(from, copy);
        if (from === undefined || base === undefined) continue;
        const old = 'base' in decision ? decision.base : undefined;
        const held = new Set(anchored && old ? [old.target.name] : []);
        const onSource = base.source.kind === 'snapshot' ? base.source.name : undefined;
        const { guid } = base.target;
        const anchor = { source: name, target, guid, onSource, onTarget: base.target.name };
        const change = changeAnchor(id, anchor, from.bookmarks, old?.target.name, looked ? held : undefined);
        const marks = new Set([
          ...from.bookmarks.map((mark) => mark.name),
          ...(change.mark ? [change.mark.bookmark] : []),
        ]);
        const ours = /^zferry_ab12cd_/;
        expect(change.unmark.filter((mark) => !ours.test(mark))).toEqual([]);
        for (const mark of change.unmark) marks.delete(mark);
        if (onSource !== undefined) {
          expect([...marks].filter((mark) => ours.test(mark))).toEqual([anchorName(id, guid)]);
        } else {
          expect(from.bookmarks.some((mark) => mark.guid === guid && marks.has(mark.name))).toBe(true);
        }
        expect(change.release).not.toContain(base.target.name);
        if (change.hold !== undefined) expect(change.hold).toBe(base.target.name);
        const isHeld = change.hold !== undefined || (anchored && old?.target.name === base.target.name);
        const known = looked || change.mark !== undefined || old?.target.name !== base.target.name;
        if (known) expect(isHeld).toBe(true);
        if (anchored && old && old.target.name !== base.target.name)
          expect(change.release).toEqual([old.target.name]);
      }
    }),
    runs,
  );
});
