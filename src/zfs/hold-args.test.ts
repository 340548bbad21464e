import { expect, test } from 'vitest';
import { parseDatasetName, parseShortName } from './dataset-name.ts';
import {
  countHoldsArgs,
  countHoldsOfArgs,
  holdArgs,
  holdTag,
  holdTreeArgs,
  isOwnHold,
  listHoldsArgs,
  parseHeldNames,
  parseHolds,
  parseTagged,
  releaseArgs,
  releaseTreeArgs,
} from './hold-args.ts';

const names = ['tank/a@one', 'tank/a@two'];
const [top, one] = [parseDatasetName('tank/a'), parseShortName('one')];

test.each([
  ['zfs hold tag tank/a@one tank/a@two', holdArgs('tag', names)],
  ['zfs release tag tank/a@one tank/a@two', releaseArgs('tag', names)],
  ['zfs list -Hp -r -t snapshot -o name,userrefs tank/a', countHoldsArgs('tank/a')],
  ['zfs list -Hp -t snapshot -o name,userrefs tank/a@one tank/a@two', countHoldsOfArgs(names)],
  ['zfs hold -r tag tank/a@one', holdTreeArgs('tag', top, one)],
  ['zfs release -r tag tank/a@one', releaseTreeArgs('tag', top, one)],
  ['zfs holds -H tank/a@one tank/a@two', listHoldsArgs(names)],
])('%s', (line, argv) => {
  expect(argv).toEqual(line.split(' '));
});

test('the tag of a replica is known as ours', () => {
  expect(holdTag('ab12cd')).toBe('zferry_ab12cd');
  expect(isOwnHold(holdTag('ab12cd'))).toBe(true);
});

test.each([
  'keep',
  'zferry_',
  'my_zferry_ab12cd',
  'zferry_ab12cd-mine',
  'zferry_AB',
  `zferry_${'x'.repeat(33)}`,
])('the tag %s is not ours', (tag) => {
  expect(isOwnHold(tag)).toBe(false);
});

test('snapshots with a hold are told from those without', () => {
  expect(parseHeldNames('tank/a@one\t0\ntank/a b@two\t1\ntank/a@three\t12\n')).toEqual([
    'tank/a b@two',
    'tank/a@three',
  ]);
  expect(parseHeldNames('')).toEqual([]);
});

// As OpenZFS 2.3.9 prints it.
const held = `tank/a b@one\tzferry_ab12cd\tFri Nov 20 12:00 2026
tank/a b@one\tkeep\tFri Nov 20 12:01 2026
tank/a b@two\tkeep\tFri Nov 20 12:01 2026
`;

test('snapshots with one tag are found among those with others', () => {
  expect(parseTagged(held, 'keep')).toEqual(['tank/a b@one', 'tank/a b@two']);
  expect(parseTagged(held, 'zferry_ab12cd')).toEqual(['tank/a b@one']);
  expect(parseTagged(held, 'zferry_ab')).toEqual([]);
});

test('all tags of a snapshot are put together', () => {
  expect([...parseHolds(held)]).toEqual([
    ['tank/a b@one', ['zferry_ab12cd', 'keep']],
    ['tank/a b@two', ['keep']],
  ]);
  expect([...parseHolds('')]).toEqual([]);
});
