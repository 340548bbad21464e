import { describe, expect, test } from 'vitest';
import type { Dataset } from '../zfs/dataset.ts';
import { resumeToken } from '../zfs/testing.ts';
import { planText } from './plan-text.ts';
import { planSync } from './sync-plan.ts';
import { dataset, own, side, syncOptions } from './testing.ts';

const guid = '500';
const ours = own({ 'zferry:source': guid, 'zferry:id': 'ab12cd', 'zferry:mode': 'plain' });

/** What the plan says of one dataset, and of what an interrupted receive left on its target. */
function planned(source: Partial<Dataset> & { history: string }, target: Dataset, differs = {}): string {
  const from = side('s', [dataset('s', source.history, { guid: guid as Dataset['guid'], ...source })]);
  const to = { ...side('t', [target]), receives: [] };
  const options = syncOptions({ snapshot: 'no', ...differs });
  return planText(planSync(from, to, options, new Set()));
}

const partial = (token: string, differs: Partial<Dataset> = {}): Dataset =>
  dataset('t', '', { resumeToken: token, inconsistent: true, own: ours, ...differs });
const cut = (history: string, token: string, differs: Partial<Dataset> = {}): Dataset =>
  dataset('t', history, { resumeToken: token, own: ours, ...differs });

describe('a first copy that was cut off', () => {
  const token = resumeToken({ to: '1', toName: 's@a' });

  test('goes on, and what came later follows', () => {
    const text = planned({ history: '@a,1 @b,2' }, partial(token));
    expect(text).toContain(
      'resume    s rest of @a → t: goes on where it was cut off, 128.3 KiB of it had arrived',
    );
    expect(text).toContain('send      s -i @a @b → t');
    expect(text).not.toContain('arrives unmounted with');
  });

  test('of a snapshot that is gone is let go, and a new one begins', () => {
    const text = planned({ history: '@b,2' }, partial(token));
    expect(text).toContain(
      'let go    t: the rest of an interrupted receive; the snapshot that it was for, s@a, is gone',
    );
    expect(text).toContain('send      s full @b → t');
    expect(text).toContain('zferry:source=500');
  });

  test('of the newest is let go where the oldest is to come first', () => {
    const newest = resumeToken({ to: '2', toName: 's@b' });
    expect(planned({ history: '@a,1 @b,2' }, partial(newest))).toContain('@a is to come before @b');
    expect(planned({ history: '@a,1 @b,2' }, partial(newest), { initial: 'newest' })).toContain(
      'resume    s rest of @b',
    );
  });

  test("that is not zferry's is refused by name, whatever it is of", () => {
    const foreign = { own: new Map() };
    expect(planned({ history: '@a,1' }, partial(token, foreign))).toMatch(
      /refused .* is not zferry's: 128\.3 KiB of s@a, sent by something else, have arrived[\s\S]*zfs receive -A t/,
    );
    const other = resumeToken({ to: '77', toName: 'x@y' });
    expect(planned({ history: '@a,1' }, partial(other, foreign))).toContain(
      'it is for x@y (77), which s has not',
    );
    expect(planned({ history: '@a,1' }, partial('1-x', foreign))).toContain('its token cannot be read');
  });

  test('before a byte of it had arrived is nobody’s loss', () => {
    const empty = resumeToken({ to: '1', toName: 's@a', bytes: 0 });
    expect(planned({ history: '@a,1' }, partial(empty, { own: new Map() }))).toContain(
      'nothing of it had arrived',
    );
  });

  test('stays where a first copy is not allowed', () => {
    const text = planned({ history: '@a,1' }, partial(token), { initial: 'fail' });
    expect(text).toContain('refused');
    expect(text).not.toContain('let go');
  });

  test('without a token is being received', () => {
    const text = planned({ history: '@a,1' }, dataset('t', '', { inconsistent: true }));
    expect(text).toContain('a first copy is being received into t right now');
  });
});

describe('an increment that was cut off', () => {
  const token = resumeToken({ to: '2', from: '1', toName: 's@b' });

  test('goes on, also from a bookmark of its base and after a rename', () => {
    expect(planned({ history: '@a,1 @b,2 @c,3' }, cut('@a,1', token))).toMatch(
      /resume {4}s rest of @b → t.*\n {2}send {6}s -i @b @c/,
    );
    expect(planned({ history: '#a,1 @renamed,2' }, cut('@a,1', token))).toContain(
      'resume    s rest of @renamed',
    );
  });

  test.each([
    ['its snapshot is gone', '@a,1 @c,3', '@a,1', token, 's@b, is gone from the source'],
    ['a snapshot is to come before it', '@a,1 @x,9 @b,2', '@a,1', token, '@x is to come before @b'],
    [
      'it was raw',
      '@a,1 @b,2',
      '@a,1',
      resumeToken({ to: '2', from: '1', toName: 's@b', raw: true }),
      'it was sent raw',
    ],
    ['it cannot be read', '@a,1 @b,2', '@a,1', '1-2-3-ff', 'its checksum is wrong'],
    [
      'the target was rolled back',
      '@a,1 @b,2 @c,3',
      '@a,1',
      resumeToken({ to: '3', from: '2', toName: 's@c' }),
      'the newest snapshot of t is no longer the one it goes onto',
    ],
  ])('is let go where %s', (_, source, target, bad, why) => {
    const text = planned({ history: source }, cut(target, bad));
    expect(text).toContain(why);
    expect(text).toMatch(/send {6}s -[iI] @a/);
  });

  test('is let go where filters leave its snapshot out', () => {
    const text = planned({ history: '@a,1 @b,2' }, cut('@a,1', token), {
      choice: { kind: 'glob', pattern: 'a*' },
    });
    expect(text).toContain('@b is no longer among the snapshots to send');
    expect(text).toContain('nothing   s: the target has all up to @a');
  });

  test('whose base is gone from the source can never be finished, and goes also where nothing can be sent', () => {
    const text = planned({ history: '@o,8 @b,2' }, cut('@o,8 @a,1', token));
    expect(text).toContain(
      'let go    t: the rest of an interrupted receive; its base, @a, is gone from the source',
    );
    expect(text).toContain('refused');
  });

  test('stays where the target has to be put right first', () => {
    const text = planned({ history: '@a,1 @b,2' }, cut('@a,1 @mine,7', token));
    expect(text).toContain('refused');
    expect(text).not.toContain('let go');
  });

  test('by something else, of a snapshot that the source has, is simply finished', () => {
    expect(planned({ history: '@a,1 @b,2' }, cut('@a,1', token, { own: new Map() }))).toContain('resume');
  });

  test('by something else, that does not fit, is refused', () => {
    const other = resumeToken({ to: '77', from: '1', toName: 'x@y' });
    expect(planned({ history: '@a,1 @b,2' }, cut('@a,1', other))).toContain("that is not zferry's");
    expect(planned({ history: '@a,1 @x,9 @b,2' }, cut('@a,1', token, { own: new Map() }))).toContain(
      "is not zferry's",
    );
  });
});

test('a receive that runs is told from one that was cut off', () => {
  const target = cut('@a,1', resumeToken({ to: '2', from: '1', toName: 's@b' }));
  const receives = [{ pid: 7, elapsed: '01:02', line: 'zfs receive -s -u t', mark: undefined }];
  const from = side('s', [dataset('s', '@a,1 @b,2', { guid: guid as Dataset['guid'] })]);
  const text = planText(
    planSync(from, { ...side('t', [target]), receives }, syncOptions({ snapshot: 'no' }), new Set()),
  );
  expect(text).toContain('t is being received into right now: process 7, for 01:02: zfs receive -s -u t');
});
