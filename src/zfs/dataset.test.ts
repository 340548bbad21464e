import { expect, test } from 'vitest';
import { type Dataset, localOwn, ownMarks, type PropertySource } from './dataset.ts';
import { parseDatasetName } from './dataset-name.ts';
import { parseGuid } from './guid.ts';

function dataset(source?: PropertySource): Dataset {
  return {
    name: parseDatasetName('tank/a'),
    type: 'filesystem',
    guid: parseGuid('1'),
    createtxg: 1,
    used: 0,
    available: 0,
    referenced: 0,
    written: 0,
    readonly: false,
    mounted: false,
    encrypted: false,
    keyLoaded: true,
    resumeToken: undefined,
    inconsistent: false,
    origin: undefined,
    key: undefined,
    own: new Map(source === undefined ? [] : [['zferry:id', { value: 'ab12cd', source }]]),
    snapshots: [],
    bookmarks: [],
  };
}

test.each([
  ['that is set on it', 'local', 'ab12cd'],
  ['that came with a stream', 'received', undefined],
  ['that is set above it', { inheritedFrom: 'tank' }, undefined],
  ['that is not set', undefined, undefined],
] as const)('of a property %s counts the value: %j, %s', (_, source, value) => {
  expect(localOwn(dataset(source), 'zferry:id')).toBe(value);
});

test('all that is ours and set by us; not what people set on a source', () => {
  expect(ownMarks.join(' ')).toBe(
    'zferry:id zferry:source zferry:mode zferry:large-blocks zferry:placeholder zferry:aside zferry:rebuilding zferry:vanished',
  );
});
