import { expect, test } from 'vitest';
import { own, planTree } from './testing.ts';

const marked = { own: own({ 'zferry:id': 'ab12cd' }), readonly: true };

test('a copy that something else has made, and is gone on with, is told to be adopted', () => {
  expect(planTree([['t/s', '@a,1']], [['n/c', '@a,1']]).warnings).toEqual([
    'n/c is not marked as a replica, so nothing keeps it read-only or tells it apart; to have it marked: zferry adopt t/s n/c',
  ]);
  expect(planTree([['t/s', '@a,1']], [['n/c', '@b,2']]).warnings).toEqual([]);
  expect(planTree([['t/s', '@a,1']], []).warnings).toEqual([]);
});

test('a copy that can be written to is named, unless it is set aside and made anew', () => {
  const open = { ...marked, readonly: false };
  const sources: [string, string][] = [
    ['t/s', '@a,1'],
    ['t/s/x', '@b,2'],
  ];
  const warnings = (differs: object) =>
    planTree(sources, [
      ['n/c', '@a,1', marked],
      ['n/c/x', '@b,2', { ...open, ...differs }],
    ]).warnings;
  expect(warnings({})).toEqual([
    'n/c/x can be written to on this machine, and a copy that is written to cannot go on: zfs set readonly=on n/c/x',
  ]);
  expect(warnings({ written: 5 })).toEqual([]);
  expect(warnings({ readonly: true })).toEqual([]);
});
