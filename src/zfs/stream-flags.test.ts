import { expect, test } from 'vitest';
import { parseDatasetName } from './dataset-name.ts';
import { parseGuid } from './guid.ts';
import type { FeatureState, Pool } from './pool.ts';
import { chooseStreamFlags, missingFeatures } from './stream-flags.ts';

function pool(features: Record<string, FeatureState>): Pool {
  return {
    name: parseDatasetName('p'),
    guid: parseGuid('1'),
    health: 'ONLINE',
    readonly: false,
    features: new Map(Object.entries(features)),
  };
}

const all = pool({
  large_blocks: 'enabled',
  lz4_compress: 'active',
  zstd_compress: 'enabled',
  embedded_data: 'active',
});
const version = { major: 2, minor: 1, patch: 2 };
const plain = {
  sourceVersion: version,
  raw: false,
  targetEncrypted: false,
  largeBlocksBefore: undefined,
};

test('uses everything where both sides have everything', () => {
  expect(chooseStreamFlags({ source: all, target: all, ...plain })).toEqual({
    largeBlocks: true,
    compressed: true,
    embedded: true,
    raw: false,
  });
});

test('sends uncompressed to a pool that does not know the compression in use', () => {
  const old = pool({ large_blocks: 'enabled', lz4_compress: 'disabled' });
  expect(chooseStreamFlags({ source: all, target: old, ...plain }).compressed).toBe(false);
});

test('sends uncompressed from a release that can garble compressed blocks', () => {
  const compressed = (patch: number) =>
    chooseStreamFlags({ source: all, target: all, ...plain, sourceVersion: { ...version, patch } })
      .compressed;
  expect([0, 1, 2].map(compressed)).toEqual([false, false, true]);
  expect(chooseStreamFlags({ source: all, target: all, ...plain, sourceVersion: undefined }).compressed).toBe(
    true,
  );
});

test('a compression that is not in use does not count', () => {
  const old = pool({ lz4_compress: 'active' });
  expect(chooseStreamFlags({ source: all, target: old, ...plain })).toMatchObject({
    compressed: true,
    largeBlocks: false,
    embedded: false,
  });
});

test('embedded blocks do not go to an encrypted target', () => {
  expect(chooseStreamFlags({ source: all, target: all, ...plain, targetEncrypted: true }).embedded).toBe(
    false,
  );
});

test('large blocks stay once they were used', () => {
  const old = pool({});
  expect(chooseStreamFlags({ source: old, target: old, ...plain, largeBlocksBefore: true }).largeBlocks).toBe(
    true,
  );
});

test('names the features in use that the target lacks', () => {
  const source = pool({ large_dnode: 'active', large_blocks: 'active', longname: 'enabled' });
  const flags = { largeBlocks: true, compressed: true, embedded: true, raw: false };
  expect(missingFeatures(source, pool({ large_dnode: 'disabled' }), flags)).toEqual([
    'large_dnode',
    'large_blocks',
  ]);
  expect(missingFeatures(source, source, flags)).toEqual([]);
});

test('a raw stream needs all that can be in the blocks, any other only what it carries', () => {
  const carried = ['large_dnode', 'large_microzap', 'longname'];
  const blocks = ['encryption', 'large_blocks', 'lz4_compress', 'zstd_compress'];
  const source = pool(Object.fromEntries([...carried, ...blocks].map((name) => [name, 'active'])));
  const none = { largeBlocks: false, compressed: false, embedded: false, raw: false };
  expect(missingFeatures(source, pool({}), { ...none, raw: true })).toEqual([...carried, ...blocks]);
  expect(missingFeatures(source, pool({}), none)).toEqual(carried);
});

test('both compressions count that are features', () => {
  const old = pool({ lz4_compress: 'active' });
  const source = pool({ lz4_compress: 'active', zstd_compress: 'active' });
  expect(chooseStreamFlags({ source, target: old, ...plain }).compressed).toBe(false);
});
