import { describe, expect, test } from 'vitest';
import { parseDatasetName } from '../zfs/dataset-name.ts';
import { parseGuid } from '../zfs/guid.ts';
import { resumeToken } from '../zfs/testing.ts';
import { conflictJson, planJson, remedyJson, snapshotJson } from './plan-json.ts';
import { own, planTree, points, type Row } from './testing.ts';

const name = parseDatasetName;
const marks = own({ 'zferry:id': 'ab12cd', 'zferry:source': '1000' });
const marked = { own: marks, readonly: true };
const point = (kind: string, short: string, guid: string) => ({ kind, name: short, guid });
const one = (short: string, guid: string) => ({ name: short, guid });

/** What is said of the first dataset, and nothing else of the plan. */
const first = (...args: Parameters<typeof planTree>) => planJson(planTree(...args)).datasets[0];
const names = { source: 't/s', target: 'n/c', letGo: null, replaces: false, remedies: [] };

test('all that a run does, with null for what is not there', () => {
  const plan = planTree([['t/s', '@a,1 @b,2']], [['n/c', '@a,1', marked]]);
  const way = { compress: 'lz4' as const, filter: { send: ['hide'], receive: undefined } };
  const fault = { id: 'x', link: 'y', meaning: 'm', next: 'n', applies: () => true };
  const changed = {
    ...plan,
    way,
    faults: [fault],
    renames: [{ from: name('n/c/a'), to: name('n/c/b') }],
    rotate: new Map([[name('t/s'), points('@o,7').snapshots.map((snapshot) => snapshot.name)]]),
  };
  expect(planJson(changed)).toEqual({
    source: 't/s',
    target: 'n/c',
    replica: 'ab12cd',
    snapshot: { taken: false, reason: 'not asked for (--no-snapshot)' },
    unsnapshotted: [],
    renames: [{ from: 'n/c/a', to: 'n/c/b' }],
    promotes: [],
    create: [],
    datasets: [
      {
        ...names,
        decision: 'send',
        base: point('snapshot', 'a', '1'),
        raw: false,
        secrecy: null,
        properties: {},
        steps: [
          {
            kind: 'increment',
            from: point('snapshot', 'a', '1'),
            to: point('snapshot', 'b', '2'),
            snapshots: [one('b', '2')],
            arrived: 0,
            bytes: null,
            reason: '@a is the newest that both sides have',
          },
        ],
      },
    ],
    excluded: [],
    vanished: [],
    returned: [],
    direct: false,
    compress: 'lz4',
    filtered: { send: true, receive: false },
    notes: [],
    warnings: [],
    reserve: [],
    faults: [{ id: 'x', link: 'y', meaning: 'm', next: 'n' }],
    rotate: [{ dataset: 't/s', snapshots: ['o'] }],
    bytes: 0,
  });
  const other = { ...changed, way: { ...way, filter: { send: undefined, receive: ['show'] } } };
  expect(planJson(other).filtered).toEqual({ send: false, receive: true });
});

test('an own snapshot that is to be taken, and one that is', () => {
  const plan = planTree([['t/s', '@a,1']], [], { snapshot: 'auto' });
  const snapshot = { name: 'zferry_ab12cd_20261120T030405Z', datasets: ['t/s'] };
  expect(planJson(plan).snapshot).toEqual({ taken: false, ...snapshot });
  if (plan.snapshot.kind !== 'take') throw new Error(plan.snapshot.kind);
  const taken = { ...plan, snapshot: { ...plan.snapshot, kind: 'taken' as const } };
  expect(planJson(taken).snapshot).toEqual({ taken: true, ...snapshot });
});

describe('one dataset', () => {
  test('a first copy, encrypted as on the source', () => {
    expect(first([['t/s', '@a,1', { encrypted: true }]], [])).toMatchObject({
      ...names,
      decision: 'send',
      base: null,
      raw: true,
      secrecy: 'raw',
      properties: { 'zferry:mode': 'raw' },
      steps: [{ kind: 'full', from: null, to: point('snapshot', 'a', '1') }],
    });
  });

  test('from a bookmark', () => {
    expect(first([['t/s', '#m,1 @b,2']], [['n/c', '@a,1', marked]])).toMatchObject({
      base: point('bookmark', 'm', '1'),
      steps: [{ from: point('bookmark', 'm', '1') }],
    });
  });

  test('the rest of what was cut off, of a first copy and of an increment', () => {
    const partial = {
      resumeToken: resumeToken({ to: '1', toName: 't/s@a' }),
      inconsistent: true,
      own: marks,
    };
    expect(first([['t/s', '@a,1']], [['n/c', '', partial]])).toMatchObject({
      letGo: null,
      steps: [{ kind: 'resume', from: null, arrived: 131_384 }],
    });
    const cut = { resumeToken: resumeToken({ to: '2', from: '1', toName: 't/s@b', bytes: 7 }), own: marks };
    expect(first([['t/s', '@a,1 @b,2']], [['n/c', '@a,1', cut]])).toMatchObject({
      steps: [{ kind: 'resume', from: point('snapshot', 'a', '1'), arrived: 7 }],
    });
    const gone = { resumeToken: resumeToken({ to: '9', toName: 't/s@x' }), inconsistent: true, own: marks };
    expect(first([['t/s', '@a,1']], [['n/c', '', gone]])).toMatchObject({
      letGo: 'the snapshot that it was for, t/s@x, is gone from the source',
      decision: 'send',
    });
  });

  test('the place of an empty one is taken', () => {
    const placeholder: Row = ['n/c', '', { own: own({ 'zferry:placeholder': 'on' }) }];
    expect(first([['t/s', '@a,1']], [placeholder])).toMatchObject({ replaces: true, decision: 'send' });
  });

  test('nothing to do, or nothing that can be done', () => {
    expect(first([['t/s', '@a,1']], [['n/c', '@a,1', marked]])).toEqual({
      ...names,
      decision: 'nothing',
      reason: 'the target has all up to @a',
    });
    expect(first([['t/s', '@a,1']], [], { raw: 'yes' })).toEqual({
      ...names,
      decision: 'blocked',
      reason: 't/s is not encrypted, and only what is may be sent (--raw yes)',
      next: 'leave it out with --exclude, or leave --raw out',
    });
    expect(first([['t/s', '@a,1']], [['n/c', '']])).toMatchObject({
      ...names,
      decision: 'refused',
      conflict: { kind: 'target-has-no-snapshots', base: null },
    });
    const left = { ...planTree([['t/s', '@a,1']], []) };
    const datasets = left.datasets.map((plan) => ({
      ...plan,
      decision: { kind: 'left' as const, reason: 'because' },
    }));
    expect(planJson({ ...left, datasets }).datasets).toEqual([
      { ...names, decision: 'left', reason: 'because' },
    ]);
  });

  test('what waits, with what comes then where that is known', () => {
    const { datasets } = planJson(
      planTree(
        [
          ['t/s', '@b,2'],
          ['t/s/c', '@x,3'],
        ],
        [
          ['n/c', '@z,9', { own: marks }],
          ['n/c/c', '@x,3'],
        ],
        { onDivergence: 'set-aside' },
      ),
    );
    expect(datasets).toMatchObject([
      { decision: 'send', remedies: [{ kind: 'set-aside', base: null }] },
      {
        decision: 'waits',
        reason: expect.stringContaining('until n/c has arrived'),
        later: { decision: 'nothing' },
      },
    ]);
    const renamed = planJson(
      planTree(
        [
          ['t/s', '@a,1'],
          ['t/s/p', '@b,2', { guid: parseGuid('8') }],
          ['t/s/p/x', '@x,3', { guid: parseGuid('9') }],
        ],
        [
          ['n/c', '@a,1', marked],
          ['n/c/x', '@x,3', { own: own({ 'zferry:id': 'ab12cd', 'zferry:source': '9' }) }],
        ],
      ),
    );
    expect(renamed.datasets[2]).toMatchObject({ decision: 'waits', later: null });
  });
});

describe('a remedy', () => {
  const remedy = (history: string, copy: Row, onDivergence: 'rollback' | 'set-aside') => {
    const [found] = planTree([['t/s', history]], [copy], { onDivergence }).datasets[0]?.remedies ?? [];
    return found && remedyJson(found);
  };
  const diverged: Row = ['n/c', '@a,1 @mine,9', { own: marks, written: 512 }];

  test('with what it goes back to, and what is lost', () => {
    expect(remedy('@a,1 @b,2', diverged, 'rollback')).toMatchObject({
      kind: 'rollback',
      to: point('snapshot', 'a', '1'),
      loses: [one('mine', '9')],
      written: 512,
      conflict: { kind: 'target-newer' },
    });
  });

  test('with the name of the copy, and what takes its place', () => {
    const copy = 'n/c_diverged_20261120T030405Z';
    expect(remedy('@a,1 @b,2', diverged, 'set-aside')).toMatchObject({
      kind: 'set-aside',
      copy,
      base: point('snapshot', 'a', '1'),
      conflict: { kind: 'target-newer' },
    });
    expect(remedy('@a,1', ['n/c', '@z,9', { own: marks }], 'set-aside')).toMatchObject({ copy, base: null });
  });

  test('with both names of a snapshot', () => {
    expect(remedy('@a,1 @b,2', ['n/c', '@b,9 @a,1', { own: marks }], 'set-aside')).toMatchObject({
      kind: 'rename-snapshot',
      from: 'b',
      to: 'b_diverged_20261120T030405Z',
      conflict: { kind: 'name-taken' },
    });
  });
});

test('a conflict with all of its evidence', () => {
  const { decision } =
    planTree([['t/s', '@a,1 @b,2']], [['n/c', '@r,1 @x,9', { own: marks, written: 7 }]]).datasets[0] ?? {};
  if (decision?.kind !== 'refused') throw new Error(decision?.kind);
  const trace = { host: 'nas', at: '2026-11-20.03:04:05', user: undefined, command: 'zfs set' };
  const details = new Map([['x' as never, { holds: ['keep'], clones: ['n/k'] }]]);
  expect(conflictJson({ ...decision.conflict, traces: [trace, { ...trace, user: 'ann' }], details })).toEqual(
    {
      kind: 'target-newer',
      message: decision.conflict.message,
      next: decision.conflict.next,
      base: { source: point('snapshot', 'a', '1'), target: point('snapshot', 'r', '1') },
      sourceOnly: [one('b', '2')],
      targetOnly: [one('x', '9')],
      written: 7,
      traces: [
        { ...trace, user: null },
        { ...trace, user: 'ann' },
      ],
      details: [{ name: 'x', holds: ['keep'], clones: ['n/k'] }],
    },
  );
});

test('a snapshot that is not taken yet has no GUID', () => {
  const [snapshot] = points('@a,1').snapshots;
  if (snapshot === undefined) throw new Error('no snapshot');
  expect(snapshotJson(snapshot)).toEqual(one('a', '1'));
  expect(snapshotJson({ ...snapshot, guid: '0' as typeof snapshot.guid })).toEqual({ name: 'a', guid: null });
});
