import { describe, expect, test } from 'vitest';
import { byName, type Dataset } from '../zfs/dataset.ts';
import { parseDatasetName } from '../zfs/dataset-name.ts';
import { parseGuid, pendingGuid } from '../zfs/guid.ts';
import { cloneStart } from './clones.ts';
import { dataset, own, planTree, type Row } from './testing.ts';

const origin: Row = ['t/s/z', '@a,1 @b,2'];
const top: Row = ['t/s', '@x,9'];
// Its snapshots are younger than its origin.
const fresh: Row = [
  't/s/clone',
  '',
  {
    origin: 't/s/z@b',
    snapshots: [{ kind: 'snapshot', name: 'c' as never, guid: parseGuid('3'), createtxg: 9 }],
  },
];
const firstStep = ({ datasets }: ReturnType<typeof planTree>, source: string) => {
  const found = datasets.find((one) => one.source === source);
  return found?.decision.kind === 'send' ? { ...found, decision: found.decision } : undefined;
};

test('a clone comes after its origin, as an increment of it', () => {
  const found = firstStep(planTree([top, origin, fresh], []), 't/s/clone');
  expect(found).toMatchObject({
    after: 't/s/z',
    decision: {
      properties: { origin: 'n/c/z@b' },
      steps: [{ stream: { kind: 'increment', from: { name: 'b', of: 't/s/z' }, to: { name: 'c' } } }],
    },
  });
});

test('where the target has the origin, whatever it is called there, nothing has to come first', () => {
  const found = firstStep(
    planTree(
      [top, origin, fresh],
      [
        ['n/c', '@x,9'],
        ['n/c/z', '@other,2'],
      ],
    ),
    't/s/clone',
  );
  expect(found?.after).toBeUndefined();
  expect(found?.decision.properties).toMatchObject({ origin: 'n/c/z@other' });
});

test('without its origin it comes in full, and what that costs is said', () => {
  const { notes, ...rest } = planTree([top, fresh], []);
  expect(firstStep({ notes, ...rest }, 't/s/clone')?.decision.steps[0]?.stream.kind).toBe('full');
  expect(notes).toEqual([
    't/s/clone is a clone of t/s/z@b, which does not come with it: it is sent in full (100 B), and takes that room on the target',
  ]);
  expect(planTree([top, origin, fresh], [], { exclude: ['z'] }).notes).toHaveLength(1);
});

test('promoted on the source: the history that the target has of what was its origin is used', () => {
  const promoted: Row = ['t/s/new', '@a,1 @b,2 @c,3'];
  const old: Row = ['t/s/old', '', { origin: 't/s/new@b' }];
  const found = firstStep(
    planTree(
      [top, promoted, old],
      [
        ['n/c', '@x,9'],
        ['n/c/old', '@a,1 @b,2'],
      ],
    ),
    't/s/new',
  );
  expect(found?.decision).toMatchObject({
    properties: { origin: 'n/c/old@b' },
    steps: [{ stream: { kind: 'increment', from: { name: 'b' }, to: { name: 'c' } } }],
  });
});

const marks = { own: own({ 'zferry:id': 'ab12cd', 'zferry:source': '1000' }) };

test('what lost its history to its clone waits until that is there, and begins as its clone then', () => {
  const promoted: Row = ['t/s/new', '@a,1 @b,2 @c,3'];
  const d = { kind: 'snapshot', name: 'd' as never, guid: parseGuid('4'), createtxg: 9 } as const;
  const old: Row = ['t/s/old', '', { origin: 't/s/new@b', snapshots: [d] }];
  const first = planTree(
    [top, promoted, old],
    [
      ['n/c', '@x,9'],
      ['n/c/old', '@a,1 @b,2'],
    ],
  );
  expect(first.datasets.map(({ decision }) => decision.kind)).toEqual(['up-to-date', 'send', 'waits']);

  const clone = { origin: 'n/c/old@b', ...marks };
  const next = planTree(
    [top, promoted, old],
    [
      ['n/c', '@x,9'],
      ['n/c/new', '@c,3', clone],
      ['n/c/old', '@a,1 @b,2', marks],
    ],
  );
  expect(next.promotes).toEqual(['n/c/new']);
  expect(firstStep(next, 't/s/old')).toMatchObject({
    remedies: [{ kind: 'set-aside' }],
    decision: {
      properties: { origin: 'n/c/new@b' },
      steps: [{ stream: { kind: 'increment', from: { name: 'b', of: 't/s/new' } } }],
    },
  });
});

test('what it has lost its history to goes out of the way, but not with what somebody else is receiving there', () => {
  const d = { kind: 'snapshot', name: 'd' as never, guid: parseGuid('4'), createtxg: 9 } as const;
  const rows: Row[] = [
    top,
    ['t/s/new', '@a,1 @b,2 @c,3'],
    ['t/s/old', '', { origin: 't/s/new@b', snapshots: [d] }],
  ];
  const found = (more: object) =>
    planTree(
      rows,
      [
        ['n/c', '@x,9'],
        ['n/c/new', '@a,1 @b,2 @c,3', marks],
        ['n/c/old', '', { origin: 'n/c/new@b', ...marks, ...more }],
      ],
      { cleanBefore: true },
    ).datasets.find((one) => one.source === 't/s/old');
  expect(found({})).toMatchObject({ remedies: [{ kind: 'set-aside', conflict: { kind: 'promoted-away' } }] });
  const kept = found({ resumeToken: '1-x' });
  expect(kept?.remedies ?? []).toEqual([]);
  expect(kept?.decision).toMatchObject({ kind: 'refused', conflict: { kind: 'foreign-receive' } });
});

test('what has snapshots of its own after the branch goes on from those', () => {
  const promoted: Row = ['t/s/new', '@a,1 @b,2'];
  const late = (name: string, guid: string, createtxg: number) =>
    ({ kind: 'snapshot', name: name as never, guid: parseGuid(guid), createtxg }) as const;
  const old: Row = [
    't/s/old',
    '',
    { origin: 't/s/new@b', snapshots: [late('d', '4', 8), late('e', '5', 9)] },
  ];
  const there: Row[] = [
    ['n/c', '@x,9'],
    ['n/c/new', '@n,6', { origin: 'n/c/old@b', ...marks }],
    ['n/c/old', '@a,1 @b,2 @d,4', marks],
  ];
  const found = planTree([top, promoted, old], there);
  expect(found.promotes).toEqual(['n/c/new']);
  expect(firstStep(found, 't/s/old')?.decision.steps[0]?.stream).toMatchObject({
    from: { name: 'd' },
    to: { name: 'e' },
  });
});

test('what somebody has cloned on the target is not ours to put right', () => {
  const old: Row = ['t/s/work', '', { origin: 't/s/z@b', snapshots: fresh[2]?.snapshots ?? [] }];
  const theirs: Row = ['n/c/work', '', { origin: 'n/other@q' }];
  const found = planTree([top, origin, old], [['n/c', '@x,9'], ['n/c/z', '@a,1 @b,2'], theirs]);
  expect(found.datasets.find((one) => one.source === 't/s/work')).toMatchObject({
    decision: { kind: 'refused', conflict: { kind: 'target-has-no-snapshots' } },
  });
});

test('a clone whose origin lies below it does not wait for that', () => {
  const upper: Row = ['t/s/new', '', { origin: 't/s/new/old@a', snapshots: fresh[2]?.snapshots ?? [] }];
  const found = firstStep(planTree([top, upper, ['t/s/new/old', '@a,1']], []), 't/s/new');
  expect(found?.after).toBeUndefined();
  expect(found?.decision.steps[0]?.stream.kind).toBe('full');
});

test('the snapshot that this run is to take of a dataset and of its clone is not one that they share', () => {
  const emptied = planTree(
    [top, ['t/s/z', '@a,1', { guid: parseGuid('77') }], ['t/s/clone', '@c,3', { origin: 't/s/z@a' }]],
    [
      ['n/c', '@x,9'],
      ['n/c/z', '', { own: own({ 'zferry:source': '77', 'zferry:id': 'ab12cd' }) }],
    ],
    { onDivergence: 'set-aside', snapshot: 'auto' },
  );
  expect(emptied.snapshot).toMatchObject({ kind: 'take', datasets: expect.arrayContaining(['t/s/z']) });
  const found = firstStep(emptied, 't/s/z');
  expect(found?.remedies).toMatchObject([{ kind: 'set-aside' }]);
  expect(found?.decision.steps[0]).toMatchObject({ stream: { kind: 'full', to: { name: 'a' } } });
});

describe('from what a copy can begin', () => {
  const at = (name: string, guid: string, createtxg: number) =>
    ({ kind: 'snapshot', name: name as never, guid: parseGuid(guid), createtxg }) as const;
  const promoted = dataset('t/s/new', '', { snapshots: [at('a', '1', 1), at('b', '2', 2), at('c', '3', 9)] });
  const start = (sources: readonly Dataset[], there: readonly Dataset[], one: Dataset) =>
    cloneStart(one, {
      sources: byName(sources),
      clones: sources.filter(({ origin }) => origin !== undefined),
      plans: new Map(),
      existing: byName(there),
      root: parseDatasetName('t/s'),
      place: parseDatasetName('n/c'),
    });
  const old = (origin: string) => dataset('t/s/old', '', { origin });

  test('the newest that the copy of what was its origin has', () => {
    const found = (copy: string) => start([promoted, old('t/s/new@b')], [dataset('n/c/old', copy)], promoted);
    expect(found('@a,1 @bb,2')).toEqual({
      from: promoted.snapshots[1],
      origin: 'n/c/old@bb',
      after: undefined,
    });
    expect(found('@a,1')).toEqual({ from: promoted.snapshots[0], origin: 'n/c/old@a', after: undefined });
    expect(found('@z,9')).toBeUndefined();
  });

  test('nothing of a dataset that is a clone of another with a longer name, or of none', () => {
    const copy = dataset('n/c/old', '@a,1 @b,2');
    expect(start([promoted, old('t/s/newer@b')], [copy], promoted)).toBeUndefined();
    expect(start([promoted, dataset('t/s/old')], [copy], promoted)).toBeUndefined();
  });

  test('nothing that is yet to be taken', () => {
    const pending = { ...promoted, snapshots: [at('a', '1', 1), { ...at('p', '1', 99), guid: pendingGuid }] };
    const copy = dataset('n/c/old', '', { snapshots: [{ ...at('p', '1', 99), guid: pendingGuid }] });
    expect(start([pending, old('t/s/new@a')], [copy], pending)).toBeUndefined();
  });

  test('its origin only where that is selected, and has the snapshot', () => {
    const clone = dataset('t/s/clone', '', { origin: 't/s/z@b', snapshots: [at('c', '3', 9)] });
    const copy = dataset('n/c/z', '@a,1 @b,2');
    expect(start([clone, dataset('t/s/z', '@a,1 @b,2')], [copy], clone)?.origin).toBe('n/c/z@b');
    expect(start([clone], [copy], clone)).toBeUndefined();
    expect(start([clone, dataset('t/s/z', '@a,1')], [copy], clone)).toBeUndefined();
  });
});

test('no cost is told of what is no clone, comes as one, or does not come', () => {
  const notes = (...args: Parameters<typeof planTree>) => planTree(...args).notes;
  expect(notes([top, origin], [])).toEqual([]);
  expect(notes([top, origin, fresh], [])).toEqual([]);
  const there: Row = ['n/c/clone', '@c,3'];
  expect(notes([top, fresh], [['n/c', '@x,9'], there])).toEqual([]);
});
