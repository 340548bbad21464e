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
    for (const release of row.seen) expect(['2.1', '2.3', '2.4', 'source']).toContain(release);
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

test.each([
  [
    'internal error: Invalid argument\nAborted',
    'internal-error',
    'zfs met an error that it has no words for (Invalid argument)',
  ],
  [
    "cannot create snapshot 'src/a@s 1': out of space",
    'no-space',
    'the pool is full, or a snapshot_limit on or above "src/a@s 1" is reached',
  ],
  ['destination dst/a b space quota exceeded', 'quota', 'a quota on or above "dst/a b" has no room for it'],
  ['cannot receive new filesystem stream: space quota exceeded', 'quota', 'a quota has no room for it'],
  ["cannot send 'src/a@s1' anew: Broken pipe", 'receiver-died', 'the receiver stopped reading'],
  [
    "cannot send 'src/a@s2' raw: incremental source (src/a@s1) does not exist",
    'snapshot-gone',
    'a snapshot of "src/a@s2", there a moment ago, is gone',
  ],
  [
    'cannot send src/a@s1 recursively: snapshot src/a/b@s1 does not exist',
    'snapshot-gone',
    '"src/a/b@s1", there a moment ago, is gone',
  ],
  [
    'Failed to open key material file: No such file or directory',
    'key-unreadable',
    'the file with the key cannot be read there: No such file or directory',
  ],
  ['cannot destroy snapshot src/a@s1: snapshot has dependent clones', 'cloned', '"src/a@s1" has clones'],
  ["cannot create 'src/x y': name is too long", 'bad-name', '"src/x y" cannot be a name: name is too long'],
  [
    "cannot open snapshot 'src/x@y': dataset name is too long",
    'bad-name',
    '"src/x@y" cannot be a name: dataset name is too long',
  ],
  ['cannot receive: invalid name', 'bad-name', 'that cannot be a name: invalid name'],
  ['cannot hold: tag too long', 'bad-name', 'that cannot be a name: tag too long'],
  [
    "parent reference, '..' is found in name",
    'bad-name',
    "that cannot be a name: parent reference, '..' is found in name",
  ],
  [
    'cannot open: operation not applicable to datasets of this type',
    'wrong-type',
    'it is of a type for which there is no such thing',
  ],
  [
    'cannot receive quota property on dst/a b: invalid argument',
    'property-not-set',
    'the property quota of "dst/a b" could not be set: invalid argument',
  ],
  [
    'Warning: failed to clear unreceived properties on dst/a b',
    'property-not-set',
    'properties of "dst/a b" are not all as they should be',
  ],
  ["cannot mount '/dst/a': Not a directory", 'no-mountpoint', 'there is no empty folder to mount it on'],
  [
    "cannot set property for 'dst/a': 'quota' must be a number",
    'bad-property',
    'a property of "dst/a" cannot be set: \'quota\' must be a number',
  ],
  ["property 'x' cannot be set at creation.", 'bad-property', 'the property x cannot be set at creation'],
  [
    "destination 'dst/a' must specify -F to overwrite it",
    'dataset-exists',
    '"dst/a" exists already and would be overwritten',
  ],
  // The lowest bit says that it is deduplicated.
  [
    'stream has unsupported feature, feature flags = a4005',
    'dedup-stream',
    'the stream is deduplicated, which OpenZFS no longer takes',
  ],
  [
    'stream has unsupported feature, feature flags = 1',
    'dedup-stream',
    'the stream is deduplicated, which OpenZFS no longer takes',
  ],
  [
    'stream has unsupported feature, feature flags = 24004',
    'old-stream-feature',
    'the stream has a feature that the OpenZFS of the target does not know',
  ],
  [
    'this version no longer supports\ndeduplicated send streams',
    'dedup-stream',
    'the stream is deduplicated, which OpenZFS no longer takes',
  ],
  [
    'cannot receive new filesystem stream: nvlist too large',
    'list-too-large',
    'the stream has more snapshots and properties than one stream can list',
  ],
])('%j means just this', (stderr, code, meaning) => {
  expect(explainZfsError(stderr)).toMatchObject({ code, meaning });
});

const ofTwoLines = zfsErrors.filter(({ sample, code }) => sample.includes('\n') && code !== 'may-not-hold');

test.each(ofTwoLines.map((row) => [row.code, row.sample]))(
  '%s: is known with its second line further in, too',
  (code, sample) => {
    expect(explainZfsError(sample.replaceAll('\n', '\n    '))?.code).toBe(code);
  },
);

test('a text that no row knows is not guessed at', () => {
  expect(explainZfsError('the moon is full')).toBeUndefined();
  expect(explainZfsError('')).toBeUndefined();
});

/** What is tried again, refused or explained hangs on these. A new row is written here, too. */
const codes = `
  internal-error no-zfs no-zfs-module not-root no-such-pool no-parent diverged modified snapshot-exists
  interrupted-receive target-is-clone encrypted-in-the-way dataset-exists no-origin no-base parent-is-volume
  quota no-space no-space bad-token no-resume-state state-mismatch pool-needs-upgrade dedup-stream
  old-raw-stream module-too-old old-stream-feature large-blocks-needed large-microzap embedded-into-encrypted
  state-mismatch state-mismatch list-too-large no-memory receiver-died to-terminal sender-died damaged-stream
  bad-stream incomplete-stream snapshot-gone key-unreadable key-not-loaded not-raw not-from-raw other-key
  other-encryption held interrupted-receive cloned newer-in-the-way has-children cloned exists bookmark-exists
  bookmarks-off bookmark-elsewhere tag-exists no-such-tag not-at-once bad-name wrong-type property-not-set
  no-such-property property-not-set no-mountpoint plain-target pool-readonly pool-suspended may-not-hold
  delegation-off not-permitted io-error killed busy bad-property no-such-dataset
`;

test('each row has the code that it is known by, in the order in which they are tried', () => {
  expect(zfsErrors.map(({ code }) => code)).toEqual(codes.trim().split(/\s+/));
});
