import { expect, test } from 'vitest';
import { parseDatasetName } from './dataset-name.ts';
import { historyArgs, parseHistoryLine } from './history.ts';

test('asks a pool for its history with who did it', () => {
  expect(historyArgs(parseDatasetName('tank'))).toEqual(['zpool', 'history', '-l', 'tank']);
});

test.each([
  [
    '2026-11-21.02:56:50 zfs rollback -r tank/x@a [user 0 (root) on h:linux]',
    { at: '2026-11-21 02:56:50', command: 'zfs rollback -r tank/x@a', user: 'root' },
  ],
  [
    '2026-11-21.02:56:50 zfs snapshot tank/x@[b] [user 1007 on h]',
    { at: '2026-11-21 02:56:50', command: 'zfs snapshot tank/x@[b]', user: '1007' },
  ],
  ['2026-11-21.02:56:50 zfs destroy tank/x', { at: '2026-11-21 02:56:50', command: 'zfs destroy tank/x' }],
])('%s', (line, entry) => {
  expect(parseHistoryLine(line)).toEqual({ user: undefined, ...entry });
});

test.each([
  "History for 'tank':",
  '',
  '2026-11-21.02:56:45 zpool create tank /dev/disk/by-id/virtio-disk0 [user 0 (root) on h:linux]',
  '  2026-11-21.02:56:50 zfs destroy tank/x',
  '2026-11-21.02:56:50 [txg:12] destroy tank/x@b (92)   [on h]',
])('is no command of zfs: %s', (line) => {
  expect(parseHistoryLine(line)).toBeUndefined();
});
