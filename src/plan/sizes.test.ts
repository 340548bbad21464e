import { expect, test } from 'vitest';
import { parseDatasetName } from '../zfs/dataset-name.ts';
import { findShortage, plannedBytes, snapshotsToMeasure, withSizes } from './sizes.ts';
import { planSync } from './sync-plan.ts';
import { dataset, side, syncOptions } from './testing.ts';

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
