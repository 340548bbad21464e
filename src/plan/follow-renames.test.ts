import { describe, expect, test } from 'vitest';
import { parseDatasetName } from '../zfs/dataset-name.ts';
import { parseGuid } from '../zfs/guid.ts';
import { withRenames } from './follow-renames.ts';
import { dataset, own, planTree, type Row, side } from './testing.ts';

const guid = (text: string) => ({ guid: parseGuid(text) });
const copyOf = (source: string) => ({ own: own({ 'zferry:id': 'ab12cd', 'zferry:source': source }) });
const top = ['t/s', '@a,1', guid('10')] as const;
const topCopy = ['n/c', '@a,1', copyOf('10')] as const;

test('a dataset that was renamed on the source: its copy is, too, with all below it, and only increments come', () => {
  const { renames, datasets, vanished } = planTree(
    [[...top], ['t/s/new', '@a,2 @b,3', guid('20')], ['t/s/new/c', '@a,4', guid('30')]],
    [[...topCopy], ['n/c/old', '@a,2', copyOf('20')], ['n/c/old/c', '@a,4', copyOf('30')]],
  );
  expect(renames).toEqual([{ from: 'n/c/old', to: 'n/c/new' }]);
  expect(vanished).toEqual([]);
  expect(datasets.map(({ target, decision }) => [target, decision.kind])).toEqual([
    ['n/c', 'up-to-date'],
    ['n/c/new', 'send'],
    ['n/c/new/c', 'up-to-date'],
  ]);
  expect(datasets[1]?.decision).toMatchObject({ base: { target: { name: 'a' } } });
});

test('its copy was renamed on the target: it goes back to its name', () => {
  const { renames } = planTree(
    [[...top], ['t/s/a', '@a,2', guid('20')]],
    [[...topCopy], ['n/c/z', '@a,2', copyOf('20')]],
  );
  expect(renames).toEqual([{ from: 'n/c/z', to: 'n/c/a' }]);
});

test('a GUID alone is not enough: without a snapshot in common it is copied anew', () => {
  const { renames, datasets } = planTree(
    [[...top], ['t/s/new', '@b,3', guid('20')]],
    [[...topCopy], ['n/c/old', '@a,2', copyOf('20')]],
  );
  expect(renames).toEqual([]);
  expect(datasets[1]?.decision).toMatchObject({ kind: 'send', base: undefined });
});

test('below a parent that is yet to arrive it waits for that', () => {
  const { renames, datasets } = planTree(
    [[...top], ['t/s/p', '@a,5', guid('50')], ['t/s/p/new', '@a,2', guid('20')]],
    [[...topCopy], ['n/c/old', '@a,2', copyOf('20')]],
  );
  expect(renames).toEqual([]);
  expect(datasets.map(({ decision }) => decision.kind)).toEqual(['up-to-date', 'send', 'waits']);
});

test('two that are renamed one into the other’s old name', () => {
  const { renames } = planTree(
    [[...top], ['t/s/b', '@a,2', guid('20')], ['t/s/c', '@a,3', guid('30')]],
    [[...topCopy], ['n/c/a', '@a,2', copyOf('20')], ['n/c/b', '@a,3', copyOf('30')]],
  );
  expect(renames).toEqual([
    { from: 'n/c/b', to: 'n/c/c' },
    { from: 'n/c/a', to: 'n/c/b' },
  ]);
});

test('two that have swapped their names: one of them by a name in between', () => {
  const { renames, datasets } = planTree(
    [[...top], ['t/s/a', '@b,3', guid('30')], ['t/s/b', '@a,2', guid('20')]],
    [[...topCopy], ['n/c/a', '@a,2', copyOf('20')], ['n/c/b', '@b,3', copyOf('30')]],
  );
  expect(renames).toEqual([
    { from: 'n/c/b', to: 'n/c/b_zferry_ab12cd' },
    { from: 'n/c/a', to: 'n/c/b' },
    { from: 'n/c/b_zferry_ab12cd', to: 'n/c/a' },
  ]);
  expect(datasets.map(({ decision }) => decision.kind)).toEqual(['up-to-date', 'up-to-date', 'up-to-date']);
});

test('a name in between that an earlier run got no further than', () => {
  const { renames } = planTree(
    [[...top], ['t/s/a', '@b,3', guid('30')], ['t/s/b', '@a,2', guid('20')]],
    [[...topCopy], ['n/c/a', '@a,2', copyOf('20')], ['n/c/b_zferry_ab12cd', '@b,3', copyOf('30')]],
  );
  expect(renames).toEqual([
    { from: 'n/c/a', to: 'n/c/b' },
    { from: 'n/c/b_zferry_ab12cd', to: 'n/c/a' },
  ]);
});

test('what became a child of another that took its name waits for that beside it', () => {
  const { renames, datasets } = planTree(
    [[...top], ['t/s/a', '@n,5', guid('50')], ['t/s/a/b', '@a,2', guid('20')]],
    [[...topCopy], ['n/c/a', '@a,2', copyOf('20')]],
  );
  expect(renames).toEqual([{ from: 'n/c/a', to: 'n/c/a_zferry_ab12cd' }]);
  expect(datasets.map(({ decision }) => decision.kind)).toEqual(['up-to-date', 'send', 'waits']);
});

test('a place that is taken by something else stays so: nothing makes way', () => {
  const { renames } = planTree(
    [[...top], ['t/s/b', '@a,2', guid('20')]],
    [[...topCopy], ['n/c/a', '@a,2', copyOf('20')], ['n/c/b', '@x,9']],
  );
  expect(renames).toEqual([]);
});

test('a parent that gets no snapshot is made, so that what waits for it can come', () => {
  const { makes, parents, begins } = planTree(
    [[...top], ['t/s/p', '', guid('50')], ['t/s/p/q', '', guid('60')], ['t/s/p/q/new', '@a,2', guid('20')]],
    [[...topCopy], ['n/c/old', '@a,2', copyOf('20')]],
  );
  expect(makes).toEqual(['n/c/p', 'n/c/p/q']);
  expect(parents).toEqual(makes);
  expect([...begins]).toEqual([]);
});

test('what is below a copy that was set aside comes back to a place that is made, where its parent gets nothing', () => {
  const name = parseDatasetName;
  const standing = {
    displaced: new Map([[name('n/c/p/x'), name('n/c/p_diverged_1')]]),
    rebuilding: new Map([[name('n/c/p'), name('n/c/p_diverged_1')]]),
  };
  const plan = planTree(
    [[...top], ['t/s/p', '', guid('50')], ['t/s/p/x', '@a,2', guid('20')], ['t/s/p/y', '@a,3', guid('21')]],
    [[...topCopy], ['n/c/p_diverged_1', '@z,9'], ['n/c/p_diverged_1/x', '@a,2', copyOf('20')]],
    standing,
  );
  expect(plan.renames).toEqual([]);
  expect(plan.makes).toEqual(['n/c/p']);
  expect(plan.rebuilding.get(name('n/c/p'))).toBe('n/c/p_diverged_1');
});

describe('nothing is renamed', () => {
  const renames = (...args: Parameters<typeof planTree>) => planTree(...args).renames;
  const moved: Row[] = [[...top], ['t/s/new', '@a,2', guid('20')]];

  test('that is the copy of another replica, or remembers its source only from above', () => {
    const other = { own: own({ 'zferry:id': 'zzzzzz', 'zferry:source': '20' }) };
    expect(renames(moved, [[...topCopy], ['n/c/old', '@a,2', other]])).toEqual([]);
    const inherited = new Map(copyOf('20').own).set('zferry:source', {
      value: '20',
      source: { inheritedFrom: 'n/c' },
    });
    expect(renames(moved, [[...topCopy], ['n/c/old', '@a,2', { own: inherited }]])).toEqual([]);
  });

  test('that was set aside, or is the top itself', () => {
    const aside = {
      own: own({
        'zferry:id': 'ab12cd',
        'zferry:source': '20',
        'zferry:aside': '20260101T000000Z done - n/c/x',
      }),
    };
    expect(renames(moved, [[...topCopy], ['n/c/old', '@a,2', aside]])).toEqual([]);
    // The top of another source, whose child is what is copied now.
    expect(renames(moved, [['n/c', '@a,1 @b,2', copyOf('20')]])).toEqual([]);
  });

  test('below a place that what was set aside comes back to', () => {
    const displaced = new Map([[parseDatasetName('n/c/new'), parseDatasetName('n/c_diverged_1')]]);
    expect(renames(moved, [[...topCopy], ['n/c/old', '@a,2', copyOf('20')]], { displaced })).toEqual([]);
    const other = new Map([[parseDatasetName('n/c/newer'), parseDatasetName('n/c_diverged_1')]]);
    expect(
      renames(moved, [[...topCopy], ['n/c/old', '@a,2', copyOf('20')]], { displaced: other }),
    ).toHaveLength(1);
  });

  test('below a parent that is no part of the replica, or is only a beginning', () => {
    const sources: Row[] = [[...top], ['t/s/p', '@p,5', guid('50')], ['t/s/p/new', '@a,2', guid('20')]];
    const old: Row = ['n/c/old', '@a,2', copyOf('20')];
    expect(renames(sources, [[...topCopy], ['n/c/p', '@p,5'], old])).toEqual([]);
    expect(
      renames(sources, [[...topCopy], ['n/c/p', '', { ...copyOf('50'), inconsistent: true }], old]),
    ).toEqual([]);
    expect(renames(sources, [[...topCopy], ['n/c/p', '@p,5', copyOf('50')], old])).toEqual([
      { from: 'n/c/old', to: 'n/c/p/new' },
    ]);
  });
});

test('of two copies of one source the one that has the name stays', () => {
  const { renames } = planTree(
    [[...top], ['t/s/b', '@a,2', guid('20')]],
    [[...topCopy], ['n/c/a', '@a,2', copyOf('20')], ['n/c/b', '@a,2', copyOf('20')]],
  );
  expect(renames).toEqual([]);
});

test('what waits for its new parent says so, and has not vanished', () => {
  const { datasets, vanished } = planTree(
    [[...top], ['t/s/p', '@a,5', guid('50')], ['t/s/p/new', '@a,2', guid('20')]],
    [[...topCopy], ['n/c/old', '@a,2', copyOf('20')]],
  );
  expect(datasets[2]).toEqual({
    source: 't/s/p/new',
    target: 'n/c/p/new',
    decision: {
      kind: 'waits',
      for: 'place',
      reason: 'it was renamed on the source, and its copy n/c/old is renamed, too, once n/c/p has arrived',
      until: 'n/c/p',
    },
  });
  expect(vanished).toEqual([]);
});

test('what lies below goes along, and so do the names of what clones were made of', () => {
  const target = side('n/c', [
    dataset('n/c'),
    dataset('n/c/old'),
    dataset('n/c/old/d'),
    dataset('n/c/older', '', { origin: 'n/c/old/d@x' }),
    dataset('n/c/z', '', { origin: 'n/c/older@y' }),
  ]);
  const from = parseDatasetName('n/c/old');
  const { datasets } = withRenames(target, [
    { from, to: parseDatasetName('n/c/between') },
    { from: parseDatasetName('n/c/between'), to: parseDatasetName('n/c/new') },
  ]);
  expect(datasets.map(({ name, origin }) => [name, origin])).toEqual([
    ['n/c', undefined],
    ['n/c/new', undefined],
    ['n/c/new/d', undefined],
    ['n/c/older', 'n/c/new/d@x'],
    ['n/c/z', 'n/c/older@y'],
  ]);
});
