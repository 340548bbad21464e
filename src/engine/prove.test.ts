import { expect, test } from 'vitest';
import { planTree } from '../plan/testing.ts';
import { parseGuid } from '../zfs/guid.ts';
import { proveAll } from './prove.ts';
import type { Sent } from './send-all.ts';
import { scriptedWorld } from './testing.ts';

const names = ['t/s', 't/s/a', 't/s/b'];

/** Of three datasets @two was sent, and these GUIDs were found when it had been received. */
async function prove(found: readonly (readonly string[] | undefined)[], listed: string) {
  const plan = planTree(
    names.map((name) => [name, '@one,1 @two,2']),
    ['n/c', 'n/c/a', 'n/c/b'].map((name) => [name, '@one,1']),
  );
  const sent = new Map(
    plan.datasets.map(({ source }, i): [typeof source, Sent] => {
      const guids = found[i];
      return [source, { kind: 'done', ms: 1, found: guids && new Set(guids.map(parseGuid)) }];
    }),
  );
  const { world, commands, events } = scriptedWorld({ answer: () => ({ stdout: listed }) });
  const results = await proveAll(world, plan, sent);
  return { outcomes: results.map(({ outcome }) => outcome), commands, events };
}

test('what showed itself where it was received is not asked for again', async () => {
  const { outcomes, commands, events } = await prove([['2'], ['2'], ['2']], '');
  expect(commands).toEqual([]);
  expect(outcomes.map(({ kind }) => kind)).toEqual(['sent', 'sent', 'sent']);
  expect(events.map(({ kind }) => kind)).toEqual(['verified', 'verified', 'verified']);
});

test('what did not, or nobody looked for, is', async () => {
  const { outcomes, commands } = await prove([['2'], ['1'], undefined], 'n/c/b@two\t2\t9\n');
  expect(commands[0]).toBe('zfs list -Hp -t snapshot,bookmark -o name,guid,createtxg n/c/a@two n/c/b@two');
  expect(outcomes).toMatchObject([
    { kind: 'sent' },
    { kind: 'failed', problem: { code: 'not-arrived' } },
    { kind: 'sent' },
  ]);
});
