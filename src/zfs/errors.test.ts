import { expect, test } from 'vitest';
import { explainZfsError, zfsErrors } from './errors.ts';

test.each(zfsErrors.map((row) => [row.code, row.sample, row] as const))(
  '%s: its sample is recognised by its own row, in words',
  (code, sample, row) => {
    const found = explainZfsError(sample);
    expect(found?.code).toBe(code);
    expect(found?.meaning).not.toContain('undefined');
    expect(found?.next).not.toContain('undefined');
    expect(row.seen.length).toBeGreaterThan(0);
    expect(found?.meaning).toMatch(/^\S.*[^.\s]$/);
    expect(found?.next).toMatch(/^\S.*[^.\s]$/);
    const named = Object.values(row.pattern.exec(sample)?.groups ?? {}).filter(Boolean);
    const said = `${found?.meaning} ${found?.next}`;
    // Of a bookmark its dataset is enough.
    for (const word of named) expect(said).toContain(word.replace(/#.*/, ''));
  },
);

test.each([
  ["cannot open 'tank/a b': dataset does not exist", 'no-such-dataset', 'tank/a b'],
  ["cannot open 'nosuch': no such pool\n", 'no-such-pool', 'nosuch'],
  ['bash: line 1: zfs: command not found', 'no-zfs', 'no zfs command'],
  ['setpriv: failed to execute zfs: No such file or directory', 'no-zfs', 'no zfs command'],
  ["cannot open 'nosuch': no such pool", 'no-such-pool', 'nosuch'],
  [
    'cannot receive incremental stream: destination dst/a b has been modified\nsince most recent snapshot\n',
    'modified',
    '"dst/a b"',
  ],
  ['cannot destroy snapshot src/a@s1: dataset is busy', 'held', 'src/a@s1'],
  [
    'cannot receive incremental stream: destination has snapshots (eg. dst/r1@s1)\nmust destroy them to overwrite it',
    'dataset-exists',
    'dst/r1@s1',
  ],
  ['specified fs (dst/none) does not exist', 'no-parent', '"dst/none"'],
  ["cannot create 'dst/x/y': parent does not exist", 'no-parent', 'the parent "dst/x"'],
  ["cannot create 'dst/x/y': no such parent 'dst/x'", 'no-parent', 'the parent "dst/x"'],
  ["cannot create 'dst/v/y': parent is not a filesystem", 'parent-is-volume', '"dst/v"'],
  ['destination dst is the root dataset', 'dataset-exists', '"dst"'],
  ['cannot resume recv dst/a b: Resuming recv on existing dataset', 'dataset-exists', '"dst/a b"'],
  ['local origin for clone dst/a b@s1 does not exist', 'no-origin', '"dst/a b@s1"'],
  ['specified origin fs (src/o) does not exist', 'no-origin', 'the origin "src/o"'],
  ["cannot create 'src/q': disk quota exceeded", 'quota', 'a quota has'],
  ["cannot open 'src/a@s9': dataset does not exist", 'snapshot-gone', '"src/a@s9"'],
  ["cannot send 'src/a@s1': not an earlier snapshot from the same fs", 'snapshot-gone', 'of "src/a@s1"'],
  ["bookmark 'src/a#m' does not exist", 'snapshot-gone', '"src/a#m"'],
  ['could not find any snapshots to destroy; check snapshot names.', 'snapshot-gone', 'a snapshot, there'],
  ['Raw key too short (expected 32).', 'key-unreadable', 'Raw key too short (expected 32)'],
  ['cannot receive: nvlist too large', 'list-too-large', 'the stream has more'],
  ["there is a snapshot or bookmark more recent than 'src/a@s1'", 'newer-in-the-way', '"src/a@s1"'],
  ["cannot rename 'src/a': dataset already exists", 'exists', 'the new name of "src/a"'],
  ["cannot create 'src/a': dataset already exists", 'exists', '"src/a" exists'],
  ['invalid name\n', 'bad-name', 'that cannot be a name: invalid name'],
  ["cannot hold 'src/a': operation not applicable to datasets of this type", 'wrong-type', '"src/a"'],
  ["cannot set property for 'dst/a': 'quota' must be a number", 'bad-property', 'of "dst/a" cannot be set'],
  [
    "cannot receive new filesystem stream: 'volsize' does not apply to datasets of this type",
    'bad-property',
    "'volsize' does not apply",
  ],
  ['dataset does not exist', 'no-such-dataset', 'it does not exist there'],
  ["cannot destroy 'src/a@s1': snapshot is cloned", 'cloned', '"src/a@s1" has clones'],
])('%j', (stderr, code, word) => {
  const found = explainZfsError(stderr);
  expect(found?.code).toBe(code);
  expect(found?.meaning).toContain(word);
});

test('a text that no row knows is not guessed at', () => {
  expect(explainZfsError('the moon is full')).toBeUndefined();
  expect(explainZfsError('')).toBeUndefined();
});
