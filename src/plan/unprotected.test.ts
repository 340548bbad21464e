import { expect, test } from 'vitest';
import type { Dataset } from '../zfs/dataset.ts';
import { planSync } from './sync-plan.ts';
import { dataset, own, planTree, type Row, side, syncOptions } from './testing.ts';

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

test('of many that can be written to the first three are named', () => {
  const open = { ...marked, readonly: false };
  const children = ['a', 'b', 'c', 'my d', 'e'];
  const warnings = (count: number) =>
    planTree(
      [['t/s', '@a,1'], ...children.slice(0, count).map((one): Row => [`t/s/${one}`, '@b,2'])],
      [['n/c', '@a,1', marked], ...children.slice(0, count).map((one): Row => [`n/c/${one}`, '@b,2', open])],
    ).warnings;
  const rest =
    'can be written to on this machine, and a copy that is written to cannot go on: zfs set readonly=on n/c/a';
  expect(warnings(3)).toEqual([`n/c/a, n/c/b, n/c/c ${rest}`]);
  expect(warnings(5)).toEqual([`n/c/a, n/c/b, n/c/c and 2 more ${rest}`]);
});

test('names are quoted where they are to be pasted', () => {
  const at = (place: string, host: string, differs: Partial<Dataset>) => {
    const one = side(place, [dataset(place, '@a,1', differs)]);
    return { ...one, place: { ...one.place, host } };
  };
  const warned = (differs: Partial<Dataset>) =>
    planSync(
      at('t/my s', 'web', {}),
      at('n/my c', 'nas', differs),
      syncOptions({ snapshot: 'no' }),
      new Set(),
    ).warnings;
  expect(warned({})).toEqual([
    "nas:n/my c is not marked as a replica, so nothing keeps it read-only or tells it apart; to have it marked: zferry adopt 'web:t/my s' 'nas:n/my c'",
  ]);
  expect(warned({ ...marked, readonly: false })).toEqual([
    "n/my c can be written to on nas, and a copy that is written to cannot go on: zfs set readonly=on 'n/my c'",
  ]);
});
