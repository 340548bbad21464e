import { expect, test } from 'vitest';
import { parseDatasetName } from './dataset-name.ts';
import {
  countersArgs,
  endProcessArgs,
  parseReceives,
  processesArgs,
  receiveInto,
} from './receive-processes.ts';

test.each([
  ['ps -A -o pid= -o ppid= -o etime= -o args=', processesArgs()],
  ['cat /proc/2163/io', countersArgs(2163)],
  ['kill -TERM 2163', endProcessArgs(2163)],
])('%s', (line, argv) => {
  expect(argv).toEqual(line.split(' '));
});

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

test('columns can be far apart and a line end in spaces; what is no process is passed over', () => {
  const text =
    'PID PPID\n\nps: 7 1 00:01 zfs receive dst/n\n     12    1    00:01   zfs receive dst/a   \n13 1 00:01 zfs recv dst/b';
  expect(parseReceives(text)).toEqual([
    { pid: 12, elapsed: '00:01', line: 'zfs receive dst/a', mark: undefined },
    { pid: 13, elapsed: '00:01', line: 'zfs recv dst/b', mark: undefined },
  ]);
});

test.each([
  ['zfs receive -e dst/tree', 'dst/tree/b', true],
  ['zfs receive -sd dst/tree', 'dst/tree/a/b', true],
  ['zfs receive -s -u dst/tree', 'dst/tree/a', false],
  ['zfs receive -d dst/tree', 'dst/trees', false],
  ['zfs receive -s dst/a@one', 'dst/a', true],
  ['zfs receive -s dst/a@one', 'dst', false],
])('%s receives into %s: %s', (line, name, expected) => {
  const receives = parseReceives(`1 0 00:01 ${line}`);
  expect(receiveInto(receives, parseDatasetName(name)) !== undefined).toBe(expected);
});
