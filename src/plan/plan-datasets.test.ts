import { describe, expect, test } from 'vitest';
import type { Dataset } from '../zfs/dataset.ts';
import { parseDatasetName } from '../zfs/dataset-name.ts';
import { resumeToken } from '../zfs/testing.ts';
import { planSync, type SyncOptions } from './sync-plan.ts';
import { dataset, own, planTree, type Row, side, syncOptions } from './testing.ts';

const name = parseDatasetName;
const marks = own({ 'zferry:id': 'ab12cd', 'zferry:source': '1000' });
const marked = { own: marks, readonly: true };
const encrypt = { keyformat: 'raw', keylocation: 'file:///k' } as const;
const flags = (features: string[]) => new Map(features.map((one) => [one, 'active' as const]));

/** The plan between pools that can do all there is, below parents of the target that are given. */
function plan(
  sources: readonly Row[],
  copies: readonly Row[],
  options: Partial<SyncOptions> = {},
  above: Partial<Dataset> = {},
) {
  const able = (one: ReturnType<typeof side>) => ({
    ...one,
    pool: { ...one.pool, features: flags(['large_blocks', 'embedded_data', 'lz4_compress']) },
  });
  const from = side(
    't/s',
    sources.map((row) => dataset(...row)),
  );
  const to = side(
    'n/c',
    copies.map((row) => dataset(...row)),
    [dataset('n', '', above)],
  );
  return planSync(able(from), able(to), syncOptions({ snapshot: 'no', ...options }), new Set()).datasets;
}

const sent = (...args: Parameters<typeof plan>) =>
  plan(...args).map(({ decision }) => (decision.kind === 'send' ? decision : undefined));

describe('what a first copy is given', () => {
  const sources: Row[] = [
    ['t/s', '@a,1'],
    ['t/s/d', '@b,2'],
    ['t/s/v', '@c,3', { type: 'volume' }],
  ];
  const top = { readonly: 'on', 'com.sun:auto-snapshot': 'false', 'zferry:id': 'ab12cd' };
  const part = { 'zferry:source': '1000', 'zferry:mode': 'plain', 'zferry:large-blocks': 'on' };

  test('its top all that marks a replica, the rest what it is', () => {
    expect(sent(sources, []).map((one) => one?.properties)).toEqual([
      { ...top, canmount: 'noauto', ...part },
      { canmount: 'noauto', ...part },
      { volmode: 'none', ...part },
    ]);
  });

  test('below something that is no part of the replica each is a top', () => {
    expect(sent(sources, [['n/c', '@a,1']])[1]?.properties).toEqual({ ...top, canmount: 'noauto', ...part });
    expect(sent(sources, [['n/c', '@a,1', marked]])[1]?.properties).toEqual({ canmount: 'noauto', ...part });
  });

  test('its own key, where it is the top and not sent raw', () => {
    const key = { encryption: 'on', keyformat: 'raw', keylocation: 'file:///k' };
    expect(sent(sources, [], { encrypt }).map((one) => one?.properties)).toEqual([
      { ...top, canmount: 'noauto', ...part, ...key },
      { canmount: 'noauto', ...part },
      { volmode: 'none', ...part },
    ]);
    const raw: Row[] = [['t/s', '@a,1', { encrypted: true }]];
    expect(sent(raw, [], { encrypt })[0]?.properties).toEqual({
      ...top,
      canmount: 'noauto',
      ...part,
      'zferry:mode': 'raw',
    });
  });

  test('what had its name, and that it is no placeholder any more', () => {
    const rebuilding = new Map([[name('n/c'), name('n/c_diverged_1')]]);
    expect(sent(sources, [], { rebuilding }).map((one) => one?.properties['zferry:rebuilding'])).toEqual([
      'n/c_diverged_1',
      undefined,
      undefined,
    ]);
    const place: Row = ['n/c', '', { own: own({ 'zferry:placeholder': 'on' }) }];
    expect(sent(sources.slice(0, 1), [place])[0]?.properties).toEqual({
      ...top,
      canmount: 'noauto',
      ...part,
      'zferry:placeholder': 'off',
    });
  });

  test('nothing once more, where it goes on from what was cut off', () => {
    const cut = { inconsistent: true, own: marks, resumeToken: resumeToken({ to: '1', toName: 't/s@a' }) };
    expect(sent(sources.slice(0, 1), [['n/c', '', cut]])[0]?.properties).toEqual({});
  });
});

describe('how a stream is made', () => {
  const one: Row[] = [['t/s', '@a,1 @b,2']];
  const made = (
    copies: Row[],
    differs: Partial<Dataset> = {},
    ...rest: [Partial<SyncOptions>?, Partial<Dataset>?]
  ) => sent([['t/s', '@a,1 @b,2', differs]], copies, ...rest)[0]?.flags;
  const all = { largeBlocks: true, compressed: true, embedded: true, raw: false };

  test('with all that both pools can do', () => {
    expect(made([])).toEqual(all);
    expect(sent(one, [['n/c', '@a,1', marked]])[0]?.flags).toEqual(all);
  });

  test('large blocks as before, whatever the pools can do', () => {
    const was = (value: string) => ({ own: own({ 'zferry:id': 'ab12cd', 'zferry:large-blocks': value }) });
    expect(made([['n/c', '@a,1', was('off')]])).toEqual({ ...all, largeBlocks: false });
    expect(made([['n/c', '@a,1', was('on')]])).toEqual(all);
    expect(planTree(one, [['n/c', '@a,1', was('on')]]).datasets[0]?.decision).toMatchObject({
      flags: { largeBlocks: true, embedded: false },
    });
    expect(planTree(one, [['n/c', '@a,1', was('off')]]).datasets[0]?.decision).toMatchObject({
      flags: { largeBlocks: false },
    });
  });

  test('no embedded blocks into what is encrypted there, or will be', () => {
    const none = { ...all, embedded: false };
    expect(made([['n/c', '@a,1', { ...marked, encrypted: true }]])).toEqual(none);
    expect(made([], {}, {}, { encrypted: true })).toEqual(none);
    expect(made([], {}, { encrypt })).toEqual(none);
    expect(made([['n/c', '@a,1', marked]], {}, {}, { encrypted: true })).toEqual(all);
  });

  test('raw, unless that is not wanted', () => {
    expect(made([], { encrypted: true })).toMatchObject({ raw: true });
    expect(made([], { encrypted: true }, { raw: 'no' })).toMatchObject({ raw: false });
    expect(made([], { encrypted: true }, { raw: 'yes' })).toMatchObject({ raw: true });
    expect(made([], {}, { raw: 'auto' })).toMatchObject({ raw: false });
  });
});

describe('what is above a first copy decides how secret it is', () => {
  const secrecies = (...args: Parameters<typeof plan>) => sent(...args).map((one) => one?.secrecy);
  const sources: Row[] = [
    ['t/s', ''],
    ['t/s/d', ''],
    ['t/s/d/e', '@a,1'],
  ];

  test('through all that is not there yet', () => {
    expect(secrecies(sources, []).at(-1)).toBe('plain');
    expect(secrecies(sources, [], {}, { encrypted: true }).at(-1)).toBe('by its parent');
    expect(secrecies(sources, [], { encrypt }).at(-1)).toBe('by its parent');
  });

  test('by what is there right above it, and not by what is above that', () => {
    const all = sources.with(0, ['t/s', '@z,9']);
    const open = { ...marked, encrypted: true };
    expect(secrecies(all, [['n/c', '@z,9', open]]).at(-1)).toBe('by its parent');
    expect(secrecies(all, [['n/c', '@z,9', marked]], {}, { encrypted: true }).at(-1)).toBe('plain');
    const copies: Row[] = [
      ['n/c', '@z,9', marked],
      ['n/c/d', '@y,8', open],
    ];
    expect(secrecies(all.with(1, ['t/s/d', '@y,8']), copies).at(-1)).toBe('by its parent');
  });

  test('and not for what has its own key', () => {
    expect(secrecies([['t/s', '@a,1']], [], { encrypt })).toEqual(['its own key']);
    expect(secrecies([['t/s', '@a,1', { encrypted: true }]], [], { encrypt })).toEqual(['raw']);
    expect(secrecies([['t/s', '@a,1']], [], {}, { encrypted: true })).toEqual(['by its parent']);
  });
});

describe('one by one', () => {
  const history: Row[] = [['t/s', '@a,1 @b,2 @c,3 @d,4']];
  const kinds = (options: Partial<SyncOptions>, minor = 3) => {
    const target = {
      ...side('n/c', [dataset('n/c', '@a,1', marked)]),
      version: { major: 2, minor, patch: 5 },
    };
    const from = side(
      't/s',
      history.map((row) => dataset(...row)),
    );
    const { decision } =
      planSync(from, target, syncOptions({ snapshot: 'no', ...options }), new Set()).datasets[0] ?? {};
    return decision?.kind === 'send' ? decision.steps.map(({ stream }) => stream.kind) : decision;
  };

  test('where the target may lose one of many, or the user may not hold', () => {
    expect(kinds({})).toEqual(['increments']);
    expect(kinds({}, 1)).toEqual(['increment', 'increment', 'increment']);
    expect(kinds({ mayNotHold: true })).toEqual(['increment', 'increment', 'increment']);
  });
});

test('what was found out of one copy stands in its conflict, and in no other', () => {
  const from = side('t/s', [dataset('t/s', '@a,1'), dataset('t/s/d', '@b,2')]);
  const to = side('n/c', [dataset('n/c', '@a,1 @x,8', marked), dataset('n/c/d', '@b,2 @y,9', marked)]);
  const details = new Map([[name('n/c'), new Map([['x' as never, { holds: ['keep'], clones: [] }]])]]);
  const trace = { host: 'nas', at: '2026-11-20.03:04:05', user: undefined, command: 'zfs snapshot n/c@x' };
  const traces = new Map([[name('n/c'), [trace]]]);
  const found = planSync(
    from,
    { ...to, details },
    syncOptions({ snapshot: 'no', traces }),
    new Set(),
  ).datasets;
  expect(found.map(({ decision }) => decision)).toMatchObject([
    { conflict: { details: details.get(name('n/c')), traces: [trace] } },
    { conflict: { details: new Map(), traces: [] } },
  ]);
});

test('a receive that runs stops the dataset that it goes into, and no other', () => {
  const from = side('t/s', [dataset('t/s', '@a,1'), dataset('t/s/d', '@b,2 @c,3')]);
  const to = side('n/c', [dataset('n/c', '@a,1', marked), dataset('n/c/d', '@b,2', marked)]);
  const receives = [{ pid: 7, elapsed: '01:02', line: 'zfs receive -s -u n/c/d', mark: undefined }];
  const found = planSync(from, { ...to, receives }, syncOptions({ snapshot: 'no' }), new Set()).datasets;
  expect(found.map(({ decision }) => decision.kind)).toEqual(['up-to-date', 'refused']);
});

test('what stays in the encryption root of what is set aside is planned as if it were not there', () => {
  const inRoot = { encrypted: true, key: { root: name('n/c'), guid: '5' as never, salt: '1' } };
  const raw = {
    ...inRoot,
    own: own({ 'zferry:id': 'ab12cd', 'zferry:source': '1000', 'zferry:mode': 'raw' }),
  };
  const from: Row[] = [
    ['t/s', '@a,1', { encrypted: true, key: { ...inRoot.key, root: name('t/s') } }],
    ['t/s/d', '@b,2', { encrypted: true, key: { ...inRoot.key, root: name('t/s') } }],
  ];
  const copies: Row[] = [
    ['n/c', '@z,9', raw],
    ['n/c/d', '@b,2', raw],
  ];
  expect(plan(from, copies, { onDivergence: 'set-aside' }).map(({ decision }) => decision)).toMatchObject([
    { kind: 'send', base: undefined },
    { kind: 'send', base: undefined },
  ]);
  expect(plan(from, copies).map(({ decision }) => decision.kind)).toEqual(['refused', 'up-to-date']);
});
