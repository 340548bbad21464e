import { describe, expect, test } from 'vitest';
import { type FaultFacts, faultsFor, knownFaults } from './known-faults.ts';
import { parseVersion } from './version.ts';

const releases =
  '0.8.6 2.0.0 2.0.6 2.0.7 2.1.0 2.1.1 2.1.2 2.1.3 2.1.16 2.2.0 2.2.7 2.2.8 2.2.11 2.3.0 2.3.2 2.3.3 2.4.0'.split(
    ' ',
  );
const version = (release: string) => parseVersion(`zfs-${release}-1`);
const safe = version('2.4.4');
const plain: FaultFacts = {
  source: safe,
  target: safe,
  encrypted: false,
  raw: false,
  sourceIsRawReplica: false,
  increment: true,
};
const raw = { ...plain, encrypted: true, raw: true };
const back = { ...raw, sourceIsRawReplica: true };

const idsFor = (facts: FaultFacts) => faultsFor(facts).map(({ id }) => id.replace('openzfs/zfs', ''));

/** Where it begins and where it ends, of all the releases above; and what is beside it in the other facts. */
describe.each([
  ['#12014', 'source', { ...plain, encrypted: true }, ['2.0.0 2.2.7', '2.3.0 2.3.2'], [plain, raw]],
  ['#13067', 'target', raw, ['2.1.1 2.1.2'], [plain, { ...plain, encrypted: true }]],
  ['#12594', 'target', back, ['0.8.6 2.1.2'], [raw, { ...back, increment: false }, plain]],
] as const)('%s', (id, side, facts, ranges, beside) => {
  test('in these releases and no others', () => {
    const affected = releases.filter((release) =>
      idsFor({ ...facts, [side]: version(release) }).includes(id),
    );
    const expected = ranges.flatMap((range) => {
      const [first = '', last = ''] = range.split(' ');
      return releases.slice(releases.indexOf(first), releases.indexOf(last) + 1);
    });
    expect(affected).toEqual(expected);
  });

  test('only for what it is about', () => {
    for (const other of beside) {
      for (const release of releases) {
        expect(idsFor({ ...other, [side]: version(release) })).not.toContain(id);
      }
    }
  });

  test('not for a version that is not known', () => {
    expect(idsFor({ ...facts, [side]: undefined })).toEqual([]);
  });
});

test.each(['2.1.11', '2.3.9', '2.1.5', '2.2.2', '2.1.9', '2.2.7'])(
  'between two hosts that have %s, as their system came, a plain or raw copy is warned of nothing',
  (release) => {
    const both = { source: version(release), target: version(release) };
    for (const facts of [plain, raw, back]) expect(idsFor({ ...facts, ...both })).toEqual([]);
    expect(idsFor({ ...plain, ...both })).toEqual([]);
  },
);

test.each(knownFaults.map((fault) => [fault.id, fault] as const))('%s says what and where', (_, fault) => {
  const number = /^openzfs\/zfs#(\d+)$/.exec(fault.id)?.[1];
  expect(fault.link).toBe(`https://github.com/openzfs/zfs/issues/${number}`);
  for (const text of [fault.meaning, fault.next]) expect(text).toMatch(/^[a-z].*[^.\s]$/);
});
