import { expect, test } from 'vitest';
import { parseChildren, parseCreation, parseDatasets, parseMarks, parseVolumeRoom } from './list-output.ts';
import {
  parseClones,
  parseIvSets,
  parseNewSnapshots,
  parsePoints,
  parseSnapshotSizes,
} from './points-output.ts';
import { printedDataset } from './testing.ts';

const next = 'report this line, with the output of: zfs version';
const cannotRead = (what: string, line: string) =>
  expect.objectContaining({
    code: 'bad-output',
    message: `Cannot read ${what} in the line ${line} that ZFS printed`,
    next,
  });

test.each<[string, string, () => unknown]>([
  ['2 fields where 3 were asked for', '"tank@a\\t5"', () => parsePoints('tank@a\t5')],
  ['"tank" as a snapshot or bookmark', '"tank\\t5\\t5"', () => parsePoints('tank\t5\t5')],
  ['"tank@" as a snapshot or bookmark', '"tank@\\t5\\t5"', () => parsePoints('tank@\t5\t5')],
  ['"" as a dataset\'s name', '"@a\\t5\\t5"', () => parsePoints('@a\t5\t5')],
  ['"5K" as a number', '"tank@a\\t5\\t5K"', () => parsePoints('tank@a\t5\t5K')],
  [
    '"other:id" as a property that was asked for',
    '"tank\\tother:id\\tx"',
    () => parseMarks('tank\tother:id\tx'),
  ],
  ['"" as a dataset\'s name', '"\\tzferry:id\\tx"', () => parseMarks('\tzferry:id\tx')],
  ['"-5" as a number', '"tank\\t-5"', () => parseCreation('tank\t-5')],
  ['3 fields where 2 were asked for', '"tank\\t5\\t5"', () => parseCreation('tank\t5\t5')],
  ['"a" as a number', '"tank@a\\ta\\t5"', () => parseSnapshotSizes('tank@a\ta\t5')],
  ['"b" as a number', '"tank@a\\t5\\tb"', () => parseSnapshotSizes('tank@a\t5\tb')],
  ['2 fields where 3 were asked for', '"tank@a\\t5"', () => parseSnapshotSizes('tank@a\t5')],
  ['"8M" as a number', '"tank/v\\t8M\\tnone"', () => parseVolumeRoom('tank/v\t8M\tnone')],
  ['"auto" as a number', '"tank/v\\t8\\tauto"', () => parseVolumeRoom('tank/v\t8\tauto')],
  ['"/v" as a dataset\'s name', '"/v\\t8\\t8"', () => parseVolumeRoom('/v\t8\t8')],
  ['"tank#a" as a snapshot', '"tank#a\\t5\\t6\\t0\\t0"', () => parseNewSnapshots('tank#a\t5\t6\t0\t0')],
  ['4 fields where 5 were asked for', '"tank@a\\t5\\t6\\t0"', () => parseNewSnapshots('tank@a\t5\t6\t0')],
  ['1 fields where 2 were asked for', '"5"', () => parseIvSets('5')],
  ['1 fields where 2 were asked for', '"tank@a"', () => parseClones('tank@a')],
  ['2 fields where 7 were asked for', '"tank\\tvolume"', () => parseChildren('tank\tvolume')],
])('says what it is that cannot be read: %s in %s', (what, line, parse) => {
  expect(parse).toThrow(cannotRead(what, line));
});

const printed = printedDataset({ name: 'tank' });

test.each<[string, () => unknown]>([
  ['"share" as a dataset\'s type', () => parseDatasets(printedDataset({ name: 'tank', type: 'share' }))],
  ['"96K" as a number', () => parseDatasets(printedDataset({ name: 'tank', used: '96K' }))],
  ['"other:id" where zferry:id was asked for', () => parseDatasets(printed.replace('zferry:id', 'other:id'))],
  ['all that was asked for', () => parseDatasets(printed.replace(/zferry:sync.*\n/, ''))],
  ['all that was asked for', () => parseDatasets(printed.replace(/zferry:sync.*\n/, '') + printed)],
  [
    '"default" as the source of a property',
    () => parseDatasets(printedDataset({ name: 'tank', 'zferry:id': ['x', 'default'] })),
  ],
  ['"tank//a" as a dataset\'s name', () => parseDatasets(printedDataset({ name: 'tank//a' }))],
  [
    '"/" as a dataset\'s name',
    () => parseDatasets(printedDataset({ name: 'tank', encryptionroot: '/', keyguid: '7' })),
  ],
])('of a dataset, too: %s', (what, parse) => {
  expect(parse).toThrow(
    expect.objectContaining({
      code: 'bad-output',
      message: expect.stringMatching(
        new RegExp(`^Cannot read ${what.replaceAll('/', '\\/')} in the line ".+" that ZFS printed$`),
      ),
      next,
    }),
  );
});

test('of a long line only the beginning is shown', () => {
  const long = `tank\t${'x'.repeat(300)}`;
  expect(() => parseCreation(long)).toThrow(
    cannotRead(`"${'x'.repeat(300)}" as a number`, JSON.stringify(long.slice(0, 200))),
  );
});

test('lines that are empty are passed over, and the last needs no end', () => {
  expect([...parseCreation('\n\ntank\t5\n\ntank@a\t6')]).toEqual([
    ['tank', 5],
    ['tank@a', 6],
  ]);
});
