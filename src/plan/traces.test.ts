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
  'zfs promote dst/a/copy',
  'zfs recv dst/a/copy',
  'zfs receive -s -F dst/a/copy',
  'zfs set canmount=on dst/a/copy',
  'zfs set mountpoint=/x dst/a/copy',
  'zfs set volmode=dev dst/a/copy',
  'zfs snapshot dst/a/copy2@x dst/a/copy@x',
  'zfs snapshot dst/a/copy#x',
  'zfs snapshot -r dst/a/copy',
  'zfs rename -R dst/a dst/b',
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
  'zfs inherit compression dst/a/copy',
  'zfs set unreadonly=on dst/a/copy',
  'zfs set org.x:readonlyish=on dst/a/copy',
  'zfs snapshot -o x=y dst/a@mine',
  'zfs snapshot xdst/a/copy@mine',
  'zfs',
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

test.each([
  'zfs set zferry:mode=raw dst/a/copy',
  'zfs release zferry_ab12cd dst/a/copy@x',
  'zfs receive -s -u dst/a/copy',
])('what zferry did ends what was before: %s', (command) => {
  expect(traces('zfs snapshot dst/a/copy@mine', command)).toEqual([]);
  expect(traces(command, 'zfs snapshot dst/a/copy@mine')).toEqual(['zfs snapshot dst/a/copy@mine']);
});

test('what it did to another dataset, or somebody’s receive with an option, ends nothing', () => {
  const mine = 'zfs snapshot dst/a/copy@mine';
  expect(traces(mine, 'zfs set zferry:mode=raw dst/other')).toEqual([mine]);
  expect(traces(mine, 'zfs receive -s -u -F dst/a/copy')).toEqual([mine, 'zfs receive -s -u -F dst/a/copy']);
  expect(traces(mine, 'zfs destroy dst/a/copy@zferry_x')).toEqual([mine, 'zfs destroy dst/a/copy@zferry_x']);
});

test('an old bookmark of ours that goes tells nothing, whoever it was', () => {
  expect(traces('zfs destroy dst/a/copy@x', 'zfs destroy dst/a/copy#zferry_ab12cd_77')).toEqual([
    'zfs destroy dst/a/copy@x',
  ]);
});
