import { describe, expect, test } from 'vitest';
import { keptOf, stillKnown } from './known-listing.ts';
import { dataset } from './testing.ts';

const [a, b] = [dataset('t/a', '@x,1 #y,2'), dataset('t/b', '@x,3', { guid: dataset('x').guid })];
const seen = { ...a, guid: b.guid, changed: 1000 };

describe('what is kept of a listing', () => {
  test('each history with when it changed, by the GUID of its dataset', () => {
    const kept = keptOf([seen], 2000, 2000);
    expect(kept.fullAt).toBe(2000);
    expect(kept.datasets).toEqual([
      { guid: seen.guid, changed: 1000, origin: undefined, points: [...a.snapshots, ...a.bookmarks] },
    ]);
  });

  test('not where it is not told when it changed, nor where it may change in the same second again', () => {
    expect(keptOf([b], 2000, 2000).datasets).toEqual([]);
    expect(keptOf([seen], 1001, 1001).datasets).toEqual([]);
    expect(keptOf([seen], 1002, 1002).datasets).toHaveLength(1);
    // A clock that was set back tells nothing.
    expect(keptOf([seen], 900, 900).datasets).toEqual([]);
  });
});

describe('what is still known', () => {
  const kept = keptOf([seen], 2000, 2000);
  const known = (differs: object, clock: number) => [...stillKnown(kept, [{ ...seen, ...differs }], clock)];

  test('the history of what has not changed since, whatever it is called now', () => {
    expect(known({}, 3000)).toEqual([['t/a', [...a.snapshots, ...a.bookmarks]]]);
    expect(known({ name: 't/renamed' }, 3000)).toHaveLength(1);
  });

  test('not of what has changed, nor of another dataset', () => {
    expect(known({ changed: 1001 }, 3000)).toEqual([]);
    expect(known({ changed: undefined }, 3000)).toEqual([]);
    expect(known({ guid: '77' }, 3000)).toEqual([]);
    // A promote has moved snapshots from it, or to it.
    expect(known({ origin: 't/o@s' }, 3000)).toEqual([]);
  });

  test('for a day, and not where a clock was set back or is not known', () => {
    expect(known({}, 2000 + 86_399)).toHaveLength(1);
    expect(known({}, 2000 + 86_400)).toEqual([]);
    expect(known({}, 1999)).toEqual([]);
    expect(known({}, Number.NaN)).toEqual([]);
  });
});
