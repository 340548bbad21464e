import { describe, expect, test } from 'vitest';
import type { Dataset } from '../zfs/dataset.ts';
import { parseDatasetName } from '../zfs/dataset-name.ts';
import { parseGuid } from '../zfs/guid.ts';
import { followPromotes } from './follow-promotes.ts';
import { dataset, own, planTree, type Row, side } from './testing.ts';

const name = parseDatasetName;
const copyOf = (guid: string) => ({ own: own({ 'zferry:id': 'ab12cd', 'zferry:source': guid }) });
const guid = (text: string) => ({ guid: parseGuid(text) });
const names = (one: Dataset | undefined) => one?.snapshots.map((snapshot) => snapshot.name).join(' ');

/** The clone `t/s/new` of `t/s/old@b` was promoted. */
const sources = [
  dataset('t/s', '@x,90', guid('1')),
  dataset('t/s/new', '@a,11 @b,12 @n,13', guid('2')),
  dataset('t/s/old', '@o,14', { ...guid('3'), origin: 't/s/new@b' }),
];

/** What is followed, where the copies of both are as they were, but for what is given. */
function followed(
  given: {
    readonly fresh?: Partial<Dataset>;
    readonly old?: Partial<Dataset>;
    readonly freshHistory?: string;
    readonly oldHistory?: string;
  } = {},
  from = sources,
) {
  const copies = [
    dataset('n/c', '@x,90', copyOf('1')),
    dataset('n/c/new', given.freshHistory ?? '@n,13', {
      ...copyOf('2'),
      origin: 'n/c/old@b',
      ...given.fresh,
    }),
    dataset('n/c/old', given.oldHistory ?? '@a,11 @b,12 @o,14', { ...copyOf('3'), ...given.old }),
  ];
  return followPromotes(from, side('t/s', from), side('n/c', copies));
}

test('a clone that was promoted on the source is promoted on the target: the history up to the branch is its own', () => {
  const { promotes, clashes, target } = followed({ old: { origin: 'n/c/even-older@z' } });
  expect(promotes).toEqual(['n/c/new']);
  expect(clashes.size).toBe(0);
  const [top, fresh, old] = target.datasets;
  expect([names(top), names(fresh), names(old)]).toEqual(['x', 'a b n', 'o']);
  expect([fresh?.origin, old?.origin]).toEqual(['n/c/even-older@z', 'n/c/new@b']);
});

test('whatever the branch is called on the target', () => {
  const { promotes, target } = followed({
    fresh: { origin: 'n/c/old@other' },
    oldHistory: '@a,11 @other,12',
  });
  expect(promotes).toEqual(['n/c/new']);
  expect(target.datasets[2]?.origin).toBe('n/c/new@other');
});

test('a snapshot of the same name on both cannot be moved: that is said, and nothing is changed', () => {
  const { promotes, clashes, target } = followed({ freshHistory: '@a,55 @n,13' });
  expect(promotes).toEqual([]);
  expect([...clashes]).toMatchObject([['n/c/new', { name: 'a', guid: '55' }]]);
  expect(names(target.datasets[1])).toBe('a n');
  // Only what is moved matters.
  expect(followed({ freshHistory: '@o,55 @n,13' }).promotes).toEqual(['n/c/new']);
});

describe('nothing is promoted', () => {
  test.each<[string, Parameters<typeof followed>]>([
    ['that was not cloned of it on the target', [{ fresh: { origin: 'n/c/other@b' } }]],
    ['that is no clone on the target', [{ fresh: { origin: undefined } }]],
    ['that is the copy of something else', [{ fresh: copyOf('9') }]],
    ['of what is the copy of something else', [{ old: copyOf('9') }]],
    ['where the target has not got the branch', [{ oldHistory: '@a,11' }]],
    ['where nothing is a clone', [{}, sources.map((one) => ({ ...one, origin: undefined }))]],
    [
      'whose origin is not selected',
      [{}, sources.with(2, dataset('t/s/old', '', { ...guid('3'), origin: 't/x@b' }))],
    ],
    ['of what is gone from the source', [{}, sources.slice(0, 2)]],
  ])('%s', (_, args) => {
    const { promotes, clashes } = followed(...args);
    expect([promotes, clashes.size]).toEqual([[], 0]);
  });

  test('where either is not there', () => {
    for (const missing of ['n/c/new', 'n/c/old']) {
      const { target } = followed({ fresh: { origin: undefined } });
      const datasets = target.datasets.filter((one) => one.name !== missing);
      expect(followPromotes(sources, side('t/s', sources), { ...target, datasets }).promotes).toEqual([]);
    }
  });
});

describe('in a plan', () => {
  const rows: Row[] = [
    ['t/s', '@x,90', guid('1')],
    ['t/s/new', '@a,11 @b,12 @n,13', guid('2')],
    ['t/s/old', '@o,14', { ...guid('3'), origin: 't/s/new@b' }],
  ];
  const copies: Row[] = [
    ['n/c', '@x,90', copyOf('1')],
    ['n/c/new', '@a,55 @n,13', { ...copyOf('2'), origin: 'n/c/old@b' }],
    ['n/c/old', '@a,11 @b,12', copyOf('3')],
  ];

  test('a name in the way stops it, and says what to do', () => {
    const { datasets, promotes } = planTree(rows, copies);
    expect(promotes).toEqual([]);
    expect(datasets[1]).toMatchObject({
      source: 't/s/new',
      target: 'n/c/new',
      decision: {
        kind: 'refused',
        conflict: {
          kind: 'name-taken',
          message:
            'n/c/new is to be promoted, as its source was, and its n/c/new@a has the name of one that comes to it by that',
          next: 'rename it: zfs rename n/c/new@a n/c/new@a_other; or run this again with --on-divergence set-aside, which does that',
          clash: { name: 'a', guid: '55' },
        },
      },
    });
  });

  test('or is renamed, where that is asked for, and the rest waits', () => {
    expect(planTree(rows, copies, { onDivergence: 'set-aside' }).datasets[1]).toMatchObject({
      source: 't/s/new',
      target: 'n/c/new',
      decision: {
        kind: 'waits',
        for: 'history',
        reason: 'it is promoted once its snapshot has another name',
        until: 'n/c/new',
      },
      remedies: [{ kind: 'rename-snapshot', from: 'a', to: 'a_diverged_20261120T030405Z' }],
    });
    expect(planTree(rows, copies, { onDivergence: 'rollback' }).datasets[1]?.decision.kind).toBe('refused');
  });

  test('what lost its history to a clone that is yet to come waits for that', () => {
    const found = planTree(rows, [
      ['n/c', '@x,90', copyOf('1')],
      ['n/c/old', '@a,11 @b,12', copyOf('3')],
    ]).datasets[2];
    expect(found).toMatchObject({
      source: 't/s/old',
      target: 'n/c/old',
      decision: {
        kind: 'waits',
        for: 'history',
        reason: 'its history was promoted to t/s/new, and it goes on once that is at n/c/new',
        until: name('n/c/new'),
      },
    });
  });

  test('not for one that came in full by itself', () => {
    const found = planTree(rows, [
      ['n/c', '@x,90', copyOf('1')],
      ['n/c/new', '@a,11 @b,12 @n,13', copyOf('2')],
      ['n/c/old', '@a,11 @b,12', copyOf('3')],
    ]).datasets[2];
    expect(found?.decision).toMatchObject({ kind: 'refused', conflict: { kind: 'no-common-snapshot' } });
  });
});
