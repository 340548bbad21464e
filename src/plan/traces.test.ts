import { expect, test } from 'vitest';
import { parseDatasetName } from '../zfs/dataset-name.ts';
import { traceKeeper } from './traces.ts';

const name = parseDatasetName;
const copy = name('dst/a/copy');

function traces(...commands: string[]): string[] {
  const keeper = traceKeeper([copy, name('dst/with space')]);
  for (const command of commands) keeper.note({ at: '2026-11-21 02:56:50', user: 'root', command });
  return [...new Set([...keeper.traces.values()].flat().map((entry) => entry.command))];
}

test.each([
  'zfs snapshot dst/a/copy@mine',
  'zfs snapshot -r dst@all',
  'zfs rollback -r dst/a/copy@one',
  'zfs destroy dst/a/copy@a,b%c',
  'zfs destroy dst/a/copy@zferry_ab12cd_20261121T025942Z',
  'zfs rollback -r dst/a/copy@zferry_ab12cd_20261121T025942Z',
  'zfs destroy -rf dst/a@x',
  'zfs set readonly=off dst/a/copy',
  'zfs inherit -r readonly dst',
  'zfs receive -F dst/a/copy',
  'zfs rename dst/old dst/a/copy',
  'zfs snapshot dst/with space@mine',
])('may be why: %s', (command) => {
  expect(traces(command)).toEqual([command]);
});

test.each([
  'zfs snapshot dst/a/copy2@mine',
  'zfs snapshot dst/a/copy/below@mine',
  'zfs snapshot dst/a@mine',
  'zfs snapshot -r other@all',
  'zfs set compression=lz4 dst/a/copy',
  'zfs hold mine dst/a/copy@one',
  'zfs create dst/a/copy',
])('has nothing to do with it: %s', (command) => {
  expect(traces(command)).toEqual([]);
});

test('what came before the last of our own is over; of the rest, the last three', () => {
  const mine = [1, 2, 3, 4].map((n) => `zfs snapshot dst/a/copy@mine${n}`);
  expect(traces('zfs snapshot dst/a/copy@old', 'zfs receive -s -u dst/a/copy', ...mine)).toEqual(
    mine.slice(1),
  );
  expect(traces(...mine, 'zfs hold zferry_ab12cd dst/a/copy@one')).toEqual([]);
});

test('an old bookmark of ours that goes tells nothing, whoever it was', () => {
  expect(traces('zfs destroy dst/a/copy@x', 'zfs destroy dst/a/copy#zferry_ab12cd_77')).toEqual([
    'zfs destroy dst/a/copy@x',
  ]);
});
