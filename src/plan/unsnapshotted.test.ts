import { expect, test } from 'vitest';
import type { Dataset } from '../zfs/dataset.ts';
import { parseDatasetName } from '../zfs/dataset-name.ts';
import { planSync } from './sync-plan.ts';
import { dataset, own, side, syncOptions } from './testing.ts';
import { losesWrites } from './unsnapshotted.ts';

const marked = { own: own({ 'zferry:id': 'zz' }) };

/** The plan of a tree whose child differs, with a copy of the top alone. */
const planOf = (child: Partial<Dataset>, options = {}, received: readonly string[] = []) =>
  planSync(
    side('t/s', [dataset('t/s', '@a,1'), dataset('t/s/x', '@b,2', child)]),
    side('n/c', [dataset('n/c', '@a,1'), dataset('n/c/x', '@b,2')]),
    syncOptions(options),
    new Set(received.map(parseDatasetName)),
  );

test('what was written to a replica and will never be copied is a warning with the way out', () => {
  const plan = planOf({ ...marked, written: 12_288 });
  expect(plan.snapshot).toMatchObject({ kind: 'take', datasets: ['t/s'] });
  expect(losesWrites(plan)).toBe(true);
  expect(plan.warnings[0]).toBe(
    '12.0 KiB written to t/s/x on this machine since its newest snapshot are not copied, because no snapshot of it is taken: t/s/x is itself a replica (zz). If it is an original again: zferry holds --release --id zz --yes t/s',
  );
});

test('a replica that nobody writes to is a note, where others get a snapshot', () => {
  const plan = planOf({ readonly: true, written: 12_288 }, {}, ['t/s/x']);
  expect(losesWrites(plan)).toBe(false);
  expect(plan.notes).toContain(
    'no snapshot of t/s/x is taken: t/s/x is itself a replica: read-only, with a received history. If it is an original again: zfs set readonly=off t/s/x, on this machine',
  );
});

test('nothing of it where no snapshot is looked for, or where the dataset gets one', () => {
  expect(planOf({ ...marked, written: 5 }, { snapshot: 'no' }).unsnapshotted).toEqual([]);
  expect(planOf({ ...marked, written: 5 }, { choice: { kind: 'glob', pattern: 'b' } }).unsnapshotted).toEqual(
    [],
  );
  expect(planOf({ written: 5 }).unsnapshotted).toEqual([]);
  expect(planOf({ ...marked, written: 0 }).warnings.join()).not.toContain('are not copied');
});
