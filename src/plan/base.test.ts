import { expect, test } from 'vitest';
import { findBase } from './base.ts';
import { dataset } from './testing.ts';

function baseOf(source: string, target: string): string {
  const base = findBase(dataset('s', source), dataset('t', target));
  return base ? `${base.source.kind} ${base.source.name} = ${base.target.name}` : 'none';
}

test.each([
  ['the newest that both have', '@a,1 @b,2 @c,3', '@a,1 @b,2', 'snapshot b = b'],
  ['an equal name with another GUID is no base', '@a,1', '@a,2', 'none'],
  ['a renamed snapshot is still the base', '@a,1 @new,2', '@a,1 @old,2', 'snapshot new = old'],
  ['a bookmark serves where the snapshot is gone', '#a,1 @b,2', '@a,1', 'bookmark a = a'],
  ['a snapshot is preferred to its bookmark', '@a,1 #mark,1', '@a,1', 'snapshot a = a'],
  ['a newer bookmark beats an older snapshot', '@a,1 #b,2 @c,3', '@a,1 @b,2', 'bookmark b = b'],
  ['newest by the order on the target', '@a,1 @b,2', '@b,2 @a,1', 'snapshot a = a'],
  ['nothing in common', '@a,1', '@x,9', 'none'],
])('%s', (_, source, target, expected) => {
  expect(baseOf(source, target)).toBe(expected);
});
