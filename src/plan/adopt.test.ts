import { expect, test } from 'vitest';
import { planAdoption } from './adopt.ts';
import { dataset, own, side } from './testing.ts';

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

test.each([
  ['no snapshot', '', {}, 'it has no snapshots'],
  ['the same name with another GUID', '@a,77', {}, 'none of its 1 snapshots has the GUID'],
  ['another kind', '@a,1', { type: 'volume' as const }, 'one is a filesystem, the other a volume'],
])('%s: refused with the reason', (_, history, differs, reason) => {
  expect(adopt(['nas/home', history, differs])[0]).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining(reason),
  });
});

test('what is ours already, and what is not there', () => {
  const marks = { own: own({ 'zferry:id': 'ab12cd', 'zferry:source': '1000' }) };
  expect(adopt(['nas/home', '@a,1', marks]).map(({ kind }) => kind)).toEqual(['ours', 'missing']);
});
