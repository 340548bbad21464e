import { expect, test } from 'vitest';
import type { Dataset } from '../zfs/dataset.ts';
import { parseGuid } from '../zfs/guid.ts';
import { planAdoption } from './adopt.ts';
import { dataset, own, type Row, side } from './testing.ts';

const source = side('tank/home', [dataset('tank/home', '@a,1 @b,2'), dataset('tank/home/ann', '@x,3')]);
const adopt = (...there: Parameters<typeof dataset>[]) =>
  planAdoption(
    source,
    side(
      'nas/home',
      there.map((one) => dataset(...one)),
    ),
    'ab12cd',
  );

test('a copy with a common GUID is taken over, whatever its snapshots are called', () => {
  expect(adopt(['nas/home', '@other,2'], ['nas/home/ann', '@x,3'])).toMatchObject([
    {
      kind: 'adopt',
      base: 'other',
      properties: { 'zferry:id': 'ab12cd', readonly: 'on', 'zferry:mode': 'plain' },
    },
    { kind: 'adopt', properties: { 'zferry:source': '1000', canmount: 'noauto' } },
  ]);
});

test('its id is set on the top alone, those below inherit it', () => {
  const [, below] = adopt(['nas/home', '@b,2'], ['nas/home/ann', '@x,3']);
  expect(below).not.toHaveProperty(['properties', 'zferry:id']);
});

test.each<[string, string, Partial<Dataset>, string]>([
  ['no snapshot', '', {}, 'it has no snapshots'],
  [
    'the same name with another GUID',
    '@a,77',
    {},
    "none of its 1 snapshots has the GUID of one of the source's 2 or of its bookmarks",
  ],
  ['another kind', '@a,1', { type: 'volume' }, 'one is a filesystem, the other a volume'],
  [
    'something written since',
    '@a,1 @mine,9',
    { written: 1 },
    'it was written to since @mine, so it may be in use; to take it over all the same, first go back to what it was: zfs rollback nas/home@mine',
  ],
])('%s: refused with the reason', (_, history, differs, reason) => {
  expect(adopt(['nas/home', history, differs])[0]).toEqual({
    source: 'tank/home',
    target: 'nas/home',
    kind: 'refused',
    reason,
  });
});

test('its own copy is not taken for its source', () => {
  const from = side('tank/home', [dataset('tank/home', '@a,1', { own: own({ 'zferry:source': '31' }) })]);
  const to = side('nas/home', [dataset('nas/home', '@a,1', { guid: parseGuid('31') })]);
  expect(planAdoption(from, to, 'ab12cd')).toMatchObject([
    { kind: 'refused', reason: 'tank/home is a copy of nas/home, not the other way round' },
  ]);
});

test('all that is set, and how many snapshots are newer', () => {
  const properties = { canmount: 'noauto', 'zferry:source': '1000', 'zferry:mode': 'plain' };
  expect(adopt(['nas/home', '@a,1 @x,8 @y,9'], ['nas/home/ann', '@x,3'])).toEqual([
    {
      source: 'tank/home',
      target: 'nas/home',
      kind: 'adopt',
      base: 'a',
      newer: 2,
      properties: { readonly: 'on', 'com.sun:auto-snapshot': 'false', 'zferry:id': 'ab12cd', ...properties },
    },
    { source: 'tank/home/ann', target: 'nas/home/ann', kind: 'adopt', base: 'x', newer: 0, properties },
  ]);
});

test('a volume is never mounted, and raw is what has the key of its source', () => {
  const key = (guid: string) => ({
    encrypted: true,
    type: 'volume' as const,
    key: { root: 'x' as never, guid: parseGuid(guid), salt: '1' },
  });
  const modeOf = (from: Partial<Dataset>, to: Partial<Dataset>) => {
    const [found] = planAdoption(
      side('tank/v', [dataset('tank/v', '@a,1', from)]),
      side('nas/v', [dataset('nas/v', '@a,1', to)]),
      'ab12cd',
    );
    return found?.kind === 'adopt' ? [found.properties['zferry:mode'], found.properties['canmount']] : found;
  };
  expect(modeOf(key('5'), key('5'))).toEqual(['raw', undefined]);
  expect(modeOf(key('5'), key('6'))).toEqual(['plain', undefined]);
  expect(modeOf({}, {})).toEqual(['plain', 'noauto']);
});

test('what is ours already, and what is not there', () => {
  const marks = { own: own({ 'zferry:id': 'ab12cd', 'zferry:source': '1000' }) };
  expect(adopt(['nas/home', '@a,1', marks]).map(({ kind }) => kind)).toEqual(['ours', 'missing']);
  const part = { own: own({ 'zferry:source': '1000' }) };
  expect(adopt(['nas/home', '@a,1', marks], ['nas/home/ann', '@x,3', part]).map(({ kind }) => kind)).toEqual([
    'ours',
    'ours',
  ]);
  // The top without its id is none yet.
  expect(adopt(['nas/home', '@a,1', part]).map(({ kind }) => kind)).toEqual(['adopt', 'missing']);
  const other = { own: own({ 'zferry:id': 'ab12cd', 'zferry:source': '7' }) };
  expect(adopt(['nas/home', '@a,1', other]).map(({ kind }) => kind)).toEqual(['adopt', 'missing']);
});

test('what is only on the target will be read-only, too, and is named where that changes something', () => {
  const mine: Row = ['nas/home/mine', '@z,9'];
  const beside = { source: 'tank/home/mine', target: 'nas/home/mine', kind: 'beside' };
  expect(adopt(['nas/home', '@a,1'], mine).slice(2)).toEqual([beside]);
  expect(adopt(['nas/home', '@a,1'], ['nas/home/mine', '@z,9', { readonly: true }])).toHaveLength(2);
  expect(adopt(['nas/home', ''], mine)).toHaveLength(2);
});
