import { describe, expect, test } from 'vitest';
import type { Dataset } from '../zfs/dataset.ts';
import { parseDatasetName } from '../zfs/dataset-name.ts';
import { parseGuid } from '../zfs/guid.ts';
import type { FeatureState, Pool } from '../zfs/pool.ts';
import type { Conflict } from './conflict.ts';
import type { Policy } from './dataset-facts.ts';
import { planDataset } from './dataset-plan.ts';
import type { Decision } from './decision.ts';
import { dataset, own } from './testing.ts';

const features: [string, FeatureState][] = [
  ['large_blocks', 'enabled'],
  ['embedded_data', 'active'],
  ['lz4_compress', 'active'],
];
const pool: Pool = {
  name: parseDatasetName('p'),
  guid: parseGuid('77'),
  health: 'ONLINE',
  readonly: false,
  features: new Map(features),
};
const version = { major: 2, minor: 3, patch: 9 };
const policy: Policy = {
  id: 'ab12cd',
  choice: { kind: 'all' },
  initial: 'all',
  cleanBefore: false,
  onDivergence: 'stop',
  raw: 'auto',
  encrypt: undefined,
  impure: new Set(),
  occupied: new Set(),
  mayNotHold: false,
  now: 0,
};

function decide(
  source: Dataset,
  target: Dataset | undefined,
  differs: Partial<Policy> = {},
  top = true,
): Decision {
  return planDataset({
    source,
    target,
    targetName: parseDatasetName('t'),
    root: parseDatasetName('s'),
    sourceHost: '',
    targetHost: '',
    sourcePool: pool,
    targetPool: pool,
    sourceVersion: version,
    targetVersion: version,
    targetParentEncrypted: false,
    receiver: undefined,
    origin: undefined,
    clone: undefined,
    targetOrigin: undefined,
    details: new Map(),
    traces: [],
    rebuilding: undefined,
    replaces: false,
    top,
    policy: { ...policy, ...differs },
  }).decision;
}

function refusal(decision: Decision): Conflict {
  if (decision.kind !== 'refused') throw new Error(`not refused but ${decision.kind}`);
  return decision.conflict;
}

describe('first send', () => {
  const source = dataset('s', '@one,1 @two,2 @three,3', { guid: parseGuid('555') });

  test('arrives read-only, unmounted, left alone by other snapshot tools, and remembers what it is', () => {
    const decision = decide(source, undefined);
    expect(decision).toMatchObject({
      kind: 'send',
      base: undefined,
      flags: { largeBlocks: true, compressed: true, embedded: true, raw: false },
      properties: {
        readonly: 'on',
        canmount: 'noauto',
        'com.sun:auto-snapshot': 'false',
        'zferry:id': 'ab12cd',
        'zferry:source': '555',
        'zferry:mode': 'plain',
        'zferry:large-blocks': 'on',
      },
    });
  });

  test('a child inherits what its top dataset has', () => {
    const decision = decide(source, undefined, {}, false);
    if (decision.kind !== 'send') throw new Error(decision.kind);
    expect(Object.keys(decision.properties)).not.toContain('readonly');
    expect(Object.keys(decision.properties)).toContain('canmount');
  });

  test('a volume gets nothing that only filesystems have', () => {
    const decision = decide({ ...source, type: 'volume' }, undefined);
    if (decision.kind !== 'send') throw new Error(decision.kind);
    expect(Object.keys(decision.properties)).not.toContain('canmount');
    expect(decision.properties['volmode']).toBe('none');
  });

  test('a volume on a system without a version gets no property that it may not have', () => {
    const { decision } = planDataset({
      source: { ...source, type: 'volume' },
      target: undefined,
      targetName: parseDatasetName('t'),
      root: parseDatasetName('s'),
      sourceHost: '',
      targetHost: '',
      sourcePool: pool,
      targetPool: pool,
      sourceVersion: version,
      targetVersion: undefined,
      targetParentEncrypted: false,
      receiver: undefined,
      origin: undefined,
      clone: undefined,
      targetOrigin: undefined,
      details: new Map(),
      traces: [],
      rebuilding: undefined,
      replaces: false,
      top: true,
      policy,
    });
    if (decision.kind !== 'send') throw new Error(decision.kind);
    expect(Object.keys(decision.properties)).not.toContain('volmode');
  });

  test('an encrypted source is sent raw', () => {
    const decision = decide({ ...source, encrypted: true }, undefined);
    expect(decision).toMatchObject({ flags: { raw: true }, properties: { 'zferry:mode': 'raw' } });
  });

  test('newest sends one; fail refuses; nothing to send is said', () => {
    const newest = decide(source, undefined, { initial: 'newest' });
    if (newest.kind !== 'send') throw new Error(newest.kind);
    expect(newest.steps.flatMap((step) => step.snapshots.map((s) => s.name))).toEqual(['three']);
    expect(refusal(decide(source, undefined, { initial: 'fail' })).kind).toBe('initial-not-allowed');
    expect(decide(dataset('s'), undefined)).toEqual({
      kind: 'up-to-date',
      reason: 'the source has no snapshots',
    });
    expect(decide(source, undefined, { choice: { kind: 'own' } })).toMatchObject({
      reason: "none of the source's 3 snapshots is chosen",
    });
  });
});

describe('increment', () => {
  test('sends what the target lacks, with no property', () => {
    const decision = decide(dataset('s', '@a,1 @b,2 @c,3'), dataset('t', '@a,1'));
    expect(decision).toMatchObject({ kind: 'send', properties: {}, base: { source: { name: 'a' } } });
  });

  test('nothing to send', () => {
    expect(decide(dataset('s', '@a,1 @b,2'), dataset('t', '@a,1 @b,2')).kind).toBe('up-to-date');
  });

  test('an excluded snapshot still serves as the base', () => {
    const choice = { kind: 'glob', pattern: 'd*' } as const;
    const decision = decide(dataset('s', '@h,1 @d,2'), dataset('t', '@h,1'), { choice });
    expect(decision).toMatchObject({ kind: 'send', base: { source: { name: 'h' } } });
  });

  test('large blocks, once used, are remembered by the target', () => {
    const target = dataset('t', '@a,1', { own: own({ 'zferry:large-blocks': 'on' }) });
    const bare = { ...pool, features: new Map() };
    const { decision } = planDataset({
      source: dataset('s', '@a,1 @b,2'),
      target,
      targetName: target.name,
      root: parseDatasetName('s'),
      sourceHost: '',
      targetHost: '',
      sourcePool: bare,
      targetPool: bare,
      sourceVersion: version,
      targetVersion: version,
      targetParentEncrypted: false,
      receiver: undefined,
      origin: undefined,
      clone: undefined,
      targetOrigin: undefined,
      details: new Map(),
      traces: [],
      rebuilding: undefined,
      replaces: false,
      top: true,
      policy,
    });
    expect(decision).toMatchObject({ flags: { largeBlocks: true, compressed: true, embedded: false } });
  });
});

describe('divergence stops, and names its evidence', () => {
  test.each<[string, Dataset, Dataset, Conflict['kind'], string]>([
    [
      'nothing in common',
      dataset('s', '@a,1'),
      dataset('t', '@x,9'),
      'no-common-snapshot',
      'no snapshot in common',
    ],
    [
      'equal names, other GUIDs',
      dataset('s', '@a,1'),
      dataset('t', '@a,9'),
      'no-common-snapshot',
      'in common',
    ],
    [
      'data and no snapshots',
      dataset('s', '@a,1'),
      dataset('t', ''),
      'target-has-no-snapshots',
      'no snapshots',
    ],
    ['newer on the target', dataset('s', '@a,1 @b,2'), dataset('t', '@a,1 @x,9'), 'target-newer', '@x'],
    ['written', dataset('s', '@a,1'), dataset('t', '@a,1', { written: 512 }), 'target-written', 'written to'],
    ['name taken', dataset('s', '@a,1 @b,2'), dataset('t', '@b,9 @a,1'), 'name-taken', 't@b'],
    [
      'interrupted',
      dataset('s', '@a,1'),
      dataset('t', '@a,1', { resumeToken: '1-x' }),
      'foreign-receive',
      'interrupted receive',
    ],
    [
      'a copy sent over its own original',
      dataset('s', '@a,1 @b,2', { own: own({ 'zferry:source': '31' }) }),
      dataset('t', '@a,1', { guid: parseGuid('31') }),
      'swapped',
      'over its own original',
    ],
    [
      'another source',
      dataset('s', '@a,1'),
      dataset('t', '@x,9', { own: own({ 'zferry:source': '4' }) }),
      'other-source',
      'another source',
    ],
    [
      'raw and plain',
      dataset('s', '@a,1 @b,2'),
      dataset('t', '@a,1', { own: own({ 'zferry:mode': 'raw' }) }),
      'mode-changed',
      'raw',
    ],
  ])('%s', (_, source, target, kind, words) => {
    const conflict = refusal(decide(source, target));
    expect(conflict.kind).toBe(kind);
    expect(conflict.message).toContain(words);
    expect(conflict.next).not.toBe('');
    expect(conflict.target).toEqual(target.snapshots);
  });

  test('both sides since the common snapshot', () => {
    const conflict = refusal(decide(dataset('s', '@a,1 @b,2'), dataset('t', '@a,1 @x,9')));
    expect(conflict.base?.target.name).toBe('a');
    expect(conflict.sourceOnly.map((s) => s.name)).toEqual(['b']);
    expect(conflict.targetOnly.map((s) => s.name)).toEqual(['x']);
  });
});

test.each([
  [
    'has not enabled',
    new Map([...features, ['large_dnode', 'disabled'] as const]),
    'enable it on the target: zpool set feature@large_dnode=enabled p',
  ],
  ['does not know', new Map(features), 'update OpenZFS on the target'],
])('a feature that the target %s is found before sending', (words, targetFeatures, next) => {
  const source = { ...pool, features: new Map([...features, ['large_dnode', 'active'] as const]) };
  const { decision } = planDataset({
    source: dataset('s', '@a,1'),
    target: undefined,
    targetName: parseDatasetName('t'),
    root: parseDatasetName('s'),
    sourceHost: '',
    targetHost: '',
    sourcePool: source,
    targetPool: { ...pool, features: targetFeatures },
    sourceVersion: version,
    targetVersion: version,
    targetParentEncrypted: false,
    receiver: undefined,
    origin: undefined,
    clone: undefined,
    targetOrigin: undefined,
    details: new Map(),
    traces: [],
    rebuilding: undefined,
    replaces: false,
    top: true,
    policy,
  });
  if (decision.kind !== 'blocked') throw new Error(decision.kind);
  expect(decision.reason).toContain(`${words} large_dnode`);
  expect(decision.next).toContain(next);
});
