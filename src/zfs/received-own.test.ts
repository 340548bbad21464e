import { expect, test } from 'vitest';
import { dataset } from '../plan/testing.ts';
import { type Dataset, type PropertySource, valueOwn } from './dataset.ts';
import { withReceivedOwn } from './received-own.ts';

const withId = (name: string, source: PropertySource): Dataset =>
  dataset(name, '', { own: new Map([['zferry:id', { value: 'ab12cd', source }]]) });

const ids = (datasets: readonly Dataset[]) => datasets.map((one) => valueOwn(one, 'zferry:id'));

test('a value that a child inherits from a received one does not count, however deep', () => {
  const tree = [
    withId('t/s', 'received'),
    withId('t/s/a', { inheritedFrom: 't/s' }),
    withId('t/s/a/b', { inheritedFrom: 't/s' }),
    withId('t/s/c', 'local'),
    withId('t/s/c/d', { inheritedFrom: 't/s/c' }),
  ];
  expect(ids(withReceivedOwn(tree, []))).toEqual([undefined, undefined, undefined, 'ab12cd', 'ab12cd']);
});

test('nor where the received value is on a dataset above the listing', () => {
  const child = [withId('t/s/a', { inheritedFrom: 't/s' })];
  expect(ids(withReceivedOwn(child, [withId('t/s', 'received')]))).toEqual([undefined]);
  expect(ids(withReceivedOwn(child, [withId('t/s', 'local')]))).toEqual(['ab12cd']);
  expect(ids(withReceivedOwn(child, []))).toEqual(['ab12cd']);
});
