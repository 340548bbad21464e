import { describe, expect, test } from 'vitest';
import { parseDatasetName, parseShortName } from '../zfs/dataset-name.ts';
import { pendingGuid } from '../zfs/guid.ts';
import type { Conflict, SnapshotDetails } from './conflict.ts';
import type { DatasetPlan } from './decision.ts';
import { conflictText, faultText, planText, remedyText, streamText } from './plan-text.ts';
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
const conflictOf = (...args: Parameters<typeof planTree>): Conflict => {
  const { decision } = first(...args);
  if (decision.kind !== 'refused') throw new Error(`not refused but ${decision.kind}`);
  return decision.conflict;
};
const remedyOf = (...args: Parameters<typeof planTree>): Remedy => {
  const [remedy] = first(...args).remedies ?? [];
  if (remedy === undefined) throw new Error('no remedy');
  return remedy;
};
const lines = (...args: Parameters<typeof planTree>): string[] => planText(planTree(...args)).split('\n');

describe('a conflict as text', () => {
  const place = { host: 'nas', dataset: name('n/c') };
  const next =
    'keep what is there under another name and go on: run this again with --on-divergence set-aside (and first with --dry-run, to see it)';

  test('has both histories, what keeps its snapshots, what was written, and what was done to it', () => {
    const conflict = conflictOf(
      [['t/s', '@a,1 @b,2']],
      [['n/c', '@a,1 @x,8 @y,9', { own: marks, written: 2048 }]],
    );
    const details = new Map<never, SnapshotDetails>([
      ['x' as never, { holds: ['keep', 'too'], clones: ['n/k', 'n/l'] }],
      ['y' as never, { holds: [], clones: ['n/m'] }],
    ]);
    const traces = [
      { host: 'nas', at: '2026-11-20.03:04:05', user: undefined, command: 'zfs snapshot n/c@x' },
      { host: '', at: '2026-11-20.03:04:06', user: 'ann', command: 'zfs snapshot n/c@y' },
    ];
    expect(conflictText(place, { ...conflict, details, traces })).toBe(
      `n/c cannot go on: n/c has snapshots that the source has not, newer than the last common one (@a): @x, @y
  histories (since the last common snapshot, @a):
    only on the source: @b (2)
    only on the target: @x (8), @y (9)
    @x is held by "keep", "too" and has a clone: n/k, n/l
    @y has a clone: n/m
    written on the target since its newest snapshot: 2.0 KiB
  the last that was done to it:
    2026-11-20.03:04:05 on nas: zfs snapshot n/c@x
    2026-11-20.03:04:06 on this machine, ann: zfs snapshot n/c@y
  Nothing of its data was changed.
  What to do: ${next}
`,
    );
  });

  test('says what is in common, and nothing of what is not there', () => {
    const written = conflictOf([['t/s', '@a,1']], [['n/c', '@a,1', { own: marks, written: 1 }]]);
    expect(conflictText(place, written)).toContain(`
  histories (since the last common snapshot, @a):
    only on the source: no snapshot
    only on the target: no snapshot
    written on the target since its newest snapshot: 1 B
  Nothing of its data was changed.
`);
    const nothing = conflictOf([['t/s', '@a,1']], [['n/c', '', { written: 512 }]]);
    expect(conflictText(place, nothing)).toBe(
      `n/c cannot go on: n/c exists and has no snapshots to go on from
  Nothing of its data was changed.
  What to do: ${nothing.next}
`,
    );
    const other = conflictOf([['t/s', '@a,1']], [['n/c', '@x,9']]);
    expect(conflictText(place, other)).toContain('  histories (nothing in common):\n');
    expect(conflictText(place, other)).not.toContain('written on the target');
  });

  test('names the last ten of a long history', () => {
    const history = (count: number) => Array.from({ length: count }, (_, i) => `@s${i},${i + 100}`).join(' ');
    const text = (count: number) =>
      conflictText(place, conflictOf([['t/s', history(count)]], [['n/c', '@x,9']]))
        .split('\n')
        .find((line) => line.includes('only on the source'));
    const all = Array.from({ length: 12 }, (_, i) => `@s${i} (${i + 100})`);
    expect(text(10)).toBe(`    only on the source: ${all.slice(0, 10).join(', ')}`);
    expect(text(12)).toBe(`    only on the source: 2 older, ${all.slice(2).join(', ')}`);
  });
});

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

test('a snapshot that is not taken yet has no GUID to show', () => {
  const { snapshots } = points('@a,1');
  const conflict = conflictOf([['t/s', '@a,1']], [['n/c', '@x,9']]);
  const pending = snapshots.map((one) => ({ ...one, guid: pendingGuid }));
  expect(conflictText({ host: '', dataset: name('n/c') }, { ...conflict, sourceOnly: pending })).toContain(
    'only on the source: @a\n',
  );
});
