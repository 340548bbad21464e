import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDatasetName, parseShortName } from './dataset-name.ts';
import { copyDelegationsArgs } from './delegations.ts';
import { explainZfsError } from './errors.ts';
import { ZferryError } from './failure.ts';
import { parseGuid } from './guid.ts';
import { parseHistoryLine } from './history.ts';
import { parseHeldNames, parseHolds, parseTagged } from './hold-args.ts';
import * as output from './list-output.ts';
import * as points from './points-output.ts';
import { parsePool } from './pool.ts';
import { parseLocalPropertyNames, parseLocalValue, parsePropertyCheck } from './property-output.ts';
import { parseReceives } from './receive-processes.ts';
import { readResumeToken } from './resume-token.ts';
import { parseEstimate, parseProgress } from './send-output.ts';
import { printedDataset } from './testing.ts';
import { parseKept } from './vanished-args.ts';
import { parseVersion } from './version.ts';

const tank = parseDatasetName('tank');

/** All that reads what a host prints. */
const readers: Readonly<Record<string, (text: string) => unknown>> = {
  copyDelegationsArgs: (text) => copyDelegationsArgs(text, tank, tank),
  explainZfsError,
  parseChildren: output.parseChildren,
  parseClones: points.parseClones,
  parseCreation: output.parseCreation,
  parseDatasetName,
  parseDatasets: output.parseDatasets,
  parseEstimate,
  parseGuid,
  parseHeldNames,
  parseHistoryLine,
  parseHolds,
  parseIvSets: points.parseIvSets,
  parseKept,
  parseLocalPropertyNames,
  parseLocalValue,
  parseMarks: output.parseMarks,
  parseNewSnapshots: points.parseNewSnapshots,
  parsePoints: points.parsePoints,
  parsePool: (text) => parsePool(tank, text),
  parseProgress,
  parsePropertyCheck: (stderr) => parsePropertyCheck({ status: 1, stderr }),
  parseReceives,
  parseShortName,
  parseSnapshotSizes: points.parseSnapshotSizes,
  parseTagged: (text) => parseTagged(text, 'tag'),
  parseVersion,
  parseVolumeRoom: output.parseVolumeRoom,
  readResumeToken,
};

const fragment = fc.constantFrom(
  'tank/a',
  'tank/a@b',
  'tank#c',
  '@',
  '#',
  '-',
  '0',
  '18446744073709551615',
  '-1',
  'on',
  'filesystem',
  'zferry:id',
  'local',
  'inherited from tank',
  'size',
  '1-',
  'cannot receive: ',
  "'",
  'yes',
  '%recv',
  'toguid',
  '\u00e9',
  '\u0000',
  ' ',
);
const almost = fc
  .array(fc.tuple(fragment, fc.constantFrom('\t', '\n', '', ' ', '\t\t')), { maxLength: 60 })
  .map((pairs) => pairs.flat().join(''));
const anyText = fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), almost);

describe('whatever a host prints', () => {
  test.each(Object.entries(readers))('%s reads it, or says what it cannot read', (_, read) => {
    fc.assert(
      fc.property(anyText, (text) => {
        try {
          read(text);
        } catch (error) {
          expect(error).toBeInstanceOf(ZferryError);
        }
      }),
      { numRuns: 500 },
    );
  });
});

test('a dataset is read as it is printed, column by column', () => {
  const size = fc.nat(Number.MAX_SAFE_INTEGER);
  const guid = fc.bigInt({ min: 1n, max: (1n << 64n) - 1n }).map(String);
  const facts = fc.record({
    name: fc.constantFrom('tank', 'tank/a b', 'tank/x.y-z:1'),
    type: fc.constantFrom('filesystem', 'volume'),
    guid,
    createtxg: size,
    used: size,
    available: size,
    referenced: size,
    written: size,
    readonly: fc.boolean(),
    origin: fc.option(fc.constant('tank/o@s'), { nil: undefined }),
    encrypted: fc.boolean(),
    keyLoaded: fc.boolean(),
    keyguid: guid,
  });
  fc.assert(
    fc.property(facts, (one) => {
      const printed = {
        ...Object.fromEntries(Object.entries(one).map(([property, value]) => [property, String(value)])),
        readonly: one.readonly ? 'on' : 'off',
        mounted: one.type === 'volume' ? '-' : 'no',
        encryption: one.encrypted ? 'aes-256-gcm' : 'off',
        keystatus: one.encrypted ? (one.keyLoaded ? 'available' : 'unavailable') : '-',
        receive_resume_token: '-',
        inconsistent: '0',
        origin: one.origin ?? '-',
        encryptionroot: one.encrypted ? one.name : '-',
        keyguid: one.encrypted ? one.keyguid : '-',
        pbkdf2salt: '-',
      };
      const { keyguid, encrypted, keyLoaded, ...rest } = one;
      expect(output.parseDatasets(printedDataset(printed))).toEqual([
        {
          ...rest,
          encrypted,
          keyLoaded: !encrypted || keyLoaded,
          mounted: one.type === 'volume' ? undefined : false,
          resumeToken: undefined,
          inconsistent: false,
          key: encrypted ? { root: one.name, guid: keyguid, salt: '0' } : undefined,
          own: new Map(),
        },
      ]);
    }),
  );
});
