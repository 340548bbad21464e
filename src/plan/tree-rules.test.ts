import { describe, expect, test } from 'vitest';
import type { Dataset } from '../zfs/dataset.ts';
import { parseDatasetName } from '../zfs/dataset-name.ts';
import { parseGuid } from '../zfs/guid.ts';
import { resumeToken } from '../zfs/testing.ts';
import type { DatasetPlan } from './decision.ts';
import { own, planTree, type Row } from './testing.ts';
import { waitForParents } from './tree-rules.ts';

const name = parseDatasetName;
const aside = { onDivergence: 'set-aside' } as const;
const marks = (guid: string) => ({ own: own({ 'zferry:id': 'ab12cd', 'zferry:source': guid }) });
const guid = (text: string) => ({ guid: parseGuid(text) });
const locked = { encrypted: true, keyLoaded: false };
const kinds = (...args: Parameters<typeof planTree>) =>
  planTree(...args).datasets.map(({ decision }) => decision.kind);
const blockedAt = (index: number, ...args: Parameters<typeof planTree>) => {
  const decision = planTree(...args).datasets[index]?.decision;
  return decision?.kind === 'blocked' ? decision : undefined;
};

describe('a first copy needs its parent', () => {
  const plain: Row[] = [
    ['t/s', '@a,1', { encrypted: true }],
    ['t/s/p', '@b,2'],
    ['t/s/p/q', '@c,3'],
  ];

  test('one that comes raw would encrypt it with a key that is not there', () => {
    const why =
      't/s/p is not encrypted, and its parent n/c on the target is, with a key that is not loaded there';
    expect(blockedAt(1, plain, [])).toEqual({
      kind: 'blocked',
      reason: why,
      next: 'replicate it to another target, or load the key there (zfs load-key n/c): it is then encrypted by it',
    });
    expect(kinds(plain, [])).toEqual(['send', 'blocked', 'blocked']);
    expect(
      blockedAt(1, plain, [['n/c', '@a,1', { ...locked, own: own({ 'zferry:mode': 'raw' }) }]])?.reason,
    ).toBe(why);
    // With its key loaded, it is encrypted by it.
    const open = { encrypted: true, own: own({ 'zferry:mode': 'raw' }) };
    expect(kinds(plain.slice(0, 2), [['n/c', '@a,1', open]])).toEqual(['up-to-date', 'send']);
  });

  test('what is encrypted itself comes raw below any', () => {
    const all: Row[] = [plain[0] ?? ['t/s'], ['t/s/e', '@b,2', { encrypted: true }]];
    expect(kinds(all, [])).toEqual(['send', 'send']);
  });

  test('one that only holds it is nothing to be below, unless it is encrypted', () => {
    const sources: Row[] = [
      ['t/s', '@a,1', { encrypted: true }],
      ['t/s/p', ''],
      ['t/s/p/q', '@c,3'],
    ];
    const place = own({ 'zferry:placeholder': 'on' });
    const top: Row = ['n/c', '@a,1', { ...locked, own: own({ 'zferry:mode': 'raw' }) }];
    expect(kinds(sources, [])).toEqual(['send', 'up-to-date', 'blocked']);
    expect(kinds(sources, [top, ['n/c/p', '', { own: place }]])).toEqual([
      'up-to-date',
      'up-to-date',
      'blocked',
    ]);
    expect(blockedAt(2, sources, [top, ['n/c/p', '', { own: place, ...locked }]])?.reason).toContain(
      'parent n/c/p on',
    );
    expect(kinds(sources, [top, ['n/c/p', '', { own: place, encrypted: true }]])).toEqual([
      'up-to-date',
      'up-to-date',
      'send',
    ]);
  });

  test('a placeholder that was made without the key takes nothing plain, with or without that key now', () => {
    const top = (keyLoaded: boolean): Row => ['n/c', '@a,1', { encrypted: true, keyLoaded }];
    const place: Row = ['n/c/p', '', { own: own({ 'zferry:placeholder': 'on', 'zferry:id': 'zz' }) }];
    const sources: Row[] = [
      ['t/s', '@a,1', { encrypted: true }],
      ['t/s/p', ''],
      ['t/s/p/q', '@c,3'],
    ];
    const open = blockedAt(2, sources, [top(true), place]);
    expect(open?.reason).toBe(
      't/s/p/q is not encrypted and would land in clear below the encrypted n/c: the placeholder n/c/p was made while the key of n/c was not loaded, and is not encrypted',
    );
    expect(open?.next).toMatch(
      /^make it anew, encrypted: zfs create -o canmount=off .* -o zferry:id=zz n\/c\/p_new && /,
    );
    expect(blockedAt(2, sources, [top(false), place])?.next).toContain(
      'encrypted: zfs load-key n/c && zfs create',
    );
    // Nor does the copy take its place, unless it comes raw.
    const taking: Row[] = [
      ['t/s', '@a,1', { encrypted: true }],
      ['t/s/p', '@b,2'],
    ];
    expect(kinds(taking, [top(true), place])).toEqual(['up-to-date', 'blocked']);
  });

  test('one that cannot come itself: the first cause is named', () => {
    const sources: Row[] = [
      ['t/s', '@a,1', { ...locked }],
      ['t/s/p', '@b,2'],
      ['t/s/p/q', '@c,3'],
    ];
    const [, child, below] = planTree(sources, [], { raw: 'no' }).datasets;
    expect(child?.decision).toEqual({
      kind: 'blocked',
      reason: 'its parent n/c cannot be sent',
      next: 'first do what n/c needs',
      parent: 'n/c',
    });
    expect(below?.decision).toEqual({
      kind: 'blocked',
      reason: 'its parent n/c/p cannot be sent',
      next: 'first do what n/c needs',
      parent: 'n/c',
    });
  });

  test.each<[string, string, Partial<Dataset>]>([
    ['has nothing in common', '@z,9', {}],
    ['is the copy of another', '@z,9', marks('7')],
    ['has no snapshots', '', {}],
    ['is being received by something else', '', { resumeToken: '1-x', inconsistent: true }],
  ])('one that is something else, since it %s: nothing is put below it', (_, history, differs) => {
    expect(
      planTree(
        [
          ['t/s', '@a,1'],
          ['t/s/p', '@b,2'],
        ],
        [['n/c', history, differs]],
      ).datasets.map(({ decision }) => decision),
    ).toMatchObject([
      { kind: 'refused' },
      {
        kind: 'blocked',
        reason: 'n/c on the target is not its parent',
        next: 'first do what n/c needs',
        parent: 'n/c',
      },
    ]);
  });

  test.each<[string, string, Partial<Dataset>]>([
    ['was written to', '@a,1', { written: 1 }],
    ['has newer snapshots', '@a,1 @z,9', {}],
    ['has the rest of somebody’s receive', '@a,1', { resumeToken: '1-x' }],
  ])('one that only cannot go on, since it %s, is its parent all the same', (_, history, differs) => {
    const sources: Row[] = [
      ['t/s', '@a,1 @b,2'],
      ['t/s/p', '@b,3'],
    ];
    expect(kinds(sources, [['n/c', history, differs]])).toEqual(['refused', 'send']);
  });

  test('only the top can be something else: what is below it is told by its parent', () => {
    const sources: Row[] = [
      ['t/s', '@a,1'],
      ['t/s/p', '@b,2'],
      ['t/s/p/q', '@c,3'],
    ];
    const copies: Row[] = [
      ['n/c', '@a,1'],
      ['n/c/p', '@z,9'],
    ];
    expect(kinds(sources, copies)).toEqual(['up-to-date', 'refused', 'send']);
  });
});

describe('what is below a copy that is set aside in full', () => {
  const sources: Row[] = [
    ['t/s', '@a,1'],
    ['t/s/p', '@b,2'],
    ['t/s/p/q', '@c,3'],
    ['t/s/p/new', '@n,4'],
  ];
  const copies: Row[] = [
    ['n/c', '@a,1', marks('1000')],
    ['n/c/p', '@z,9', marks('1000')],
    ['n/c/p/q', '@c,3', marks('1000')],
  ];
  const copy = 'n/c/p_diverged_20261120T030405Z';
  const waits = (target: string, below: string, until: string) => ({
    target,
    decision: {
      kind: 'waits',
      for: 'place',
      until,
      reason: `its copy is below ${below} until ${until} has arrived, and then comes back to its place`,
    },
  });

  test('waits for it, but not what is new', () => {
    expect(planTree(sources, copies, aside).datasets.slice(2)).toMatchObject([
      { ...waits('n/c/p/q', copy, 'n/c/p'), decision: { later: { decision: { kind: 'up-to-date' } } } },
      { target: 'n/c/p/new', decision: { kind: 'send' } },
    ]);
  });

  test('does not wait where a clone takes the place', () => {
    const [top, , q] = copies;
    const cloned: Row[] = [top ?? ['n/c'], ['n/c/p', '@b,2 @z,9', marks('1000')], q ?? ['n/c']];
    expect(kinds(sources.with(1, ['t/s/p', '@b,2 @e,5']), cloned, aside)).toEqual([
      'up-to-date',
      'send',
      'up-to-date',
      'send',
    ]);
  });

  test('nor where it cannot be set aside', () => {
    expect(kinds(sources, copies)).toEqual(['up-to-date', 'refused', 'up-to-date', 'send']);
  });

  test('of an earlier run waits as well, with what is below it', () => {
    const plans = sources.map(
      ([source]): DatasetPlan => ({
        source: name(source),
        target: name(source.replace('t/s', 'n/c')),
        decision: { kind: 'up-to-date', reason: '' },
      }),
    );
    const displaced = new Map([[name('n/c/p'), name('n/c_diverged_1')]]);
    const found = waitForParents(plans, new Map(), displaced);
    expect(found.map(({ decision }) => decision.kind)).toEqual(['up-to-date', 'waits', 'waits', 'waits']);
    expect(found.slice(1, 3)).toMatchObject([
      waits('n/c/p', 'n/c_diverged_1', 'n/c'),
      waits('n/c/p/q', 'n/c_diverged_1', 'n/c/p'),
    ]);
  });
});

describe('a target that is not there, and nothing that comes to it', () => {
  const choice = { kind: 'glob', pattern: 'daily' } as const;
  const sources: Row[] = [
    ['t/s', '@hourly,1'],
    ['t/s/p', ''],
  ];
  const next = 'look at --snapshots; without --no-snapshot and --snapshots one is taken and sent';

  test('is a mistake', () => {
    expect(planTree(sources, [], { choice }).datasets.map(({ decision }) => decision)).toEqual([
      {
        kind: 'blocked',
        reason:
          "n/c is not there, and nothing would be copied to it: none of the source's 1 snapshots is chosen",
        next,
      },
      {
        kind: 'blocked',
        reason: 'n/c/p is not there, and nothing would be copied to it: the source has no snapshots',
        next,
      },
    ]);
  });

  test('not where one of them is there, or comes', () => {
    expect(kinds(sources, [['n/c', '@hourly,1']], { choice })).toEqual(['up-to-date', 'up-to-date']);
    expect(kinds([...sources, ['t/s/q', '@daily,3']], [], { choice })).toEqual([
      'up-to-date',
      'up-to-date',
      'send',
    ]);
  });

  test('what is let go of is not there', () => {
    const cut = { inconsistent: true, ...marks('1000') };
    const token = resumeToken({ to: '9', toName: 't/s@gone' });
    const [plan] = planTree([['t/s', '@hourly,1']], [['n/c', '', { ...cut, resumeToken: token }]], {
      choice,
    }).datasets;
    expect(plan).toMatchObject({
      letGo: 'the snapshot that it was for, t/s@gone, is gone from the source',
      decision: { kind: 'blocked', reason: expect.stringContaining('n/c is not there') },
    });
    const increment = ['n/c', '@hourly,1', { ...marks('1000'), resumeToken: token }] satisfies Row;
    expect(planTree([['t/s', '@hourly,1']], [increment], { choice }).datasets[0]).toMatchObject({
      letGo: expect.anything(),
      decision: { kind: 'up-to-date' },
    });
  });

  test('nor where the copy has another name yet', () => {
    const renamed: Row[] = [
      ['t/s', '@a,1', guid('1')],
      ['t/s/new', '@b,2', guid('2')],
    ];
    expect(
      kinds(renamed, [
        ['n/c', '@a,1', marks('1')],
        ['n/c/old', '@b,2', marks('2')],
      ]),
    ).toEqual(['up-to-date', 'up-to-date']);
  });
});
