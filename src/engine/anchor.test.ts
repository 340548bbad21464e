import { describe, expect, test } from 'vitest';
import { dataset, own, planTree, side } from '../plan/testing.ts';
import { parseGuid } from '../zfs/guid.ts';
import type { FeatureState } from '../zfs/pool.ts';
import { anchorAll, markComing } from './anchor.ts';
import { newRunState } from './run-state.ts';
import { type Answer, scriptedWorld } from './testing.ts';

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
  await anchorAll(world, plan, source, side('n/c', []), results, newRunState());

  const guid = parseGuid('2');
  for (const name of ['t/s', 't/s/a', 't/s/b']) {
    expect(commands).toContain(`zfs bookmark ${name}@two ${name}#zferry_ab12cd_${guid}`);
  }
  expect(commands.filter((line) => line.startsWith('zfs destroy'))).toEqual([
    'zfs destroy t/s#zferry_ab12cd_1',
    'zfs destroy t/s/b#zferry_ab12cd_1',
  ]);
  // What is not there is not looked for.
  expect(commands.filter((line) => line.startsWith('zfs list')).at(-1)).not.toContain('t/s/a#');
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
  await anchorAll(
    world,
    plan,
    newest,
    side('n/c', []),
    [{ source: one.source, target: one.target, outcome }],
    state,
  );
  expect([...state.gone]).toEqual(['n/c']);
});

test('what is on its way is bookmarked meanwhile, and after the proof only what that could not', async () => {
  const copy = { own: own({ 'zferry:id': 'ab12cd' }) };
  const names = ['t/s', 't/s/a', 't/s/b'];
  const history = '@one,1 @two,2 #zferry_ab12cd_1,1';
  const plan = planTree(
    names.map((name) => [name, name === 't/s/b' ? `${history} #zferry_ab12cd_2,2` : history]),
    ['n/c', 'n/c/a', 'n/c/b'].map((name) => [name, '@one,1', copy]),
  );
  const features: [string, FeatureState][] = [['bookmarks', 'enabled']];
  const listed = side(
    't/s',
    names.map((name) => dataset(name, name === 't/s/b' ? `${history} #zferry_ab12cd_2,2` : history)),
  );
  const source = { ...listed, pool: { ...listed.pool, features: new Map(features) } };
  let fails = true;
  const { world, commands } = scriptedWorld({
    answer: (line) => (line.includes('bookmark t/s/a@') && fails ? { status: 1, stderr: 'busy' } : {}),
  });
  const state = newRunState();
  await markComing(world, plan, source, state);
  expect(commands).toEqual([
    'zfs bookmark t/s@two t/s#zferry_ab12cd_2',
    'zfs bookmark t/s/a@two t/s/a#zferry_ab12cd_2',
  ]);
  fails = false;
  commands.length = 0;
  const results = plan.datasets.map(({ source: from, target }, i) => {
    const snapshots = source.datasets[i]?.snapshots.slice(-1) ?? [];
    return { source: from, target, outcome: { kind: 'sent' as const, snapshots, bytes: 1, ms: 1 } };
  });
  expect(await anchorAll(world, plan, source, side('n/c', []), results, state)).toBe(true);
  expect(commands.filter((line) => !/hold|release/.test(line))).toEqual([
    'zfs bookmark t/s/a@two t/s/a#zferry_ab12cd_2',
    'zfs list -Hp -t snapshot,bookmark -o name,guid,createtxg t/s#zferry_ab12cd_2 t/s/a#zferry_ab12cd_2 t/s/b#zferry_ab12cd_2',
    'zfs destroy t/s#zferry_ab12cd_1',
    'zfs destroy t/s/a#zferry_ab12cd_1',
    'zfs destroy t/s/b#zferry_ab12cd_1',
  ]);
});

test('where an attempt broke off after that, the next one still holds what it finds there', async () => {
  const copy = { own: own({ 'zferry:id': 'ab12cd' }) };
  const history = '@one,1 @two,2 #zferry_ab12cd_1,1 #zferry_ab12cd_2,2';
  const plan = planTree([['t/s', history]], [['n/c', '@one,1 @two,2', copy]]);
  const { world, commands } = scriptedWorld();
  const state = newRunState();
  state.marked.add('t/s#zferry_ab12cd_2');
  const [one] = plan.datasets;
  if (one === undefined) throw new Error('one dataset');
  const result = {
    source: one.source,
    target: one.target,
    outcome: { kind: 'nothing' as const, reason: '' },
  };
  await anchorAll(world, plan, side('t/s', [dataset('t/s', history)]), side('n/c', []), [result], state);
  expect(commands).toContain('zfs hold zferry_ab12cd n/c@two');
});

describe('a tree in which all have the same snapshot', () => {
  const targets = ['n/c', ...['a', 'b', 'c', 'd'].map((name) => `n/c/${name}`)];
  const rows = targets.map((name) => [name.replace('n/c', 't/s'), '@one,1 @two,2'] as const);
  /** All have gone from @one to @two. */
  async function anchored(answer: (line: string) => Answer | undefined, elsewhere: string[] = []) {
    const copies = targets.map((name) => dataset(name, '@one,1', { own: own({ 'zferry:id': 'ab12cd' }) }));
    const plan = planTree(
      rows.map((row) => [...row]),
      targets.map((name) => [name, '@one,1', { own: own({ 'zferry:id': 'ab12cd' }) }]),
    );
    const source = side(
      't/s',
      rows.map((row) => dataset(...row)),
    );
    const target = side('n/c', [...copies, ...elsewhere.map((name) => dataset(name, '@one,1'))]);
    const results = plan.datasets.map(({ source: from, target: to }, i) => {
      const snapshots = source.datasets[i]?.snapshots.slice(-1) ?? [];
      return { source: from, target: to, outcome: { kind: 'sent' as const, snapshots, bytes: 1, ms: 1 } };
    });
    const counts = targets.map((name) => `${name}@two\t1\n`).join('');
    const { world, commands } = scriptedWorld({
      answer: (line) => answer(line) ?? (line.includes('name,userrefs') ? { stdout: counts } : {}),
    });
    const state = newRunState();
    await anchorAll(world, plan, source, target, results, state);
    return { commands, state };
  }
  const list = `zfs list -Hp -t snapshot -o name,userrefs ${targets.map((name) => `${name}@two`).join(' ')}`;
  const singly = [
    `zfs hold zferry_ab12cd ${targets.map((name) => `${name}@two`).join(' ')}`,
    `zfs release zferry_ab12cd ${targets.map((name) => `${name}@one`).join(' ')}`,
  ];

  test('is held at once, looked at, and then the old one is let go of at once', async () => {
    const { commands } = await anchored(() => undefined);
    expect(commands).toEqual([
      'zfs hold -r zferry_ab12cd n/c@two',
      list,
      'zfs release -r zferry_ab12cd n/c@one',
    ]);
  });

  test('nothing is let go of by a name that another dataset has, too', async () => {
    const { commands } = await anchored(() => undefined, ['n/c/other']);
    expect(commands).toEqual(['zfs hold -r zferry_ab12cd n/c@two', list, singly[1]]);
  });

  test.each([
    ['held already', (line: string) => (line.includes('hold -r') ? { status: 1 } : undefined)],
    ['gone again', (line: string) => (line.includes('userrefs') ? { status: 1, stdout: '' } : undefined)],
    ['not held', (line: string) => (line.includes('userrefs') ? { stdout: 'n/c@two\t0\n' } : undefined)],
  ])('one that is %s: each by itself, which tells why', async (_, answer) => {
    const { commands } = await anchored(answer);
    expect(commands.slice(-2)).toEqual(singly);
  });
});

describe('where one of several cannot be held', () => {
  const copy = { own: own({ 'zferry:id': 'ab12cd' }) };
  const targets = ['n/c', 'n/c/a', 'n/c/b'];
  async function held(stderr: string) {
    const rows = targets.map((name) => [name.replace('n/c', 't/s'), '@one,1 @two,2'] as const);
    const plan = planTree(
      rows.map((row) => [...row]),
      targets.map((name) => [name, '@one,1', copy]),
    );
    const source = side(
      't/s',
      rows.map((row) => dataset(...row)),
    );
    const { world, commands } = scriptedWorld({
      answer: (line) => (line.startsWith('zfs hold') ? { status: 1, stderr } : {}),
    });
    const state = newRunState(undefined, { heldTargets: new Set(targets.map((name) => `${name}@one`)) });
    const results = plan.datasets.map(({ source: from, target: to }, i) => {
      const snapshots = source.datasets[i]?.snapshots.slice(-1) ?? [];
      return { source: from, target: to, outcome: { kind: 'sent' as const, snapshots, bytes: 1, ms: 1 } };
    });
    await anchorAll(world, plan, source, side('n/c', []), results, state);
    return { released: commands.filter((line) => line.startsWith('zfs release')), state };
  }

  test('its old hold stays, for a later run, and those of the others go', async () => {
    const { released, state } = await held("cannot hold snapshot 'n/c/a@two': permission denied\n");
    expect(released).toEqual(['zfs release zferry_ab12cd n/c@one n/c/b@one']);
    expect(state.leftAnchors).toBe(true);
    expect(state.heldTargets).toContain('n/c/a@one');
    expect(state.heldTargets).not.toContain('n/c@one');
  });

  test('one that was held before is as good', async () => {
    const said = "cannot hold snapshot 'n/c/a@two': tag already exists on this dataset\n";
    const { released, state } = await held(said);
    expect(released).toEqual(['zfs release zferry_ab12cd n/c@one n/c/a@one n/c/b@one']);
    expect(state.leftAnchors).toBe(false);
  });

  test('one that is gone again keeps its old hold', async () => {
    const { released } = await held("cannot hold snapshot 'n/c/a@two': dataset does not exist\n");
    expect(released).toEqual(['zfs release zferry_ab12cd n/c@one n/c/b@one']);
  });

  test('where nothing says which, all old ones stay', async () => {
    const { released, state } = await held('internal error: out of memory\n');
    expect(released).toEqual([]);
    expect(state.leftAnchors).toBe(true);
  });
});

test('where the new bookmark is gone again, as after a rollback of the source, the old one stays', async () => {
  const copy = { own: own({ 'zferry:id': 'ab12cd' }) };
  const history = '@one,1 @two,2 #zferry_ab12cd_1,1 #zferry_ab12cd_2,2';
  const plan = planTree([['t/s', history]], [['n/c', '@one,1 @two,2', copy]]);
  const { world, commands, events } = scriptedWorld({
    answer: (line) => (line.startsWith('zfs list') ? { status: 1, stderr: 'dataset does not exist' } : {}),
  });
  const [one] = plan.datasets;
  if (one === undefined) throw new Error('one dataset');
  const outcome = { kind: 'nothing' as const, reason: '' };
  const result = { source: one.source, target: one.target, outcome };
  const from = side('t/s', [dataset('t/s', history)]);
  const features: [string, FeatureState][] = [['bookmarks', 'enabled']];
  const source = { ...from, pool: { ...from.pool, features: new Map(features) } };
  await anchorAll(world, plan, source, side('n/c', []), [result], newRunState());
  expect(commands.filter((line) => line.startsWith('zfs list'))).toHaveLength(1);
  expect(commands.filter((line) => line.startsWith('zfs destroy'))).toEqual([]);
  expect(events).toEqual([]);
});
