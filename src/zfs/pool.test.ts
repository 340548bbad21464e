import { expect, test } from 'vitest';
import { parseDatasetName } from './dataset-name.ts';
import { hasFeature, parsePool } from './pool.ts';

const text = [
  'size\t1994391552',
  'health\tONLINE',
  'guid\t17469734179129440246',
  'readonly\toff',
  'feature@lz4_compress\tactive',
  'feature@large_blocks\tenabled',
  'feature@encryption\tdisabled',
  'org.example:note\tfeature@x',
].join('\n');

test('reads guid, health and features of a pool', () => {
  const pool = parsePool(parseDatasetName('tank'), text);
  expect(pool).toMatchObject({ guid: '17469734179129440246', health: 'ONLINE', readonly: false });
  expect(hasFeature(pool, 'lz4_compress')).toBe(true);
  expect(hasFeature(pool, 'large_blocks')).toBe(true);
  expect(hasFeature(pool, 'encryption')).toBe(false);
  expect(hasFeature(pool, 'zstd_compress')).toBe(false);
});

test('a feature is off, on or in use; any other word says nothing of it', () => {
  const { features } = parsePool(parseDatasetName('tank'), `${text}\nfeature@odd\tlocal\nfeature@cut`);
  expect([...features]).toEqual([
    ['lz4_compress', 'active'],
    ['large_blocks', 'enabled'],
    ['encryption', 'disabled'],
  ]);
});

test('tells a pool that is imported read-only, and one whose health is not told', () => {
  expect(parsePool(parseDatasetName('tank'), 'guid\t7\nreadonly\ton')).toEqual({
    name: 'tank',
    guid: '7',
    health: 'UNKNOWN',
    readonly: true,
    features: new Map(),
  });
});

test('says so when there is nothing to read', () => {
  expect(() => parsePool(parseDatasetName('tank'), '')).toThrow(
    expect.objectContaining({ code: 'bad-output', message: expect.stringContaining('the pool tank') }),
  );
});
