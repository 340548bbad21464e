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
])('%j', (stderr, code, word) => {
  const found = explainZfsError(stderr);
  expect(found?.code).toBe(code);
  expect(found?.meaning).toContain(word);
});

test('a text that no row knows is not guessed at', () => {
  expect(explainZfsError('the moon is full')).toBeUndefined();
  expect(explainZfsError('')).toBeUndefined();
});
