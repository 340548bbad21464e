import { describe, expect, test } from 'vitest';
import { parseDatasetName } from '../zfs/dataset-name.ts';
import { resumeToken } from '../zfs/testing.ts';
import { cutOff, findShortage, plannedBytes, snapshotsToMeasure, withSizes } from './sizes.ts';
import { planSync } from './sync-plan.ts';
import { dataset, own, planTree, type Row, side, syncOptions } from './testing.ts';

const name = parseDatasetName;

test('an increment is what its snapshots wrote, the pending one what was written since', () => {
  const source = side('tank/a', [dataset('tank/a', '@a,1 @b,2 @c,3', { written: 7 })]);
  const target = side('nas/a', [dataset('nas/a', '@a,1')]);
  const plan = planSync(source, target, syncOptions(), new Set());
  expect(snapshotsToMeasure(plan, source.datasets)).toEqual(['tank/a@b', 'tank/a@c']);
  const sizes = new Map([
    ['tank/a@b', { written: 100, referenced: 5000 }],
    ['tank/a@c', { written: 20, referenced: 5000 }],
  ]);
  expect(plannedBytes(withSizes(plan, source.datasets, sizes))).toBe(127);
});

test('a full stream is what its snapshot refers to', () => {
  const source = side('tank/a', [dataset('tank/a', '@a,1', { written: 7, referenced: 900 })]);
  const plan = planSync(source, side('nas/a', []), syncOptions(), new Set());
  const sizes = new Map([['tank/a@a', { written: 100, referenced: 5000 }]]);
  expect(plannedBytes(withSizes(plan, source.datasets, sizes))).toBe(5007);
});

test('room is counted where a quota or the pool ends it', () => {
  const source = side('tank/a', [
    dataset('tank/a', '', { referenced: 10 }),
    dataset('tank/a/b', '', { referenced: 100 }),
  ]);
  const plan = withSizes(
    planSync(source, side('nas/a', []), syncOptions(), new Set()),
    source.datasets,
    new Map(),
  );
  expect(findShortage(plan, new Map([[name('nas'), 110]]))).toBeUndefined();
  expect(findShortage(plan, new Map([[name('nas'), 109]]))).toEqual({
    dataset: 'nas',
    needed: 110,
    available: 109,
  });
  expect(findShortage(plan, new Map([[name('nas/a/b'), 99]]))).toMatchObject({ needed: 100 });
});

describe('what a stream is taken to bring', () => {
  const history = '@a,1 @b,2 @c,3';
  const sizes = new Map(
    ['a', 'b', 'c'].map((short, i) => [`t/s@${short}`, { written: 10 ** i, referenced: 1000 * (i + 1) }]),
  );
  const bytes = (copies: Row[], options: Parameters<typeof planTree>[2] = {}) => {
    const sources = [dataset('t/s', history, { written: 7, referenced: 5000 })];
    const plan = withSizes(planTree([['t/s', history]], copies, options), sources, sizes);
    const decision = plan.datasets[0]?.decision;
    return decision?.kind === 'send' ? decision.steps.map((step) => step.bytes) : decision?.kind;
  };
  const marks = own({ 'zferry:id': 'ab12cd', 'zferry:source': '1000' });

  test('of each step what is after its base, up to its end', () => {
    expect(bytes([])).toEqual([1000, 110]);
    expect(bytes([['n/c', '@b,2']])).toEqual([100]);
    expect(bytes([], { initial: 'newest' })).toEqual([3000]);
    expect(bytes([['n/c', history]])).toBe('up-to-date');
  });

  test('of one that was cut off, what has not arrived yet', () => {
    const cut = (arrived: number): Row => [
      'n/c',
      '',
      {
        own: marks,
        inconsistent: true,
        resumeToken: resumeToken({ to: '1', toName: 't/s@a', bytes: arrived }),
      },
    ];
    expect(bytes([cut(400)])).toEqual([600, 110]);
    expect(bytes([cut(4000)])).toEqual([0, 110]);
  });

  test('of a snapshot whose size nobody knows, the dataset’s', () => {
    const sources = [dataset('t/s', '@x,8', { referenced: 5000 })];
    const plan = planTree([['t/s', '@x,8']], []);
    expect(plannedBytes(withSizes(plan, sources, sizes))).toBe(5000);
    expect(plannedBytes(plan)).toBe(0);
    expect(plannedBytes(withSizes(plan, [], sizes))).toBe(0);
    const next = planTree([['t/s', '@x,8 @y,9']], [['n/c', '@x,8']]);
    expect(plannedBytes(withSizes(next, [dataset('t/s', '@x,8 @y,9')], sizes))).toBe(0);
  });

  test('the sizes that are to be asked for', () => {
    const sources = [dataset('t/s', history)];
    expect(snapshotsToMeasure(planTree([['t/s', history]], []), sources)).toEqual([
      't/s@a',
      't/s@b',
      't/s@c',
    ]);
    expect(snapshotsToMeasure(planTree([['t/s', history]], [['n/c', history]]), sources)).toEqual([]);
    expect(snapshotsToMeasure(planTree([['t/s', history]], []), [])).toEqual([]);
  });

  test('how much of each that was cut off is there', () => {
    const target = {
      own: marks,
      resumeToken: resumeToken({ to: '3', from: '2', toName: 't/s@c', bytes: 9 }),
    };
    expect([...cutOff(planTree([['t/s', history]], [['n/c', '@b,2', target]]))]).toEqual([['n/c 3', 9]]);
    expect([...cutOff(planTree([['t/s', history]], []))]).toEqual([]);
    expect([...cutOff(planTree([['t/s', history]], [['n/c', history]]))]).toEqual([]);
  });
});

test('where nothing comes, no room is too small', () => {
  const plan = planTree([['t/s', '@a,1']], [['n/c', '@a,1']]);
  expect(findShortage(plan, new Map([[name('n'), 0]]))).toBeUndefined();
});
