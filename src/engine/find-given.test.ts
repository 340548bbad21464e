import { expect, test } from 'vitest';
import { nothingGiven } from '../plan/given-properties.ts';
import { parsePropertyRequest } from '../plan/property-request.ts';
import { planSync } from '../plan/sync-plan.ts';
import { dataset, side, syncOptions } from '../plan/testing.ts';
import { findGiven } from './find-given.ts';
import { type Answer, scriptedWorld } from './testing.ts';

const source = side('tank', [dataset('tank', '@a,1'), dataset('tank/old', '@b,2')]);
const begun = side('nas/t', [dataset('nas/t/old', '@b,2')]);

async function find(
  target: typeof begun,
  properties: string[],
  overrides: string[],
  answer?: (line: string) => Answer,
) {
  const { world, commands } = scriptedWorld(answer ? { answer } : {});
  const plan = planSync(source, target, syncOptions({ snapshot: 'no' }), new Set());
  const request = parsePropertyRequest(properties, overrides);
  return { given: await findGiven(world, request, plan, source, target), commands };
}

test('asks nothing where nothing is asked for, or nothing arrives for the first time', async () => {
  expect(await find(begun, ['none'], [])).toEqual({ given: nothingGiven, commands: [] });
  const there = side('nas/t', [dataset('nas/t', '@a,1'), dataset('nas/t/old', '@b,2')]);
  expect(await find(there, ['own'], ['atime=off'])).toEqual({ given: nothingGiven, commands: [] });
});

test('asks the source for names, then for each value alone, and the target about native ones', async () => {
  const { given, commands } = await find(begun, ['own'], ['atime=off'], (line) => {
    if (line.endsWith('all tank'))
      return { stdout: 'tank\trecordsize\ntank\torg.x:note\ntank\torg.x:gone\n' };
    if (line.endsWith('recordsize tank')) return { stdout: '16384\n' };
    if (line.endsWith('org.x:note tank')) return { stdout: 'two\nlines\n' };
    return {};
  });
  expect(commands).toEqual([
    'zfs get -Hp -s local -o name,property all tank',
    'zfs get -Hp -s local -o value recordsize tank',
    'zfs get -Hp -s local -o value org.x:note tank',
    'zfs get -Hp -s local -o value org.x:gone tank',
    'zfs create -n -o recordsize=16384 nas/zferry',
    'zfs create -n -o atime=off nas/zferry',
  ]);
  expect([...given.properties]).toEqual([
    ['tank', { recordsize: '16384', 'org.x:note': 'two\nlines', atime: 'off' }],
  ]);
  expect(given.warnings).toEqual([]);
});

test('an override alone asks nothing of the source', async () => {
  const { commands } = await find(begun, [], ['org.x:a=1']);
  expect(commands).toEqual([]);
});
