import { expect, test } from 'vitest';
import { parseDatasetName } from './dataset-name.ts';
import { listBookmarksArgs, listHeldArgs, listPoolsArgs, usedArgs } from './holdings-args.ts';

const [a, b] = [parseDatasetName('tank/a'), parseDatasetName('tank/b')];

test.each([
  ['zpool list -H -o name', listPoolsArgs()],
  ['zfs list -Hp -r -t bookmark -o name,createtxg,creation tank/a', listBookmarksArgs(a)],
  ['zfs list -Hp -r -t snapshot -o name,createtxg,creation,userrefs tank/a', listHeldArgs(a)],
  ['zfs list -Hp -o name,used tank/a tank/b', usedArgs([a, b])],
])('%s', (line, argv) => {
  expect(argv).toEqual(line.split(' '));
});
