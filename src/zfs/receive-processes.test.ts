import { expect, test } from 'vitest';
import { parseDatasetName } from './dataset-name.ts';
import { parseReceives, receiveInto } from './receive-processes.ts';

const ps = `    1       0 3-04:05:06 /sbin/init
 2162    2101      00:09 sh -c eval "$(printf %b "$@")" zferry : zferry_run_0af3 _zf=...
 2163    2162      00:09 zfs receive -s -u dst/x y
 2200       1   01:00:00 /usr/sbin/zfs recv -d -F dst/tree
 2300    2299      00:01 grep zfs receive dst/z
`;

test('finds the receives, and which run of zferry started them', () => {
  expect(parseReceives(ps)).toEqual([
    { pid: 2163, elapsed: '00:09', line: 'zfs receive -s -u dst/x y', mark: 'zferry_run_0af3' },
    { pid: 2200, elapsed: '01:00:00', line: '/usr/sbin/zfs recv -d -F dst/tree', mark: undefined },
  ]);
});

test.each([
  ['dst/x y', 2163],
  ['dst/tree/a/b', 2200],
  ['dst/x', undefined],
  ['dst/z', undefined],
])('%s: %s', (name, pid) => {
  expect(receiveInto(parseReceives(ps), parseDatasetName(name))?.pid).toBe(pid);
});
