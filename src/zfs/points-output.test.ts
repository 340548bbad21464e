import { expect, test } from 'vitest';
import { parseClones, parseIvSets, parseNewSnapshots } from './points-output.ts';

test('a snapshot that was just taken, with its sizes', () => {
  expect([...parseNewSnapshots('tank/a b@one\t5\t6\t0\t98304\n')]).toEqual([
    [
      'tank/a b',
      {
        snapshot: { kind: 'snapshot', name: 'one', guid: '5', createtxg: 6 },
        written: 0,
        referenced: 98304,
      },
    ],
  ]);
  expect(() => parseNewSnapshots('tank/a#one\t5\t6\t0\t98304\n')).toThrow('as a snapshot');
});

test('sets of initialisation vectors by snapshot, and clones by snapshot', () => {
  expect([...parseIvSets('5\t77\n6\t-\n')]).toEqual([
    ['5', '77'],
    ['6', '-'],
  ]);
  expect([...parseClones('t@a\t-\nt@b\tt/c,t/d e\nt@c\t\n')]).toEqual([
    ['t@a', []],
    ['t@b', ['t/c', 't/d e']],
    ['t@c', []],
  ]);
});
