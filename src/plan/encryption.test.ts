import { describe, expect, test } from 'vitest';
import { parseDatasetName } from '../zfs/dataset-name.ts';
import { parseGuid } from '../zfs/guid.ts';
import { planSync } from './sync-plan.ts';
import { dataset, own, planTree, side, syncOptions } from './testing.ts';

const key = (root: string, salt: string, guid = '5') => ({
  encrypted: true,
  key: { root: parseDatasetName(root), guid: parseGuid(guid), salt },
});
const none = new Set<never>();

describe('a passphrase that was changed', () => {
  const source = (history: string) =>
    side('tank/e', [
      dataset('tank/e', history, key('tank/e', 'new')),
      dataset('tank/e/c', '@a,3 @b,4', key('tank/e', 'new')),
    ]);
  const marked = { readonly: true, own: own({ 'zferry:id': 'ab12cd' }) };
  const target = (salt: string, root = 'nas/e') =>
    side('nas/e', [
      dataset('nas/e', '@a,1', { ...key('nas/e', 'old'), ...marked }),
      dataset('nas/e/c', '@a,3', { ...key(root, salt), ...marked }),
    ]);
  const warnings = (
    ...sides: Parameters<typeof planSync> extends [infer S, infer T, ...unknown[]] ? [S, T] : never
  ) => planSync(...sides, syncOptions({ snapshot: 'no' }), none).warnings;

  test('a child goes without its encryption root: that is said', () => {
    expect(warnings(source('@a,1'), target('old'))).toEqual([
      'nas/e/c cannot be opened on this machine until nas/e has been sent, too: its passphrase was changed on the source, and is kept with nas/e (openzfs/zfs#12614). Send both in one run, each with a new snapshot',
    ]);
  });

  test('both go: nothing is wrong', () => {
    expect(warnings(source('@a,1 @b,2'), target('old'))).toEqual([]);
  });

  test('an earlier run sent the child alone: said until the root is sent', () => {
    const all = side('tank/e', [
      dataset('tank/e', '@a,1', key('tank/e', 'new')),
      dataset('tank/e/c', '@a,3', key('tank/e', 'new')),
    ]);
    expect(warnings(all, target('new'))).toHaveLength(1);
  });

  test('what is its own root there brings its passphrase along', () => {
    expect(warnings(source('@a,1'), target('old', 'nas/e/c'))).toEqual([]);
  });
});

describe('raw and plain', () => {
  const secret = side('tank/e', [dataset('tank/e', '@a,1 @b,2', key('tank/e', 'x'))]);
  const decide = (there: Parameters<typeof dataset>[], raw: 'auto' | 'yes' | 'no' = 'auto', from = secret) =>
    planSync(
      from,
      side(
        'nas/e',
        there.map((one) => dataset(...one)),
      ),
      syncOptions({ snapshot: 'no', raw }),
      none,
    ).datasets[0]?.decision;
  const conflict = (kind: string) => ({ kind: 'refused', conflict: { kind } });

  test('in plain only when asked, and then loudly', () => {
    expect(decide([])).toMatchObject({ flags: { raw: true }, secrecy: 'raw' });
    expect(decide([], 'no')).toMatchObject({ flags: { raw: false }, secrecy: 'exposed' });
    const plan = planSync(secret, side('nas/e', []), syncOptions({ snapshot: 'no', raw: 'no' }), none);
    expect(plan.warnings).toEqual([expect.stringContaining('IN PLAIN')]);
  });

  test('also of what only waits to be sent', () => {
    const marks = { own: own({ 'zferry:id': 'ab12cd', 'zferry:source': '1000' }) };
    const { datasets, warnings } = planTree(
      [
        ['t/s', '@a,1', { encrypted: true }],
        ['t/s/d', '@b,2', { encrypted: true }],
      ],
      [
        ['n/c', '@y,8', marks],
        ['n/c/d', '@z,9', marks],
      ],
      { raw: 'no', onDivergence: 'set-aside' },
    );
    expect(datasets.map(({ decision }) => decision.kind)).toEqual(['send', 'waits']);
    expect(warnings).toEqual([
      't/s is encrypted and is sent IN PLAIN, as asked: n/c on this machine is not encrypted',
      't/s/d is encrypted and is sent IN PLAIN, as asked: n/c/d on this machine is not encrypted',
    ]);
  });

  test('a copy goes on the way it came', () => {
    const [plain, raw] = ['plain', 'raw'].map((mode) => ({ own: own({ 'zferry:mode': mode }) }));
    expect(decide([['nas/e', '@a,1', plain]])).toMatchObject(conflict('mode-changed'));
    expect(decide([['nas/e', '@a,1', plain]], 'no')).toMatchObject({ kind: 'send' });
    expect(decide([['nas/e', '@a,1', { ...raw, ...key('nas/e', 'x') }]], 'no')).toMatchObject(
      conflict('mode-changed'),
    );
    expect(decide([['nas/e', '@a,1', { ...raw, ...key('nas/e', 'x') }]])).toMatchObject({ kind: 'send' });
  });

  test('where nobody remembers how it came, its key tells', () => {
    expect(decide([['nas/e', '@a,1', key('nas/e', 'y', '5')]])).toMatchObject({ kind: 'send' });
    expect(decide([['nas/e', '@a,1', key('nas/e', 'y', '6')]])).toMatchObject(conflict('mode-changed'));
    const raw = { own: own({ 'zferry:mode': 'raw' }), ...key('nas/e', 'y', '6') };
    expect(decide([['nas/e', '@a,1', raw]])).toMatchObject(conflict('key-mismatch'));
  });

  test('in plain needs the key, and raw alone refuses what is not encrypted', () => {
    const locked = side('tank/e', [dataset('tank/e', '@a,1', { ...key('tank/e', 'x'), keyLoaded: false })]);
    expect(decide([], 'no', locked)).toMatchObject({
      kind: 'blocked',
      next: expect.stringContaining('zfs load-key tank/e'),
    });
    expect(decide([], 'yes', side('tank/e', [dataset('tank/e', '@a,1')]))).toMatchObject({ kind: 'blocked' });
  });
});
