import fc from 'fast-check';
import { expect, test } from 'vitest';
import { localOwn, ownProperties } from './dataset.ts';
import { parseDatasetName } from './dataset-name.ts';
import { ZferryError } from './failure.ts';
import {
  assembleDatasets,
  countObjects,
  isEmptyPlaceholder,
  isEmptyRoot,
  parseChildren,
  parseCreation,
  parseDatasets,
  parseMarks,
  parseVolumeRoom,
} from './list-output.ts';
import { parsePoints, parseSnapshotSizes } from './points-output.ts';
import { printedDataset } from './testing.ts';

// As OpenZFS 2.3.9 prints them.
const datasets = [
  printedDataset({
    name: 'tank/a b',
    guid: '17469734179129440246',
    mounted: 'yes',
    'zferry:id': ['ab12cd', 'inherited from tank'],
  }),
  printedDataset({ name: 'tank', guid: '3346546744324', mounted: 'yes', 'zferry:id': ['ab12cd', 'local'] }),
  printedDataset({
    name: 'tank/v',
    type: 'volume',
    readonly: 'on',
    mounted: '-',
    encryption: 'aes-256-gcm',
    keystatus: 'unavailable',
    receive_resume_token: '1-abc-e0-789c',
    inconsistent: '1',
    origin: 'tank/a b@one',
    encryptionroot: 'tank/v',
    keyguid: '12019636258656272019',
    pbkdf2salt: '1310393272417092909',
  }),
].join('');
const points = ['tank/a b@two\t5\t40', 'tank/a b@one\t17469734179129440200\t30', 'tank/a b#mark\t4\t29'].join(
  '\n',
);
test('puts a listing together: parents first, snapshots in the order they were made', () => {
  const listed = assembleDatasets(parseDatasets(datasets), parsePoints(points));
  expect(listed.map((d) => d.name)).toEqual(['tank', 'tank/a b', 'tank/v']);
  const [tank, a, volume] = listed;
  expect(a?.snapshots.map((s) => [s.name, s.guid])).toEqual([
    ['one', '17469734179129440200'],
    ['two', '5'],
  ]);
  expect(a?.bookmarks.map((b) => b.name)).toEqual(['mark']);
  expect(tank && localOwn(tank, ownProperties.id)).toBe('ab12cd');
  expect(a && localOwn(a, ownProperties.id)).toBeUndefined();
  expect(a?.own.get(ownProperties.id)).toEqual({ value: 'ab12cd', source: { inheritedFrom: 'tank' } });
  expect(volume).toMatchObject({
    type: 'volume',
    mounted: undefined,
    readonly: true,
    encrypted: true,
    keyLoaded: false,
    resumeToken: '1-abc-e0-789c',
    inconsistent: true,
    origin: 'tank/a b@one',
    key: { root: 'tank/v', guid: '12019636258656272019', salt: '1310393272417092909' },
  });
  expect(tank).toMatchObject({ mounted: true, encrypted: false, keyLoaded: true, resumeToken: undefined });
});

test('reads sizes and creation times', () => {
  expect(parseSnapshotSizes('t/a b@s 1\t512\t1024\n').get('t/a b@s 1')).toEqual({
    written: 512,
    referenced: 1024,
  });
  expect(parseCreation('t\t1795000000\nt@x\t1795000001\n').get('t@x')).toBe(1795000001);
});

test.each([
  ['a field too few', () => parsePoints('tank@a\t5')],
  ['a guid of zero', () => parsePoints('tank@a\t0\t5')],
  ['no snapshot', () => parsePoints('tank\t5\t5')],
  ['a size in human units', () => parseDatasets(printedDataset({ name: 'tank', used: '96K' }))],
  ['an unknown type', () => parseDatasets(printedDataset({ name: 'tank', type: 'share' }))],
  [
    'another property',
    () => parseDatasets(printedDataset({ name: 'tank' }).replace('zferry:id', 'other:id')),
  ],
  [
    'a property too few',
    () => parseDatasets(printedDataset({ name: 'tank' }).replace(/zferry:sync.*\n/, '')),
  ],
  ['a mark that is not ours', () => parseMarks('tank\tother:id\tx')],
  ['a dataset without a name', () => parseMarks('\tzferry:id\tx')],
  [
    'a source that there is not',
    () => parseDatasets(printedDataset({ name: 'tank', 'zferry:id': ['x', 'default'] })),
  ],
  [
    'an ancestor that is not told',
    () => parseDatasets(printedDataset({ name: 'tank', 'zferry:id': ['x', 'inherited from '] })),
  ],
  [
    'a word before the source',
    () => parseDatasets(printedDataset({ name: 'tank', 'zferry:id': ['x', 'not inherited from tank'] })),
  ],
  ['a number after a sign', () => parseCreation('tank\t-5')],
  ['a number with a letter', () => parseCreation('tank\t5a')],
  ['no number', () => parseCreation('tank\t')],
  ['a field too many', () => parseCreation('tank\t5\t5')],
  ['a snapshot without a name', () => parsePoints('tank@\t5\t5')],
  ['a snapshot of nothing', () => parsePoints('@a\t5\t5')],
  [
    'a property value cut by a newline',
    () => parseDatasets(printedDataset({ name: 'tank', 'zferry:id': ['ab\ncd', 'local'] })),
  ],
])('a typed error for %s', (_, parse) => {
  expect(parse).toThrow(ZferryError);
  expect(parse).toThrow(
    expect.objectContaining({ code: 'bad-output', message: expect.stringMatching(/Cannot read "?./) }),
  );
});

test('any bytes give a value or a typed error, never a crash', () => {
  const line = fc.array(fc.oneof(fc.constantFrom('\t', '\n', '@', '#', '-', '0', 'tank'), fc.string()), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(line, (parts) => {
      const text = parts.join('');
      for (const parse of [parseDatasets, parsePoints, parseSnapshotSizes, parseCreation]) {
        try {
          parse(text);
        } catch (error) {
          expect(error).toBeInstanceOf(ZferryError);
        }
      }
    }),
    { numRuns: 500 },
  );
});

test('every name that ZFS allows comes back from a listing unchanged', () => {
  const part = fc
    .array(fc.constantFrom('a', 'Z', '0', '-', '_', '.', ':', ' '), { minLength: 1, maxLength: 12 })
    .map((letters) => `x${letters.join('')}`);
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), part, (parts, snapshot) => {
      const name = parseDatasetName(parts.join('/'));
      expect([...parsePoints(`${name}@${snapshot}\t7\t9\n`)]).toEqual([
        [name, [{ kind: 'snapshot', name: snapshot, guid: '7', createtxg: 9 }]],
      ]);
    }),
  );
});

test('what a platform does not know is not there', () => {
  const unknown = {
    encryption: '',
    keystatus: '',
    receive_resume_token: '',
    inconsistent: 'yes',
    origin: '',
    encryptionroot: '',
    keyguid: '',
    pbkdf2salt: '',
  };
  expect(parseDatasets(printedDataset({ name: 'tank', ...unknown }))).toMatchObject([
    { encrypted: false, keyLoaded: true, resumeToken: undefined, inconsistent: true, origin: undefined },
  ]);
  expect(parseDatasets(printedDataset({ name: 'tank', ...unknown }))[0]?.key).toBeUndefined();
});

test('each number stands for what it is asked for', () => {
  const sizes = { guid: '5', createtxg: '1', used: '2', available: '3', referenced: '4', written: '6' };
  expect(parseDatasets(printedDataset({ name: 'tank', ...sizes }))).toMatchObject([
    { guid: '5', createtxg: 1, used: 2, available: 3, referenced: 4, written: 6 },
  ]);
});

test('a key that is no passphrase has no salt, and what has no key of its own number has none', () => {
  const encrypted = {
    name: 'tank',
    encryption: 'aes-256-gcm',
    keystatus: 'available',
    encryptionroot: 'tank',
  };
  const read = (keyguid: string) => parseDatasets(printedDataset({ ...encrypted, keyguid, pbkdf2salt: '-' }));
  expect(read('77')[0]?.key).toEqual({ root: 'tank', guid: '77', salt: '0' });
  expect(read('-')[0]?.key).toBeUndefined();
});

test('a name that ZFS makes for itself is read', () => {
  expect([...parsePoints('tank/a/%recv@one\t5\t6')]).toEqual([
    ['tank/a/%recv', [{ kind: 'snapshot', name: 'one', guid: '5', createtxg: 6 }]],
  ]);
});

test('a property can be set here, come with a stream, or be inherited', () => {
  const [tank] = parseDatasets(
    printedDataset({
      name: 'tank',
      'zferry:id': ['a', 'local'],
      'zferry:mode': ['raw', 'received'],
      'zferry:sync': ['off', 'inherited from x y'],
    }),
  );
  expect([...(tank?.own ?? [])]).toEqual([
    ['zferry:id', { value: 'a', source: 'local' }],
    ['zferry:mode', { value: 'raw', source: 'received' }],
    ['zferry:sync', { value: 'off', source: { inheritedFrom: 'x y' } }],
  ]);
});

test('bookmarks, too, are in the order they were made', () => {
  const points = parsePoints('tank#b\t5\t40\ntank#a\t6\t30\n');
  const [tank] = assembleDatasets(parseDatasets(printedDataset({ name: 'tank' })), points);
  expect(tank?.bookmarks.map(({ name }) => name)).toEqual(['a', 'b']);
  expect(tank?.snapshots).toEqual([]);
  expect(tank?.own).toEqual(new Map());
});

test('the room of volumes: what they can hold and what is reserved', () => {
  expect([...parseVolumeRoom('t/v w\t8388608\t8650752\nt/x\t1024\tnone\nt/y\t1024\t0\n')]).toEqual([
    ['t/v w', { size: 8388608, reserved: 8650752 }],
    ['t/x', { size: 1024, reserved: 0 }],
    ['t/y', { size: 1024, reserved: 0 }],
  ]);
});

test('marks, with whose they are', () => {
  expect(parseMarks('t/a b\tzferry:vanished\t20261120T030405Z\n')).toEqual([
    { name: 't/a b', property: 'zferry:vanished', value: '20261120T030405Z' },
  ]);
});

test('what lies right below: clones, mounts, unfinished receives and keys', () => {
  const text =
    't\tfilesystem\t-\tyes\t0\t-\t-\nt/c\tvolume\tt/o@s\t-\t1\tt/c\tavailable\nt/d\tfilesystem\t-\tno\tyes\tt\tunavailable\n';
  expect(parseChildren(text)).toEqual([
    {
      name: 't',
      type: 'filesystem',
      origin: undefined,
      mounted: true,
      inconsistent: false,
      encryptionRoot: undefined,
      keyLoaded: false,
    },
    {
      name: 't/c',
      type: 'volume',
      origin: 't/o@s',
      mounted: false,
      inconsistent: true,
      encryptionRoot: 't/c',
      keyLoaded: true,
    },
    {
      name: 't/d',
      type: 'filesystem',
      origin: undefined,
      mounted: false,
      inconsistent: true,
      encryptionRoot: 't',
      keyLoaded: false,
    },
  ]);
});

const answer = (stdout: string, status = 0) => ({ status, stdout });

test.each([
  ['one owner', answer('1\n'), 1],
  ['many', answer('10\n5\n'), 15],
  ['nobody', answer(''), 0],
  ['what is not counted', answer('-\n'), Number.NaN],
  ['what is not all a number', answer('1\n5K\nK5\n'), Number.NaN],
  ['a number with a letter behind it', answer('5K\n'), Number.NaN],
  ['a number with a letter before it', answer('K5\n'), Number.NaN],
  ['a command that failed', answer('1\n', 1), Number.NaN],
  ['no answer', undefined, Number.NaN],
])('the objects of %s', (_, objects, count) => {
  expect(countObjects(objects)).toBe(count);
});

test.each([
  [true, true, 'only its root folder', answer('1\n'), answer('tank\n')],
  [false, true, 'a dataset below it', answer('1\n'), answer('tank\ntank/a\ntank/a@s\n')],
  [false, false, 'a snapshot', answer('1\n'), answer('tank\ntank@a\n')],
  [false, false, 'a bookmark', answer('1\n'), answer('tank\ntank/a\ntank#a\n')],
  [false, false, 'a file', answer('2\n'), answer('tank\n')],
  [false, false, 'nobody knows what', undefined, answer('tank\n')],
  [false, false, 'no listing', answer('1\n'), undefined],
  [false, false, 'a listing that failed', answer('1\n'), answer('tank\n', 1)],
])('is empty as a root: %s, as a placeholder: %s, with %s', (root, placeholder, _, objects, below) => {
  expect(isEmptyRoot(objects, below)).toBe(root);
  expect(isEmptyPlaceholder(parseDatasetName('tank'), objects, below)).toBe(placeholder);
});
