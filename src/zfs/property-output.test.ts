import { expect, test } from 'vitest';
import { parseLocalPropertyNames, parseLocalValue, parsePropertyCheck } from './property-output.ts';

test('names of properties by dataset', () => {
  const text = 'tank/a\tquota\ntank/a\torg.x:note\ntank/a b\tvolsize\n';
  expect([...parseLocalPropertyNames(text)]).toEqual([
    ['tank/a', ['quota', 'org.x:note']],
    ['tank/a b', ['volsize']],
  ]);
  expect([...parseLocalPropertyNames('')]).toEqual([]);
});

test.each(['tank/a', 'tank/a\tquota\t1G', 'tank//a\tquota', '\tquota'])('cannot read %j', (line) => {
  expect(() => parseLocalPropertyNames(`${line}\n`)).toThrow(
    expect.objectContaining({
      code: 'bad-output',
      message: expect.stringContaining(JSON.stringify(line)),
      next: expect.stringMatching(/./),
    }),
  );
});

test('a value to the byte, also an empty one; none where it is gone', () => {
  expect(parseLocalValue('a\tb\nnext line\n\n')).toBe('a\tb\nnext line\n');
  expect(parseLocalValue('\n')).toBe('');
  expect(parseLocalValue('')).toBeUndefined();
});

test.each([
  [0, '', undefined],
  [0, 'special_small_blocks: property requires a special device in the pool\n', undefined],
  [
    1,
    "cannot verify 'dst/zferry': invalid property 'prefetch'\n",
    { kind: 'unknown', said: "invalid property 'prefetch'" },
  ],
  [
    1,
    "cannot verify 'dst/zferry': 'atime' does not apply to datasets of this type\n",
    { kind: 'other-type', said: "'atime' does not apply to datasets of this type" },
  ],
  [
    1,
    "cannot verify 'dst/zferry': 'recordsize' must be power of 2 from 512B to 128K\n",
    { kind: 'bad-value', said: "'recordsize' must be power of 2 from 512B to 128K" },
  ],
  [0, "cannot mount 'dst/zferry': busy\n", undefined],
  // Before OpenZFS 2.0: the receive will tell.
  [2, "invalid option 'n'\nusage:\n", undefined],
])('status %d, %j', (status, stderr, refusal) => {
  expect(parsePropertyCheck({ status, stderr })).toEqual(refusal);
});
