import { describe, expect, test } from 'vitest';
import { parseShortName } from '../zfs/dataset-name.ts';
import { parseGuid } from '../zfs/guid.ts';
import { planSync } from './sync-plan.ts';
import { dataset, own, planTree, points, type Row, side, syncOptions } from './testing.ts';

const marks = own({ 'zferry:id': 'ab12cd', 'zferry:source': '1000' });
const first = (...args: Parameters<typeof planTree>) => planTree(...args).datasets[0];
const aside = { onDivergence: 'set-aside' } as const;
const rollback = { onDivergence: 'rollback' } as const;
type Options = Parameters<typeof planTree>[2];
const diverged: [Row[], Row[]] = [
  [['t/s', '@a,1 @b,2']],
  [['n/c', '@a,1 @mine,9', { own: marks, written: 512 }]],
];

test('set aside keeps what only the target has, and goes on from what both have', () => {
  expect(first(...diverged, aside)).toMatchObject({
    remedies: [{ kind: 'set-aside', copy: 'n/c_diverged_20261120T030405Z', base: { target: { name: 'a' } } }],
    decision: { kind: 'send', base: { source: { name: 'a' } }, steps: [{ stream: { to: { name: 'b' } } }] },
  });
});

test('a rollback names all that it destroys', () => {
  expect(first(...diverged, rollback)).toMatchObject({
    remedies: [{ kind: 'rollback', loses: [{ name: 'mine' }], written: 512 }],
    decision: { kind: 'send' },
  });
});

describe('a rollback that would take more along is refused', () => {
  const refusal = (differs: Row[2]) => {
    const found = first(
      [['t/s', '@a,1 @b,2']],
      [['n/c', '@a,1 @mine,9', { own: marks, ...differs }]],
      rollback,
    );
    return found?.decision.kind === 'refused' ? found.decision.conflict.next : found;
  };

  test('a bookmark that is newer', () => {
    const bookmarks = points('#x,5').bookmarks.map((one) => ({ ...one, createtxg: 9 }));
    expect(refusal({ bookmarks })).toContain('its bookmark #x is newer');
  });

  test('a hold of another replica', () => {
    const target = side('n/c', [dataset('n/c', '@a,1 @mine,9', { own: marks })]);
    const details = new Map([
      [dataset('n/c').name, new Map([[parseShortName('mine'), { holds: ['zferry_zzzzzz'], clones: [] }]])],
    ]);
    const { datasets } = planSync(
      side('t/s', [dataset('t/s', '@a,1 @b,2')]),
      { ...target, details },
      syncOptions({ snapshot: 'no', ...rollback }),
      new Set(),
    );
    expect(datasets[0]).toMatchObject({ decision: { kind: 'refused' } });
  });
});

describe('nothing is done to a target that could not go on afterwards', () => {
  const locked = { encrypted: true, keyLoaded: false };

  test.each<[string, Options, Row, string]>([
    [
      'nothing is chosen',
      { ...aside, choice: { kind: 'glob', pattern: 'daily' } },
      ['n/c', '@z,9', { own: marks }],
      "none of the source's 2 snapshots is chosen: see that there is something to send",
    ],
    [
      'the key of the target is not loaded',
      rollback,
      ['n/c', '@a,1 @mine,9', { own: marks, ...locked }],
      'n/c is encrypted with a key that is not loaded there: load it on this machine: zfs load-key n/c',
    ],
    [
      'no first copy is allowed',
      { ...aside, initial: 'fail' },
      ['n/c', '@z,9', { own: marks }],
      'n/c is not there yet, and a first full copy is not allowed (--initial fail): if the name of the target is right, run it once with --initial all or --initial newest',
    ],
  ])('%s', (_, options, copy, why) => {
    const found = first([['t/s', '@a,1 @b,2']], [copy], options);
    expect(found?.remedies).toBeUndefined();
    expect(found?.decision).toMatchObject({
      kind: 'refused',
      conflict: { next: `nothing is done about it yet, since ${why}` },
    });
    // What it is about is still what was found first.
    expect(found?.decision.kind === 'refused' && found.decision.conflict.targetOnly).not.toEqual([]);
  });

  test('a second thing that is in the way, and cannot be put right', () => {
    const found = first([['t/s', '@a,1 @b,2']], [['n/c', '@b,7 @a,1 @mine,9', { own: marks }]], rollback);
    expect(found?.remedies).toBeUndefined();
    expect(found?.decision).toMatchObject({
      kind: 'refused',
      conflict: {
        kind: 'target-newer',
        next: expect.stringMatching(
          /^nothing is done about it yet, since n\/c@b is another snapshot than the source's of that name: --on-divergence rollback cannot help: @b is older than what both sides have in common, and would stay; rename it on this machine: /,
        ),
      },
    });
  });

  test('two things that can be put right', () => {
    const found = first([['t/s', '@a,1 @b,2']], [['n/c', '@b,7 @a,1 @mine,9', { own: marks }]], aside);
    expect(found?.remedies?.map(({ kind }) => kind)).toEqual(['set-aside', 'rename-snapshot']);
    expect(found?.decision).toMatchObject({ kind: 'send', base: { target: { name: 'a' } } });
  });
});

test('what was asked for cannot help: that is said, with what can', () => {
  const found = first([['t/s', '@b,2']], [['n/c', '@z,9']], aside);
  expect(found?.decision).toMatchObject({
    kind: 'refused',
    conflict: {
      next: '--on-divergence set-aside cannot help: nothing says that n/c is a copy of t/s; to have it replaced, "zferry reset" sets it aside; to have it set aside, so that a copy takes its place: zferry reset n/c (which first says what it would do), then run this again',
    },
  });
});

test('what is below one that is set aside in full waits for it', () => {
  const { datasets } = planTree(
    [
      ['t/s', '@b,2'],
      ['t/s/c', '@x,3'],
    ],
    [
      ['n/c', '@z,9', { own: marks }],
      ['n/c/c', '@x,3'],
    ],
    aside,
  );
  expect(datasets.map(({ decision }) => decision.kind)).toEqual(['send', 'waits']);
});

test('somebody else’s dataset is never set aside by a sync', () => {
  expect(first([['t/s', '@b,2']], [['n/c', '@z,9']], aside)).toMatchObject({ decision: { kind: 'refused' } });
  expect(first([['t/s', '@b,2']], [['n/c', '']], aside)).toMatchObject({ decision: { kind: 'refused' } });
});

test('encrypted there only from the first dataset on: a new child of a plain copy is not sent in plain', () => {
  const encrypt = { keyformat: 'passphrase', keylocation: 'file:///k' } as const;
  const { datasets } = planTree(
    [
      ['t/s', '@a,1'],
      ['t/s/new', '@x,3'],
    ],
    [['n/c', '@a,1', { own: marks }]],
    { encrypt },
  );
  expect(datasets[1]?.decision).toMatchObject({
    kind: 'blocked',
    reason: expect.stringContaining('is to be encrypted'),
  });
});

test('a parent that was made to hold others, and has a snapshot of somebody since, is set aside when that is asked for', () => {
  const mark = own({ 'zferry:placeholder': 'on' });
  const there: Row[] = [
    ['n/c', '@theirs,9', { own: mark }],
    ['n/c/x', '@x,5', { own: own({ 'zferry:source': '7' }) }],
  ];
  const sources: Row[] = [['t/s', '@a,1']];
  expect(first(sources, there)).toMatchObject({ decision: { kind: 'refused' } });
  expect(first(sources, there, aside)).toMatchObject({
    remedies: [{ kind: 'set-aside', base: undefined }],
    decision: { kind: 'send', steps: [{ stream: { kind: 'full' } }] },
  });
});

test('what its parent keeps from being sent is not set aside in the plan either', () => {
  const child = own({ 'zferry:id': 'ab12cd', 'zferry:source': '901' });
  const { datasets } = planTree(
    [
      ['t/s', '@b,2'],
      ['t/s/c', '@x,3', { guid: parseGuid('901') }],
    ],
    [
      ['n/c', '@z,9'],
      ['n/c/c', '', { own: child }],
    ],
    aside,
  );
  expect(datasets.map(({ decision, remedies }) => [decision.kind, remedies])).toEqual([
    ['refused', undefined],
    ['blocked', undefined],
  ]);
});

test('nothing is put below what is not the copy, through an empty one in between neither', () => {
  const { datasets } = planTree(
    [
      ['t/s', '@b,2'],
      ['t/s/d', ''],
      ['t/s/d/d', '@x,3'],
    ],
    [['n/c', '']],
    { snapshot: 'no' },
  );
  expect(datasets.map(({ decision }) => decision.kind)).toEqual(['refused', 'up-to-date', 'blocked']);
});
