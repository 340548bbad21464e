import { describe, expect, test } from 'vitest';
import type { Dataset } from '../zfs/dataset.ts';
import { planText } from './plan-text.ts';
import { judgePoolRoot } from './pool-root.ts';
import type { Side } from './side.ts';
import { planSync } from './sync-plan.ts';
import { dataset, own, side, syncOptions } from './testing.ts';

/** A whole pool with something below its root. */
const whole = side('src', [
  dataset('src', '@a,1'),
  dataset('src/home', '@a,2'),
  dataset('src/home/ann', '@a,3'),
]);

function pool(root: Partial<Dataset> = {}, history = '', rest: readonly Dataset[] = []): Side {
  return side('dst', [dataset('dst', history, root), ...rest]);
}

const empty: Side = { ...pool(), emptyRoot: true };
const plan = (source: Side, target: Side) =>
  planSync(source, target, syncOptions({ snapshot: 'no' }), new Set());

describe('a pool as the target', () => {
  test.each([
    ['an empty one is replaced', whole, empty, 'replaced'],
    ['also by what is no root itself', side('src/home', [dataset('src/home', '@a,1')]), empty, 'replaced'],
    ['one in use keeps its root', whole, pool(), 'left'],
    [
      'one that was emptied by hand, but has snapshots',
      whole,
      { ...pool({}, '@x,9'), emptyRoot: true },
      'left',
    ],
    ['an encrypted one is not replaced', whole, { ...pool({ encrypted: true }), emptyRoot: true }, 'left'],
    [
      'nor by an encrypted one',
      side('src', [dataset('src', '@a,1', { encrypted: true }), dataset('src/x', '@a,2')]),
      empty,
      'left',
    ],
    ['the replica goes on', whole, pool({}, '@a,1'), 'usual'],
    ['also where it has diverged', whole, pool({ own: own({ 'zferry:id': 'ab12cd' }) }, '@x,9'), 'usual'],
    [
      'a part of a pool into one in use is a mistake',
      side('src/home', [dataset('src/home', '@a,1')]),
      pool(),
      'usual',
    ],
    ['a root without anything below it, too', side('src', [dataset('src', '@a,1')]), pool(), 'usual'],
    ['a volume takes no root', side('src/v', [dataset('src/v', '@a,1', { type: 'volume' })]), empty, 'usual'],
    ['below a pool nothing is special', whole, side('dst/copy', []), 'usual'],
  ])('%s', (_, source, target, kind) => {
    expect(judgePoolRoot(source, target, true).kind).toBe(kind);
  });
});

test('also by a snapshot that is yet to be taken, but not by what is to be encrypted there', () => {
  const bare = side('src', [dataset('src'), dataset('src/home')]);
  const replaced = (differs: Parameters<typeof syncOptions>[0]) =>
    planSync(bare, empty, syncOptions(differs), new Set()).datasets.map(
      (one) => one.replaces ?? one.decision.kind,
    );
  expect(replaced({})).toEqual([true, 'send']);
  expect(replaced({ snapshot: 'no' })).toEqual(['left', 'up-to-date']);
  const encrypt = { keyformat: 'raw', keylocation: 'file:///k' } as const;
  expect(replaced({ encrypt })).toEqual(['left', 'send']);
});

describe('a root that is left says why', () => {
  const reason = (source: Side, target: Side, comes = true, encrypts = false) => {
    const found = judgePoolRoot(source, target, comes, encrypts);
    return found.kind === 'left' ? found.reason : found.kind;
  };
  const what = 'src itself (100 B) is not copied, only what is below it: ';
  const counted = new Map([['userobj_accounting', 'active' as const]]);
  const ofPool = (one: Side): Side => ({ ...one, pool: { ...one.pool, features: counted } });

  test('what is in the pool, or that nobody knows', () => {
    expect(reason(whole, ofPool(pool()))).toBe(`${what}dst is a pool with something of its own in it`);
    expect(reason(whole, pool())).toBe(
      `${what}whether dst is empty cannot be told without the feature userobj_accounting`,
    );
    expect(reason(whole, { ...ofPool(pool({}, '@x,9')), emptyRoot: true })).toBe(
      `${what}dst is a pool with something of its own in it`,
    );
  });

  test('what ZFS does not do, or that nothing of it comes', () => {
    const cannot = `${what}ZFS does not let an encrypted root take the place of another`;
    expect(reason(whole, { ...pool({ encrypted: true }), emptyRoot: true })).toBe(cannot);
    expect(reason(whole, empty, true, true)).toBe(cannot);
    expect(reason(whole, empty, false)).toBe(`${what}none of its snapshots is chosen`);
    expect(reason(whole, empty)).toBe('replaced');
  });

  test('and what to do about the rest of a receive in it', () => {
    expect(reason(whole, ofPool(pool({ resumeToken: '1-x' })))).toBe(
      `${what}dst is a pool with something of its own in it. What an interrupted receive left there holds room: zfs receive -A dst frees it`,
    );
  });

  test('where nothing is listed nothing is special', () => {
    expect(reason({ ...whole, datasets: [] }, empty)).toBe('usual');
    expect(reason(whole, side('dst', []))).toBe('usual');
  });
});

test('only the first stream of the root replaces, and says so', () => {
  const { datasets } = plan(whole, empty);
  expect(datasets.map(({ replaces }) => replaces)).toEqual([true, undefined, undefined]);
  expect(planText(plan(whole, empty))).toContain('takes the place of the root of the empty pool dst');
});

test('a root that is left out: what is right below it begins the replica, and nothing else changes', () => {
  const made = plan(whole, pool());
  expect(made.datasets[0]?.decision.kind).toBe('left');
  const properties = made.datasets
    .slice(1)
    .map(({ decision }) => decision.kind === 'send' && decision.properties);
  expect(properties).toMatchObject([{ readonly: 'on', 'zferry:id': 'ab12cd' }, { canmount: 'noauto' }]);
  expect(properties[1]).not.toHaveProperty('readonly');
  expect(planText(made)).toContain('src itself (100 B) is not copied, only what is below it');
  const { snapshot } = planSync(whole, pool(), syncOptions(), new Set());
  expect(snapshot).toMatchObject({ kind: 'take', datasets: ['src/home', 'src/home/ann'] });
});

test('what cannot replace the root keeps those below it away: the pool would not be empty any more', () => {
  const foreign = dataset('dst', '', { resumeToken: '1-torn' });
  const target = { ...side('dst', [foreign]), emptyRoot: true };
  const made = planSync(whole, target, syncOptions({ cleanBefore: true }), new Set());
  expect(made.datasets.map(({ decision }) => decision.kind)).toEqual(['refused', 'blocked', 'blocked']);
});

test('a root of which nothing is chosen is left, and those below it are told that they are replicas', () => {
  const source = side('src', [
    dataset('src', ''),
    dataset('src/home', '@a,2'),
    dataset('src/home/ann', '@a,3'),
  ]);
  const made = plan(source, empty);
  expect(made.datasets.map(({ decision }) => decision.kind)).toEqual(['left', 'send', 'send']);
  expect(made.datasets[1]?.decision).toMatchObject({ properties: { readonly: 'on', 'zferry:id': 'ab12cd' } });
  expect(made.datasets.some(({ replaces }) => replaces)).toBe(false);
});
