import { describe, expect, test } from 'vitest';
import { parseDatasetName, parseShortName } from '../zfs/dataset-name.ts';
import type { DatasetPlan } from './decision.ts';
import { faultText, planText, remedyText, streamText } from './plan-text.ts';
import type { Remedy } from './remedy.ts';
import { stepsFrom } from './steps.ts';
import { own, planTree, points, type Row } from './testing.ts';

const name = parseDatasetName;
const marks = own({ 'zferry:id': 'ab12cd', 'zferry:source': '1000' });
const first = (...args: Parameters<typeof planTree>): DatasetPlan => {
  const [plan] = planTree(...args).datasets;
  if (plan === undefined) throw new Error('nothing is planned');
  return plan;
};
const remedyOf = (...args: Parameters<typeof planTree>): Remedy => {
  const [remedy] = first(...args).remedies ?? [];
  if (remedy === undefined) throw new Error('no remedy');
  return remedy;
};
const lines = (...args: Parameters<typeof planTree>): string[] => planText(planTree(...args)).split('\n');

test('a stream as zfs send takes it', () => {
  const { snapshots, bookmarks } = points('@a,1 @b,2 @c,3 @d,4 #m,1');
  const [a, b, c, d] = snapshots;
  const [bookmark] = bookmarks;
  if (!a || !b || !c || !d || !bookmark) throw new Error('no points');
  const texts = (...args: Parameters<typeof stepsFrom>) => stepsFrom(...args).map(streamText);
  expect(texts(a, [b, c, d], snapshots, '')).toEqual(['-I @a @d']);
  expect(texts(a, [b, d], snapshots, '')).toEqual(['-i @a @b', '-i @b @d']);
  expect(texts({ ...bookmark, createtxg: 1 }, [b], snapshots, '')).toEqual(['-i #m @b']);
  const reason = '';
  expect(streamText({ stream: { kind: 'full', to: a }, snapshots: [a], reason })).toBe('full @a');
  expect(
    streamText({
      stream: { kind: 'resume', to: a, from: undefined, token: {} as never },
      snapshots: [a],
      reason,
    }),
  ).toBe('rest of @a');
});

describe('a remedy as text', () => {
  const n = name('n/c');
  const diverged: Row[] = [['n/c', '@a,1 @mine,9', { own: marks, written: 512 }]];
  const why = 'n/c has a snapshot that the source has not, newer than the last common one (@a): @mine';

  test('what a rollback destroys', () => {
    const remedy = remedyOf([['t/s', '@a,1 @b,2']], diverged, { onDivergence: 'rollback' });
    expect(remedyText(n, remedy)).toBe(
      `roll back n/c to @a: DESTROYS @mine (9) and 512 B written since its newest snapshot; ${why}`,
    );
    const written = remedyOf([['t/s', '@a,1 @b,2']], [['n/c', '@a,1', { own: marks, written: 1 }]], {
      onDivergence: 'rollback',
    });
    expect(remedyText(n, written)).toBe(
      'roll back n/c to @a: DESTROYS 1 B written since its newest snapshot; n/c was written to since its newest snapshot (@a)',
    );
    const newer = remedyOf([['t/s', '@a,1 @b,2']], [['n/c', '@a,1 @x,8 @y,9', { own: marks }]], {
      onDivergence: 'rollback',
    });
    expect(remedyText(n, newer)).toContain('roll back n/c to @a: DESTROYS @x (8), @y (9); n/c has');
  });

  test('what is set aside, and what takes its place', () => {
    const aside = { onDivergence: 'set-aside' } as const;
    expect(remedyText(n, remedyOf([['t/s', '@a,1 @b,2']], diverged, aside))).toBe(
      `set aside n/c as n/c_diverged_20261120T030405Z, with all that only it has: what both sides have, up to @a, takes its place and is not sent again; ${why}`,
    );
    expect(remedyText(n, remedyOf([['t/s', '@a,1']], [['n/c', '@z,9', { own: marks }]], aside))).toBe(
      'set aside n/c as n/c_diverged_20261120T030405Z, with all that only it has: nothing of it can be used, a full copy takes its place, and there must be room for both; n/c and its source have no snapshot in common',
    );
  });

  test('what is empty is moved, unasked', () => {
    const placeholder: Row = ['n/c', '', { own: own({ 'zferry:placeholder': 'on' }) }];
    const remedy = remedyOf([['t/s', '@a,1', { type: 'volume' }]], [placeholder]);
    expect(remedyText(n, remedy)).toBe(
      'move      n/c to n/c_diverged_20261120T030405Z until its copy has arrived: nothing is in it that would be missed; n/c was made to hold what is below it, and a copy is to take its place',
    );
  });

  test('a snapshot whose name is to come is renamed', () => {
    const remedy = remedyOf([['t/s', '@a,1 @b,2']], [['n/c', '@b,9 @a,1', { own: marks }]], {
      onDivergence: 'set-aside',
    });
    expect(remedyText(n, remedy)).toBe(
      "rename    n/c@b to @b_diverged_20261120T030405Z: n/c@b is another snapshot than the source's of that name",
    );
  });
});

describe('each line of a plan', () => {
  const marked = { own: marks, readonly: true };

  test('that does everything', () => {
    const plan = {
      ...planTree([['t/s', '@a,1 @b,2']], [['n/c', '@a,1', marked]]),
      renames: [{ from: name('n/c/old'), to: name('n/c/new') }],
      promotes: [name('n/c/clone')],
      parents: [name('n/c/p')],
      returned: [name('n/c/back')],
      reserve: [name('n/c/vm')],
      rotate: new Map([[name('t/s'), [parseShortName('o'), parseShortName('p')]]]),
      notes: ['a note'],
      warnings: ['a warning'],
      excluded: [{ name: name('t/s/out'), reason: 'excluded (--exclude out)' }],
      snapshot: { kind: 'none' as const, reason: 'not now' },
    };
    expect(planText(plan)).toBe(`Plan: t/s → n/c  (replica ab12cd)
  no own snapshot: not now
  rename    n/c/old to n/c/new: its source has that name now
  promote   n/c/clone: its source was promoted, too
  create    n/c/p: not there yet; only holds what is below it, never mounted
  send      t/s -i @a @b → n/c: @a is the newest that both sides have
  leave     t/s/out: excluded (--exclude out)
  unmark    n/c/back: a source of that name is there again
  reserve   n/c/vm: room for all of the volume
  rotate    t/s: destroys @o, @p
  note      a note
  beware    a warning
1 dataset to send, about 0 B. Nothing was changed.
`);
  });

  test('that does nothing, or cannot', () => {
    expect(lines([['t/s', '@a,1']], [['n/c', '@a,1', marked]])).toEqual([
      'Plan: t/s → n/c  (replica ab12cd)',
      '  no own snapshot: not asked for (--no-snapshot)',
      '  nothing   t/s: the target has all up to @a',
      'Nothing to send. Nothing was changed.',
      '',
    ]);
    const locked = { encrypted: true, keyLoaded: false };
    expect(lines([['t/s', '@a,1', locked]], [], { raw: 'no' }).slice(2)).toEqual([
      '  blocked   t/s: t/s is to be sent in plain, and its key is not loaded on this machine. What to do: load it there: zfs load-key t/s; or leave --raw out: it is then sent raw, without its key',
      'Nothing to send; 1 dataset cannot go on. Nothing was changed.',
      '',
    ]);
  });

  test('of a first copy: what it is to whoever gets hold of its disks, what it gets, what place it takes', () => {
    const set = (more: string, top = '', mode = 'plain') =>
      `            arrives unmounted with readonly=on com.sun:auto-snapshot=false zferry:id=ab12cd canmount=noauto zferry:source=1000 zferry:mode=${mode} zferry:large-blocks=${mode === 'raw' ? 'on' : 'off'}${more}${top}`;
    const secret: Row = ['t/s', '@a,1', { encrypted: true }];
    const send = (how: string) =>
      `  send      t/s full @a → n/c${how}: the target is not there yet: a full copy`;
    const two = (...args: Parameters<typeof planTree>) => lines(...args).slice(2, 4);
    expect(two([['t/s', '@a,1']], [])).toEqual([send(''), set('')]);
    expect(two([secret], [])).toEqual([send(', raw (stays encrypted)'), set('', '', 'raw')]);
    expect(two([secret], [], { raw: 'no' })).toEqual([
      send(', IN PLAIN (encrypted on the source, and not on the target)'),
      set(''),
    ]);
    const encrypt = { keyformat: 'raw', keylocation: 'file:///k' } as const;
    expect(two([['t/s', '@a,1']], [], { encrypt })).toEqual([
      send(' (encrypted there with the key that --encrypt gives)'),
      set(' encryption=on keyformat=raw keylocation=file:///k'),
    ]);
    const parent: Row = ['n/c', '@x,9', { ...marked, encrypted: true }];
    expect(
      lines(
        [
          ['t/s', '@x,9'],
          ['t/s/d', '@a,1'],
        ],
        [parent],
      )[3],
    ).toContain('→ n/c/d (encrypted there with the key of its parent): ');
    const placeholder: Row = ['n/c', '', { own: own({ 'zferry:placeholder': 'on' }) }];
    expect(lines([['t/s', '@a,1']], [placeholder]).slice(2, 5)).toEqual([
      send(''),
      '            takes the place of the empty placeholder n/c',
      set(' zferry:placeholder=off'),
    ]);
  });

  test('of what is done to a target first, and of what is left', () => {
    const plan = lines([['t/s', '@a,1 @b,2']], [['n/c', '@b,9 @a,1', marked]], { onDivergence: 'set-aside' });
    expect(plan.slice(2, 4)).toEqual([
      "  rename    n/c@b to @b_diverged_20261120T030405Z: n/c@b is another snapshot than the source's of that name",
      '  send      t/s -i @a @b → n/c: @a is the newest that both sides have',
    ]);
    const left = planTree([['t/s', '@a,1']], []);
    const decision = { kind: 'left', reason: 't itself is not copied' } as const;
    expect(
      planText({ ...left, datasets: left.datasets.map((one) => ({ ...one, decision })) }).split('\n'),
    ).toEqual([
      'Plan: t/s → n/c  (replica ab12cd)',
      '  no own snapshot: not asked for (--no-snapshot)',
      '  leave     t itself is not copied',
      'Nothing to send. Nothing was changed.',
      '',
    ]);
  });

  test('of what is gone: only what is destroyed is counted as that', () => {
    const plan = planTree([['t/s', '@a,1']], [['n/c', '@a,1', marked]]);
    const gone = { name: name('n/c/x'), since: undefined, marks: true, fate: { kind: 'kept' } } as const;
    const lost = { ...gone, fate: { kind: 'destroyed', datasets: 1, snapshots: 1, used: 1 } } as const;
    expect(planText({ ...plan, vanished: [gone] })).toContain('\nNothing to send. Nothing was changed.\n');
    expect(planText({ ...plan, vanished: [gone, lost, lost] })).toContain(
      '\nNothing to send; 2 datasets to destroy, with what is below. Nothing was changed.\n',
    );
  });

  test('of what waits, with what comes then', () => {
    const plan = lines(
      [
        ['t/s', '@b,2'],
        ['t/s/c', '@x,3 @y,4'],
      ],
      [
        ['n/c', '@z,9', { own: marks }],
        ['n/c/c', '@x,3 @mine,7', { own: marks }],
      ],
      { onDivergence: 'set-aside' },
    );
    expect(plan.slice(5, 8)).toEqual([
      '  wait      t/s/c: its copy is below n/c_diverged_20261120T030405Z until n/c has arrived, and then comes back to its place',
      '  then      set aside n/c/c as n/c/c_diverged_20261120T030405Z, with all that only it has: what both sides have, up to @x, takes its place and is not sent again; n/c/c has a snapshot that the source has not, newer than the last common one (@x): @mine',
      '  then      send      t/s/c -i @x @y → n/c/c: @x is the newest that both sides have',
    ]);
    const idle = lines(
      [
        ['t/s', '@b,2'],
        ['t/s/c', '@x,3'],
      ],
      [
        ['n/c', '@z,9', { own: marks }],
        ['n/c/c', '@x,3', { own: marks }],
      ],
      { onDivergence: 'set-aside' },
    );
    expect(idle.filter((line) => line.includes('then  '))).toEqual([]);
    const renamed = lines(
      [
        ['t/s', '@a,1'],
        ['t/s/p', '@b,2', { guid: '8' as never }],
        ['t/s/p/x', '@x,3', { guid: '9' as never }],
      ],
      [
        ['n/c', '@a,1', marked],
        ['n/c/x', '@x,3', { own: own({ 'zferry:id': 'ab12cd', 'zferry:source': '9' }) }],
      ],
    );
    expect(renamed.slice(-3)).toEqual([
      '  wait      t/s/p/x: it was renamed on the source, and its copy n/c/x is renamed, too, once n/c/p has arrived',
      '1 dataset to send, about 0 B. Nothing was changed.',
      '',
    ]);
  });

  test('a fault of a release', () => {
    const fault = {
      id: 'openzfs/zfs#1',
      link: 'https://x.example/1',
      meaning: 'it breaks',
      next: 'update',
      applies: () => true,
    };
    expect(faultText(fault)).toBe('it breaks (openzfs/zfs#1, https://x.example/1): update');
    expect(planText({ ...planTree([['t/s', '@a,1']], []), faults: [fault] })).toContain(
      '\n  beware    it breaks (openzfs/zfs#1, https://x.example/1): update\n',
    );
  });

  test('how much is to come, as far as it is known', () => {
    const plan = planTree([['t/s', '@a,1 @b,2']], []);
    const datasets = plan.datasets.map((one) =>
      one.decision.kind === 'send'
        ? {
            ...one,
            decision: {
              ...one.decision,
              steps: one.decision.steps.map((step) => ({ ...step, bytes: 1024 })),
            },
          }
        : one,
    );
    const text = planText({ ...plan, datasets });
    expect(text).toContain('send      t/s full @a → n/c, about 1.0 KiB: ');
    expect(text).toContain('\n1 dataset to send, about 2.0 KiB. Nothing was changed.\n');
  });

  test('a pool whose root takes the place of an empty one', () => {
    const plan = first([['t/s', '@a,1']], []);
    const text = planText({
      ...planTree([['t/s', '@a,1']], []),
      datasets: [{ ...plan, target: name('n'), replaces: true }],
    });
    expect(text).toContain('            takes the place of the root of the empty pool n\n');
  });
});
