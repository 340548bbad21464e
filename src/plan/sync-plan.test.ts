import { describe, expect, test } from 'vitest';
import type { Dataset, PropertySource } from '../zfs/dataset.ts';
import { type DatasetName, parseDatasetName } from '../zfs/dataset-name.ts';
import { parseGuid } from '../zfs/guid.ts';
import { planText } from './plan-text.ts';
import { overlapFault, planSync, withTaken } from './sync-plan.ts';
import { dataset, own, planTree, points, side, syncOptions } from './testing.ts';

const name = parseDatasetName;
const nothing = new Set<never>();
const tree = side('tank/home', [
  dataset('tank/home', '@a,1'),
  dataset('tank/home/ann', '@a,2'),
  dataset('tank/home/ann/cache', '@a,3'),
]);

describe('own snapshot', () => {
  test('one name on the whole selection, without what is excluded', () => {
    const plan = planSync(tree, side('nas/home', []), syncOptions({ exclude: ['*/cache'] }), nothing);
    expect(plan.snapshot).toEqual({
      kind: 'take',
      name: 'zferry_ab12cd_20261120T030405Z',
      datasets: ['tank/home', 'tank/home/ann'],
    });
    expect(plan.excluded).toEqual([{ name: 'tank/home/ann/cache', reason: 'excluded (--exclude */cache)' }]);
    expect(plan.datasets.map((one) => one.target)).toEqual(['nas/home', 'nas/home/ann']);
  });

  test('stands in the plan before it is taken, and the plan made again has the real one', () => {
    const source = side('tank/a', [dataset('tank/a', '')]);
    const before = planSync(source, side('nas/a', []), syncOptions(), nothing);
    expect(before.datasets[0]?.decision).toMatchObject({
      kind: 'send',
      steps: [{ stream: { kind: 'full' } }],
    });
    const [snapshot] = points('@zferry_ab12cd_20261120T030405Z,99').snapshots;
    if (!snapshot) throw new Error('no snapshot');
    const taken = { name: snapshot.name, snapshots: new Map([[name('tank/a'), snapshot]]) };
    const after = planSync(withTaken(source, taken), side('nas/a', []), syncOptions(), nothing, taken);
    expect(after.datasets[0]?.decision).toMatchObject({ steps: [{ stream: { to: { guid: '99' } } }] });
    expect(after.snapshot).toEqual({ kind: 'taken', name: snapshot.name, datasets: ['tank/a'] });
  });

  const marked = (source: PropertySource) => ({
    own: new Map([['zferry:id' as const, { value: 'zz', source }]]),
  });
  test.each<[string, Partial<Dataset>, ReadonlySet<DatasetName>, string]>([
    ['our replica', marked('local'), nothing, 'tank/a is itself a replica (zz)'],
    [
      'what is below our replica',
      marked({ inheritedFrom: 'tank' }),
      nothing,
      'tank/a is itself a replica (zz)',
    ],
    [
      'a foreign replica',
      { readonly: true },
      new Set([name('tank/a')]),
      'tank/a is itself a replica: read-only, with a received history',
    ],
  ])('none on %s', (_, differs, received, reason) => {
    const source = side('tank/a', [dataset('tank/a', '@a,1', differs)]);
    const { snapshot } = planSync(source, side('nas/a', []), syncOptions(), received);
    expect(snapshot).toEqual({ kind: 'none', reason });
  });

  test('on what only got the mark of a replica by a stream', () => {
    const source = side('tank/a', [dataset('tank/a', '@a,1', marked('received'))]);
    expect(planSync(source, side('nas/a', []), syncOptions(), nothing).snapshot).toMatchObject({
      kind: 'take',
    });
  });

  test('none where nothing can be sent, so that a diverged replica does not collect snapshots', () => {
    const target = side('nas/home', [dataset('nas/home', '@x,77')]);
    const { snapshot } = planSync(
      side('tank/home', [dataset('tank/home', '@a,1')]),
      target,
      syncOptions(),
      nothing,
    );
    expect(snapshot).toEqual({ kind: 'none', reason: 'nothing can be sent' });
  });

  test('none when asked, or when it would not be sent', () => {
    const plan = (differs: Parameters<typeof syncOptions>[0]) =>
      planSync(tree, side('nas/home', []), syncOptions(differs), nothing).snapshot;
    expect(plan({ snapshot: 'no' })).toEqual({ kind: 'none', reason: 'not asked for (--no-snapshot)' });
    expect(plan({ choice: { kind: 'glob', pattern: 'a' } })).toEqual({
      kind: 'none',
      reason: 'own snapshots are not among those chosen by --snapshots',
    });
    expect(plan({ choice: { kind: 'glob', pattern: 'zferry*' } })).toMatchObject({ kind: 'take' });
  });
});

test('what is not taken is not counted either', () => {
  const source = side('tank/a', [dataset('tank/a', '')]);
  const choice = { kind: 'glob', pattern: 'daily' } as const;
  const [plan] = planSync(source, side('nas/a', []), syncOptions({ choice }), nothing).datasets;
  expect(plan?.decision).toMatchObject({
    kind: 'blocked',
    reason: 'nas/a is not there, and nothing would be copied to it: the source has no snapshots',
  });
});

test('a target that is not there, and nothing that could ever be sent to it, is a mistake', () => {
  const source = side('tank/a', [dataset('tank/a', '@hourly,1')]);
  const choice = { kind: 'glob', pattern: 'daily' } as const;
  const [plan] = planSync(source, side('nas/a', []), syncOptions({ choice }), nothing).datasets;
  expect(plan?.decision).toMatchObject({
    kind: 'blocked',
    reason: expect.stringContaining('nas/a is not there'),
  });
  const there = side('nas/a', [dataset('nas/a', '@hourly,1')]);
  expect(planSync(source, there, syncOptions({ choice }), nothing).datasets[0]?.decision.kind).toBe(
    'up-to-date',
  );
});

describe('parents', () => {
  test('what is missing above the target is made, from the top', () => {
    const target = side('nas/x/y/home', []);
    expect(planSync(tree, target, syncOptions(), nothing).parents).toEqual(['nas/x', 'nas/x/y']);
  });

  test('a parent of which nothing is sent becomes an empty one', () => {
    const source = side('tank/home', [dataset('tank/home', ''), dataset('tank/home/ann', '@daily,2')]);
    const choice = { kind: 'glob', pattern: 'daily' } as const;
    const plan = planSync(source, side('nas/home', []), syncOptions({ choice }), nothing);
    expect(plan.parents).toEqual(['nas/home']);
    expect(plan.datasets.map((one) => one.decision.kind)).toEqual(['up-to-date', 'send']);
  });

  test('those that others wait for are among the rest, from the top', () => {
    const copyOf = (source: string) => ({ own: own({ 'zferry:id': 'ab12cd', 'zferry:source': source }) });
    const { makes, parents } = planTree(
      [
        ['t/s', '@a,1'],
        ['t/s/a', ''],
        ['t/s/a/new', '@b,2'],
        ['t/s/z', ''],
        ['t/s/z/moved', '@c,3', { guid: parseGuid('7') }],
      ],
      [
        ['n/c', '@a,1', copyOf('1000')],
        ['n/c/old', '@c,3', copyOf('7')],
      ],
    );
    expect([makes, parents]).toEqual([['n/c/z'], ['n/c/a', 'n/c/z']]);
  });

  test('nothing is made when nothing is sent', () => {
    const source = side('tank/a', [dataset('tank/a', '@a,1')]);
    const options = syncOptions({ initial: 'fail' });
    expect(planSync(source, side('nas/x/y', []), options, nothing).parents).toEqual([]);
  });
});

test('one dataset that is refused does not stop the others', () => {
  const target = side('nas/home', [dataset('nas/home', '@a,1'), dataset('nas/home/ann', '@x,9')]);
  const plan = planSync(tree, target, syncOptions(), nothing);
  expect(plan.datasets.map((one) => one.decision.kind)).toEqual(['send', 'refused', 'send']);
  expect(plan.snapshot).toMatchObject({ datasets: ['tank/home', 'tank/home/ann/cache'] });
});

test.each([
  ['tank/a', 'tank/a', true, 'the same dataset'],
  ['tank/a/b', 'tank/a', true, 'inside the target'],
  ['tank/a', 'tank/a/b', true, 'inside the source'],
  ['tank/a', 'tank/ab', true, undefined],
  ['tank/a', 'tank/a', false, undefined],
])('from %s to %s, same pool %s: %s', (source, target, samePool, words) => {
  const fault = overlapFault(name(source), name(target), samePool);
  if (words === undefined) expect(fault).toBeUndefined();
  else expect(fault).toContain(words);
});

test('what would be encrypted by a key that is not there is not sent, and takes no snapshot', () => {
  const source = side('tank/e', [
    dataset('tank/e', '@a,1', { encrypted: true }),
    dataset('tank/e/plain', '@a,2'),
    dataset('tank/e/plain/deep', '@a,3'),
  ]);
  const plan = planSync(source, side('nas/e', []), syncOptions(), nothing);
  expect(plan.datasets.map((one) => one.decision.kind)).toEqual(['send', 'blocked', 'blocked']);
  expect(plan.snapshot).toMatchObject({ datasets: ['tank/e'] });

  const locked = [dataset('nas', '', { encrypted: true, keyLoaded: false })];
  const [below] = planSync(
    side('tank/a', [dataset('tank/a')]),
    side('nas/a', [], locked),
    syncOptions(),
    nothing,
  ).datasets;
  expect(below?.decision).toMatchObject({
    kind: 'blocked',
    next: expect.stringContaining('zfs load-key nas'),
  });
});

describe('what is only on the target', () => {
  const ours = { own: own({ 'zferry:source': '5', 'zferry:id': 'ab12cd' }) };
  const another = { own: own({ 'zferry:source': '5', 'zferry:id': 'zz' }) };
  const source = side('tank/home', [dataset('tank/home', '@a,1'), dataset('tank/home/ann', '@a,2')]);

  test('came from a source that is gone: named by its top, and kept', () => {
    const target = side('nas/home', [
      dataset('nas/home', '@a,1', ours),
      dataset('nas/home/old', '@a,3', ours),
      dataset('nas/home/old/deep', '@a,4', ours),
      dataset('nas/home/theirs', '@x,5'),
      dataset('nas/home/other', '@x,6', another),
    ]);
    const { vanished, datasets } = planSync(source, target, syncOptions({ exclude: ['ann'] }), nothing);
    expect(vanished.map((one) => one.name)).toEqual(['nas/home/old']);
    expect(datasets).toHaveLength(1);
  });

  test('what is excluded has not vanished', () => {
    const target = side('nas/home', [dataset('nas/home', '@a,1'), dataset('nas/home/ann', '@a,2', ours)]);
    expect(planSync(source, target, syncOptions({ exclude: ['ann'] }), nothing).vanished).toEqual([]);
  });
});

test('volumes are reserved only when told', () => {
  const source = side('tank', [dataset('tank', '@a,1'), dataset('tank/vm', '@a,2', { type: 'volume' })]);
  const reserve = (volumes: 'sparse' | 'thick') =>
    planSync(source, side('nas/t', []), syncOptions({ volumes }), nothing).reserve;
  expect([reserve('sparse'), reserve('thick')]).toEqual([[], ['nas/t/vm']]);
});

test('a fault of a release is told once, however many datasets it concerns', () => {
  const encrypted = { encrypted: true };
  const source = side('tank', [dataset('tank', '@a,1', encrypted), dataset('tank/x', '@a,2', encrypted)]);
  const target = { ...side('nas/t', []), version: { major: 2, minor: 1, patch: 2 } };
  const { faults } = planSync(source, target, syncOptions(), nothing);
  expect(faults.map(({ id }) => id)).toEqual(['openzfs/zfs#13067']);
});

test('why a history goes snapshot by snapshot is said', () => {
  const source = side('tank', [dataset('tank', '@a,1 @b,2 @c,3')]);
  const notes = (minor: number) => {
    const target = { ...side('nas/t', []), version: { major: 2, minor, patch: 5 } };
    return planSync(source, target, syncOptions({ snapshot: 'no' }), nothing).notes;
  };
  expect(notes(1)).toEqual([expect.stringContaining('OpenZFS 2.1.5 on this machine can lose one of many')]);
  expect(notes(3)).toEqual([]);
});

test('the way of the data stands in the plan where it is not the usual one', () => {
  const at = (host: string, name: string) => {
    const one = side(name, [dataset(name, '@a,1')]);
    return { ...one, place: { ...one.place, host } };
  };
  const text = (from: string, to: string, direct: boolean) =>
    planText(
      planSync(at(from, 'tank/a'), { ...at(to, 'nas/a'), datasets: [] }, syncOptions({ direct }), nothing),
    );
  expect(text('web', 'nas', true)).toContain('data      straight from web to nas, by the ssh of web');
  expect(text('web', 'web', false)).toContain('data      stays on web');
  expect(text('web', 'nas', false)).not.toContain('data      ');
  expect(text('', 'nas', true)).not.toContain('data      ');
});
