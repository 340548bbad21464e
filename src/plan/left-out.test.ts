import { describe, expect, test } from 'vitest';
import type { Dataset, PropertySource } from '../zfs/dataset.ts';
import { ownProperties } from '../zfs/dataset.ts';
import { parseDatasetName } from '../zfs/dataset-name.ts';
import { findLeftOut, leftOutWarnings } from './left-out.ts';
import { planJson } from './plan-json.ts';
import { planText } from './plan-text.ts';
import { planSync } from './sync-plan.ts';
import { dataset, own, side, syncOptions } from './testing.ts';

const root = parseDatasetName('tank');

function wish(value: string, source: PropertySource = 'local'): Partial<Dataset> {
  return { own: new Map([[ownProperties.sync, { value, source }]]) };
}

function reasons(datasets: readonly Dataset[], exclude: readonly string[] = []): string[] {
  return findLeftOut(datasets, root, exclude).map(({ name, reason }) => `${name}: ${reason}`);
}

test('what somebody has set counts, with what inherits it; what came by a stream does not', () => {
  expect(
    reasons([
      dataset('tank'),
      dataset('tank/a', '', wish('off')),
      dataset('tank/a/below', '', wish('off', { inheritedFrom: 'tank/a' })),
      dataset('tank/a/again', '', wish('on')),
      dataset('tank/received', '', wish('off', 'received')),
      dataset('tank/received/below', '', wish('off', 'received')),
      dataset('tank/typo', '', wish('OFF')),
    ]),
  ).toEqual(['tank/a: zferry:sync=off', 'tank/a/below: zferry:sync=off']);
  const above = wish('off', { inheritedFrom: 'pool/above' });
  expect(reasons([dataset('tank', '', above)])).toEqual(['tank: zferry:sync=off']);
});

test('each has one reason, a pattern with its own text', () => {
  const aside = { own: own({ 'zferry:aside': '20261120T030405Z done - tank/was', 'zferry:sync': 'on' }) };
  expect(
    reasons([dataset('tank'), dataset('tank/a', '', wish('off')), dataset('tank/b', '', aside)], ['x', 'a*']),
  ).toEqual(['tank/a: excluded (--exclude a*)', 'tank/b: set aside']);
});

describe('warnings', () => {
  const warned = (datasets: readonly Dataset[]) => leftOutWarnings(datasets, findLeftOut(datasets, root, []));

  test('nothing at all is copied', () => {
    expect(warned([dataset('tank', '', wish('off'))])).toEqual([
      'nothing of tank is copied: zferry:sync=off',
    ]);
    expect(warned([dataset('tank', '', wish('off')), dataset('tank/a', '', wish('on'))])).toEqual([]);
    expect(warned([dataset('tank')])).toEqual([]);
    const all = [dataset('tank', '', wish('off')), dataset('tank/a', '', wish('off'))];
    expect(leftOutWarnings(all, findLeftOut(all, root, ['a']))).toEqual([
      'nothing of tank is copied: zferry:sync=off, excluded (--exclude a)',
    ]);
    expect(warned(all)).toEqual(['nothing of tank is copied: zferry:sync=off']);
    expect(warned([])).toEqual([]);
  });

  test('a value that is neither on nor off, once, where it is set', () => {
    const datasets = [
      dataset('tank', '', wish('no')),
      dataset('tank/a', '', wish('no', { inheritedFrom: 'tank' })),
    ];
    expect(warned(datasets)).toEqual([
      'tank is copied: its zferry:sync=no is neither on nor off (zfs set zferry:sync=off leaves it out)',
    ]);
  });
});

describe('in a plan', () => {
  const source = side('tank/home', [
    dataset('tank/home', '@a,1', wish('off')),
    dataset('tank/home/ann', '@a,2', wish('on')),
  ]);
  const plan = () => planSync(source, side('nas/home', []), syncOptions(), new Set());

  test('a parent that is left out becomes an empty one above what is not, and marks the replica', () => {
    const { parents, begins, snapshot, datasets } = plan();
    expect(parents).toEqual(['nas/home']);
    expect([...begins]).toEqual(['nas/home']);
    expect(snapshot).toMatchObject({ datasets: ['tank/home/ann'] });
    expect(datasets.map(({ target }) => target)).toEqual(['nas/home/ann']);
  });

  test('stands in the text and in JSON with its reason', () => {
    expect(planText(plan())).toContain('  leave     tank/home: zferry:sync=off\n');
    expect(planJson(plan()).excluded).toEqual([{ name: 'tank/home', reason: 'zferry:sync=off' }]);
  });

  test('its target stays and has not vanished', () => {
    const ours = { own: own({ 'zferry:source': '1000', 'zferry:id': 'ab12cd' }) };
    const target = side('nas/home', [dataset('nas/home', '@a,1', ours)]);
    const { vanished, excluded } = planSync(source, target, syncOptions(), new Set());
    expect([vanished, excluded.length]).toEqual([[], 1]);
  });

  test('a pool whose root is left out is never taken for one that comes', () => {
    const pool = side('tank', [dataset('tank', '@a,1', wish('off')), dataset('tank/a', '@a,2', wish('on'))]);
    const target = { ...side('nas', [dataset('nas')]), emptyRoot: true };
    const { datasets } = planSync(pool, target, syncOptions(), new Set());
    expect(datasets).toMatchObject([{ target: 'nas/a', decision: { kind: 'send' } }]);
    expect(datasets[0]?.replaces).toBeUndefined();
  });
});
