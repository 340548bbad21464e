import { expect, test } from 'vitest';
import { points } from '../plan/testing.ts';
import { parseDatasetName } from '../zfs/dataset-name.ts';
import { scriptedWorld } from './testing.ts';
import { listArrived } from './verify.ts';

const place = { host: 'b', dataset: parseDatasetName('n/c') };
const a = parseDatasetName('n/c/a');

function history(count: number) {
  return points(Array.from({ length: count }, (_, i) => `@s${i + 1},${i + 1}`).join(' ')).snapshots;
}

test('a few are asked for by name, and nothing more where all are there', async () => {
  const { world, commands } = scriptedWorld({
    answer: () => ({ stdout: 'n/c@s1\t1\t5\nn/c/a@s1\t1\t5\nn/c/a@s2\t2\t6\n' }),
  });
  const arrived = await listArrived(
    world,
    place,
    new Map([
      [place.dataset, history(1)],
      [a, history(2)],
    ]),
  );
  expect([...arrived].map(([name, guids]) => [name, ...guids])).toEqual([
    ['n/c', '1'],
    ['n/c/a', '1', '2'],
  ]);
  expect(commands).toEqual([
    'zfs list -Hp -t snapshot,bookmark -o name,guid,createtxg n/c@s1 n/c/a@s1 n/c/a@s2',
  ]);
});

test('one that has another name by now is there all the same', async () => {
  const { world, commands } = scriptedWorld({
    answer: (line) =>
      line.includes('-d 1')
        ? { stdout: 'n/c@renamed\t1\t5\n' }
        : { status: 1, stderr: "cannot open 'n/c@s1': dataset does not exist\n" },
  });
  const arrived = await listArrived(world, place, new Map([[place.dataset, history(1)]]));
  expect([...(arrived.get(place.dataset) ?? [])]).toEqual(['1']);
  expect(commands).toHaveLength(2);
});

test('many of one dataset are listed with all that it has; one that is not there has none', async () => {
  const { world, commands } = scriptedWorld({
    answer: () => ({ status: 1, stderr: "cannot open 'n/c/a': dataset does not exist\n" }),
  });
  const arrived = await listArrived(world, place, new Map([[a, history(9)]]));
  expect([...arrived]).toEqual([[a, new Set()]]);
  expect(commands).toEqual(['zfs list -Hp -d 1 -t snapshot -o name,guid,createtxg n/c/a']);
});
