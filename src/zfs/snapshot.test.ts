import { expect, test } from 'vitest';
import { parseDatasetName, parseShortName } from './dataset-name.ts';
import { pointName, relativeName } from './snapshot.ts';

const dataset = parseDatasetName('tank/a');
const name = parseShortName('b');
const of = parseDatasetName('tank/o');

test.each([
  [{ kind: 'snapshot', name }, 'tank/a@b', '@b'],
  [{ kind: 'bookmark', name }, 'tank/a#b', '#b'],
  [{ kind: 'snapshot', name, of }, 'tank/o@b', 'tank/o@b'],
] as const)('%j has its name by itself and beside its dataset', (point, full, relative) => {
  expect(pointName(dataset, point)).toBe(full);
  expect(relativeName(point)).toBe(relative);
});
