import { expect, test } from 'vitest';
import { parseDatasetName } from './dataset-name.ts';
import {
  destroyTreeArgs,
  listKeptArgs,
  markVanishedArgs,
  parseKept,
  unmarkVanishedArgs,
} from './vanished-args.ts';

const [a, b] = [parseDatasetName('tank/a'), parseDatasetName('tank/b')];

test.each([
  ['zfs set zferry:vanished=20261120T030405Z tank/a tank/b', markVanishedArgs([a, b], '20261120T030405Z')],
  ['zfs inherit zferry:vanished tank/a tank/b', unmarkVanishedArgs([a, b])],
  ['zfs list -Hp -r -t snapshot -o name,userrefs,clones tank/a', listKeptArgs(a)],
  ['zfs destroy -r tank/a', destroyTreeArgs(a)],
])('%s', (line, argv) => {
  expect(argv).toEqual(line.split(' '));
});

test('tells which snapshots are held, and which have clones', () => {
  expect(parseKept('t/a b@one\t0\t-\nt/a b@two\t2\t\nt/a b@three\t0\tt/c,t/d e\n')).toEqual([
    { name: 't/a b@one', held: false, clones: [] },
    { name: 't/a b@two', held: true, clones: [] },
    { name: 't/a b@three', held: false, clones: ['t/c', 't/d e'] },
  ]);
  expect(parseKept('')).toEqual([]);
});
