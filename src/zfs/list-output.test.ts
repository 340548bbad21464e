import fc from 'fast-check';
import { expect, test } from 'vitest';
import { localOwn, ownProperties } from './dataset.ts';
import { parseDatasetName } from './dataset-name.ts';
import { ZferryError } from './failure.ts';
import {
  assembleDatasets,
  parseCreation,
  parseDatasets,
  parseOwnProperties,
  parsePoints,
  parseSnapshotSizes,
} from './list-output.ts';

// As OpenZFS 2.3.9 prints them.
const datasets = [
  'tank/a b\tfilesystem\t17469734179129440246\t20\t98304\t1771044864\t24576\t0\toff\tyes\toff\t-\t-\t0\t-\t-\t-\t0',
  'tank\tfilesystem\t3346546744324\t1\t190464\t1771044864\t24576\t24576\toff\tyes\toff\t-\t-\t0\t-\t-\t-\t0',
  'tank/v\tvolume\t12546744324\t25\t8388608\t1771044864\t12288\t12288\ton\t-\taes-256-gcm\tunavailable\t1-abc-e0-789c\t1\ttank/a b@one\ttank/v\t12019636258656272019\t1310393272417092909',
].join('\n');
const points = ['tank/a b@two\t5\t40', 'tank/a b@one\t17469734179129440200\t30', 'tank/a b#mark\t4\t29'].join(
  '\n',
);
const own = ['tank\tzferry:id\tab12cd\tlocal', 'tank/a b\tzferry:id\tab12cd\tinherited from tank', ''].join(
  '\n',
);

test('puts a listing together: parents first, snapshots in the order they were made', () => {
  const listed = assembleDatasets(
    parseDatasets(`${datasets}\n`),
    parsePoints(points),
    parseOwnProperties(own),
  );
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
  ['a size in human units', () => parseDatasets(datasets.replace('\t98304\t', '\t96K\t'))],
  ['an unknown type', () => parseDatasets(datasets.replace('\tvolume\t', '\tshare\t'))],
  ['a foreign property', () => parseOwnProperties('tank\tother:id\tx\tlocal')],
  ['a property value cut by a newline', () => parseOwnProperties('tank\tzferry:id\tab\ncd\tlocal')],
])('a typed error for %s', (_, parse) => {
  expect(parse).toThrow(ZferryError);
  expect(parse).toThrow(/Cannot read/);
});

test('any bytes give a value or a typed error, never a crash', () => {
  const line = fc.array(fc.oneof(fc.constantFrom('\t', '\n', '@', '#', '-', '0', 'tank'), fc.string()), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(line, (parts) => {
      const text = parts.join('');
      for (const parse of [
        parseDatasets,
        parsePoints,
        parseOwnProperties,
        parseSnapshotSizes,
        parseCreation,
      ]) {
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
      const [read] = parsePoints(`${name}@${snapshot}\t7\t9\n`);
      expect(read).toEqual({
        dataset: name,
        point: { kind: 'snapshot', name: snapshot, guid: '7', createtxg: 9 },
      });
    }),
  );
});
