import { describe, expect, test } from 'vitest';
import { byName, type Dataset } from '../zfs/dataset.ts';
import { parseDatasetName } from '../zfs/dataset-name.ts';
import { parseGuid } from '../zfs/guid.ts';
import type { DatasetPlan } from './decision.ts';
import { dataset, own, planTree, type Row } from './testing.ts';
import { leftBehind, whatIsLeft } from './tree-rules.ts';

const name = parseDatasetName;
const aside = { onDivergence: 'set-aside' } as const;
const marks = (guid: string) => ({ own: own({ 'zferry:id': 'ab12cd', 'zferry:source': guid }) });

describe('what stays below a target that is set aside, in its encryption root', () => {
  const inRoot = (root: string) => ({ key: { root: name(root), guid: parseGuid('5'), salt: '1' } });
  const planOf = (base: string | undefined): DatasetPlan => {
    const [found] = planTree(
      [['t/s', '@a,1 @b,2']],
      [['n/c', base === undefined ? '@z,9' : '@a,1 @z,9', marks('1000')]],
      aside,
    ).datasets;
    if (found?.remedies === undefined) throw new Error('no remedy');
    return found;
  };
  const left = (base: string | undefined, ...there: Dataset[]) => [
    ...leftBehind([planOf(base)], byName(there)),
  ];
  const top = dataset('n/c', '', inRoot('n/c'));

  test('a full copy is in another root: all that is in the root of what was there stays, with all below it', () => {
    const there = [
      top,
      dataset('n/c/in', '', inRoot('n/c')),
      dataset('n/c/in/below'),
      dataset('n/c/in2', '', inRoot('n/c/in2')),
      dataset('n/c/out', '', inRoot('n')),
      dataset('n/c/plain'),
    ];
    expect(left(undefined, ...there)).toEqual(['n/c/in', 'n/c/in/below']);
  });

  test('a clone is in the same root: only what is in a root of another stays', () => {
    const there = [
      dataset('n/c', '', inRoot('n')),
      dataset('n/c/same', '', inRoot('n')),
      dataset('n/c/own', '', inRoot('n/c/own')),
      dataset('n/c/other', '', inRoot('n/x')),
      dataset('n/c/other/below', '', inRoot('n')),
      dataset('n/c/plain'),
    ];
    expect(left('a', ...there)).toEqual(['n/c/other', 'n/c/other/below']);
  });

  test('nothing of what is not set aside', () => {
    const [plan] = planTree([['t/s', '@a,1 @b,2']], [['n/c', '@a,1 @z,9', marks('1000')]], {
      onDivergence: 'rollback',
    }).datasets;
    const there = byName([top, dataset('n/c/in', '', inRoot('n/c'))]);
    expect([...leftBehind(plan ? [plan] : [], there)]).toEqual([]);
    const stopped: DatasetPlan = {
      ...planOf(undefined),
      decision: { kind: 'blocked', reason: '', next: '' },
    };
    expect([...leftBehind([stopped], there)]).toEqual([]);
    expect([...leftBehind([planOf(undefined)], there)]).toEqual(['n/c/in']);
  });

  test('is sent again', () => {
    const e = {
      encrypted: true,
      own: own({ 'zferry:id': 'ab12cd', 'zferry:source': '1000', 'zferry:mode': 'raw' }),
    };
    const sources: Row[] = [
      ['t/s', '@a,1', { encrypted: true, ...inRoot('t/s') }],
      ['t/s/p', '@b,2', { encrypted: true, ...inRoot('t/s') }],
    ];
    const copies: Row[] = [
      ['n/c', '@z,9', { ...e, ...inRoot('n/c') }],
      ['n/c/p', '@b,2', { ...e, ...inRoot('n/c') }],
    ];
    expect(planTree(sources, copies, aside).datasets[1]?.decision).toMatchObject({
      kind: 'send',
      base: undefined,
    });
  });
});

describe('what will be on the target once all is put right', () => {
  const there = byName([
    dataset('n/c', '@a,1 @z,9', { written: 5, ...marks('1000') }),
    dataset('n/c/p', '@b,2'),
  ]);
  const after = (history: string, options: Parameters<typeof planTree>[2]) =>
    whatIsLeft(
      there,
      planTree([['t/s', history]], [['n/c', '@a,1 @z,9', { written: 5, ...marks('1000') }]], options)
        .datasets,
    );

  test.each<[string, string, Parameters<typeof planTree>[2], string[]]>([
    ['left alone', '@a,1 @b,2', {}, ['a', 'z']],
    ['rolled back', '@a,1 @b,2', { onDivergence: 'rollback' }, ['a']],
    ['set aside for a clone', '@a,1 @b,2', aside, ['a']],
  ])('%s', (_, history, options, names) => {
    const left = after(history, options);
    expect(left.get(name('n/c'))?.snapshots.map((one) => one.name)).toEqual(names);
    expect(left.get(name('n/c/p'))).toBe(there.get(name('n/c/p')));
  });

  test('set aside for a full copy', () => {
    expect([...after('@q,7', aside).keys()]).toEqual(['n/c/p']);
  });
});
