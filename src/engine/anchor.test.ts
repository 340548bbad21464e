import { expect, test } from 'vitest';
import { dataset, own, planTree, side } from '../plan/testing.ts';
import { parseGuid } from '../zfs/guid.ts';
import type { FeatureState } from '../zfs/pool.ts';
import { anchorAll } from './anchor.ts';
import { newRunState } from './run-state.ts';
import { scriptedWorld } from './testing.ts';

test('where one base cannot be bookmarked, its old bookmark stays, and those of the others go', async () => {
  const copy = { own: own({ 'zferry:id': 'ab12cd' }) };
  const rows = ['t/s', 't/s/a', 't/s/b'].map((name) => [name, '@one,1 @two,2 #zferry_ab12cd_1,1'] as const);
  const plan = planTree(
    rows.map((row) => [...row]),
    ['n/c', 'n/c/a', 'n/c/b'].map((name) => [name, '@one,1 @two,2', copy]),
  );
  const features: [string, FeatureState][] = [['bookmarks', 'enabled']];
  const listed = side(
    't/s',
    rows.map((row) => dataset(...row)),
  );
  const source = { ...listed, pool: { ...listed.pool, features: new Map(features) } };
  const { world, commands, events } = scriptedWorld({
    answer: (line) =>
      line.startsWith('zfs bookmark t/s/a@')
        ? { status: 1, stderr: 'cannot create bookmark: out of space' }
        : {},
  });
  const outcome = { kind: 'nothing' as const, reason: '' };
  const results = plan.datasets.map(({ source: from, target }) => ({ source: from, target, outcome }));
  await anchorAll(world, plan, source, results, newRunState());

  const guid = parseGuid('2');
  for (const name of ['t/s', 't/s/a', 't/s/b']) {
    expect(commands).toContain(`zfs bookmark ${name}@two ${name}#zferry_ab12cd_${guid}`);
  }
  expect(commands.filter((line) => line.startsWith('zfs destroy'))).toEqual([
    'zfs destroy t/s#zferry_ab12cd_1',
    'zfs destroy t/s/b#zferry_ab12cd_1',
  ]);
  expect(events).toMatchObject([{ kind: 'note', message: expect.stringContaining('is not bookmarked') }]);
});

test('where what was proven is gone again before it is held, that is remembered, and nothing older is rotated away', async () => {
  const copy = { own: own({ 'zferry:id': 'ab12cd' }) };
  const plan = planTree([['t/s', '@one,1 @two,2']], [['n/c', '@one,1', copy]]);
  const { world } = scriptedWorld({
    answer: (line) =>
      line.startsWith('zfs hold')
        ? { status: 1, stderr: "cannot hold snapshot 'n/c@two': dataset does not exist\n" }
        : {},
  });
  const [one] = plan.datasets;
  const newest = side('t/s', [dataset('t/s', '@one,1 @two,2')]);
  const snapshots = newest.datasets[0]?.snapshots.slice(-1) ?? [];
  const outcome = { kind: 'sent' as const, snapshots, bytes: 1, ms: 1 };
  const state = newRunState();
  if (one === undefined) throw new Error('one dataset');
  await anchorAll(world, plan, newest, [{ source: one.source, target: one.target, outcome }], state);
  expect([...state.gone]).toEqual(['n/c']);
});
