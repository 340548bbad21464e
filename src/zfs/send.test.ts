import { expect, test } from 'vitest';
import { parseDatasetName, parseShortName } from './dataset-name.ts';
import { parseGuid } from './guid.ts';
import { abortReceiveArgs, receiveArgs, receiveStateArgs } from './receive-args.ts';
import { estimateArgs, sendArgs } from './send-args.ts';
import { isSendTalk, parseEstimate, parseProgress } from './send-output.ts';
import type { Bookmark, Snapshot } from './snapshot.ts';

const dataset = parseDatasetName('tank/a b');
const snapshot = (name: string, createtxg: number): Snapshot => ({
  kind: 'snapshot',
  name: parseShortName(name),
  guid: parseGuid(String(createtxg)),
  createtxg,
});
const bookmark: Bookmark = { ...snapshot('mark', 1), kind: 'bookmark' };
const flags = { largeBlocks: true, compressed: true, embedded: true, raw: false };
const quiet = { progress: false };

test('a full stream', () => {
  expect(sendArgs(dataset, { kind: 'full', to: snapshot('one', 1) }, flags, quiet)).toEqual([
    'zfs',
    'send',
    '-Lce',
    'tank/a b@one',
  ]);
});

test('an increment from a bookmark, with progress and without any flag', () => {
  const none = { largeBlocks: false, compressed: false, embedded: false, raw: false };
  const stream = { kind: 'increment', from: bookmark, to: snapshot('two', 2) } as const;
  expect(sendArgs(dataset, stream, none, { progress: true })).toEqual([
    'zfs',
    'send',
    '-vP',
    '-i',
    '#mark',
    'tank/a b@two',
  ]);
});

test('all increments, raw', () => {
  const stream = { kind: 'increments', from: snapshot('one', 1), to: snapshot('three', 3) } as const;
  expect(estimateArgs(dataset, stream, { ...flags, raw: true })).toEqual([
    'zfs',
    'send',
    '-nP',
    '-w',
    '-I',
    '@one',
    'tank/a b@three',
  ]);
});

test.each([
  ['plain', flags, ['zfs', 'send', '-t', '1-abc']],
  ['raw', { ...flags, raw: true }, ['zfs', 'send', '-w', '-t', '1-abc']],
])('a token brings all but -w along: %s', (_, given, argv) => {
  const token = {
    text: '1-abc',
    to: parseGuid('2'),
    toName: 'tank/a b@two',
    from: undefined,
    bytes: 1,
    raw: given.raw,
  };
  const stream = { kind: 'resume', token, from: undefined, to: snapshot('two', 2) } as const;
  expect(sendArgs(dataset, stream, given, quiet)).toEqual(argv);
});

test('a receive never mounts, and sets each property once', () => {
  const into = { resumable: true, replaces: false };
  expect(receiveArgs(dataset, { readonly: 'on', canmount: 'noauto' }, into)).toEqual([
    'zfs',
    'receive',
    '-s',
    '-u',
    '-o',
    'readonly=on',
    '-o',
    'canmount=noauto',
    'tank/a b',
  ]);
  expect(receiveArgs(dataset, {}, { resumable: false, replaces: false })).toEqual([
    'zfs',
    'receive',
    '-u',
    'tank/a b',
  ]);
});

test('reads the estimate and the progress that OpenZFS 2.3.9 prints', () => {
  expect(parseEstimate('incremental\ts1\tsrc/a@s2\t2105376\nsize\t8421376\n')).toBe(8421376);
  expect(() => parseEstimate('full\tsrc/a@s2\t2105376\n')).toThrow(/size/);
  expect(parseProgress('12:33:15\t134256\tsrc/a b@s1')).toEqual({ bytes: 134256, snapshot: 'src/a b@s1' });
  expect(parseProgress('12:33:21\t134256\t6230\tsrc/a@s1')).toEqual({ bytes: 134256, snapshot: 'src/a@s1' });
  expect(parseProgress("warning: cannot send 'src/a@s1': signal received")).toBeUndefined();
  expect(isSendTalk('full\tsrc/a@s1\t8421376')).toBe(true);
  const said = ['resume token contents:', 'nvlist version: 0', '\tobject = 0x2', '\ttoname = src/a@s1'];
  expect(said.every(isSendTalk)).toBe(true);
  expect(isSendTalk("cannot open 'src/a': dataset does not exist")).toBe(false);
});

test('only what is told to replaces what is there', () => {
  const into = (replaces: boolean) => receiveArgs(parseDatasetName('dst'), {}, { resumable: true, replaces });
  expect(into(true)).toEqual(['zfs', 'receive', '-s', '-F', '-u', 'dst']);
  expect(into(false)).not.toContain('-F');
});

test('lets go of what was left of a receive', () => {
  expect(abortReceiveArgs(dataset)).toEqual(['zfs', 'receive', '-A', 'tank/a b']);
});

test('looks at what a receive fills, and at where an increment of it lies', () => {
  expect(receiveStateArgs([dataset, parseDatasetName('tank/c')])).toEqual([
    'zfs',
    'get',
    '-Hp',
    '-o',
    'value',
    'receive_resume_token,used,referenced',
    'tank/a b',
    'tank/a b/%recv',
    'tank/c',
    'tank/c/%recv',
  ]);
});

test.each(['full\tsrc/a@s2\t2105376\n', 'my size\t5\n', 'size\t5K\n', ''])(
  'no size is read in %j',
  (text) => {
    expect(() => parseEstimate(text)).toThrow(expect.objectContaining({ code: 'bad-output' }));
  },
);

test('a size can stand after more than one space', () => {
  expect(parseEstimate('size   42')).toBe(42);
});

test('what only holds a line of progress is none', () => {
  expect(parseProgress('at 12:33:15\t134256\tsrc/a@s1')).toBeUndefined();
  expect(parseProgress('12:33:15\t134256\tsrc/a')).toBeUndefined();
});

test.each([
  '12:33:15\t134256\tsrc/a@s1',
  'incremental\ts1\tsrc/a@s2\t2105376',
  'size\t8421376',
  'TIME        SENT   SNAPSHOT src/a@s1',
  'nvlist version: 10',
  'object = 0x2',
  '\t\tbytes = 0x1',
])('%j is no error of a send', (line) => {
  expect(isSendTalk(line)).toBe(true);
});

test.each([
  'cannot send\tfull\tsrc/a',
  'no TIME  SENT',
  'TIMESENT',
  'resume token contents: none',
  'warning: object = 0x2',
  'object = 0x2 is gone',
])('%j can be an error of a send', (line) => {
  expect(isSendTalk(line)).toBe(false);
});
