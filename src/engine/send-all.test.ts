import { expect, test } from 'vitest';
import type { Hosts, PipeResult, Stage } from '../host/hosts.ts';
import { withSizes } from '../plan/sizes.ts';
import { planSync } from '../plan/sync-plan.ts';
import { dataset, side, syncOptions } from '../plan/testing.ts';
import { ZferryError } from '../zfs/failure.ts';
import { newRunState } from './run-state.ts';
import { sendAll } from './send-all.ts';
import { scriptedWorld } from './testing.ts';

const names = ['a', 'b', 'c', 'd', 'e'];

/** Small increments of five datasets, through pipes that end as told. */
async function send(
  pipe: (targets: readonly string[], stages: readonly Stage[]) => PipeResult,
  parallel = 1,
) {
  const source = side(
    't/s',
    names.map((name, i) => dataset(`t/s/${name}`, `@one,${i + 1} @two,${i + 11}`)),
  );
  const target = side(
    'u/d',
    names.map((name, i) => dataset(`u/d/${name}`, `@one,${i + 1}`)),
  );
  const plan = planSync(source, target, syncOptions({ snapshot: 'no' }), new Set());
  const sizes = new Map(names.map((name) => [`t/s/${name}@two`, { written: 100, referenced: 100 }]));
  const trains: string[] = [];
  const run: Hosts['pipe'] = (stages) => {
    const targets = (stages.at(-1)?.commands ?? []).map(
      ({ argv }) => argv.at(-1)?.slice('u/d/'.length) ?? '',
    );
    trains.push(targets.join(' '));
    return Promise.resolve(pipe(targets, stages));
  };
  const { world, events } = scriptedWorld({ pipe: run });
  const options = {
    parallel,
    resumable: true,
    limiter: undefined,
    stallMs: undefined,
    direct: false,
    mark: 'zferry_run_1',
  };
  const sized = withSizes(plan, source.datasets, sizes);
  const sent = await sendAll(world, sized, new Map(), options, newRunState());
  const fates = [...sent].map(([name, fate]) => `${name.slice('t/s/'.length)} ${fate.kind}`).sort();
  return { trains, fates, events, sent };
}

const ended = (statuses: readonly (number | undefined)[]) => ({
  host: '',
  statuses,
  exit: { code: 0 },
  stderr: '',
  said: statuses.map(() => ''),
  endedAt: 0,
});

/** One end stops at this dataset; the other notices. */
function failingAt(name: string, end: 'send' | 'receive') {
  return (targets: readonly string[]): PipeResult => {
    const at = targets.indexOf(name);
    if (at === -1) {
      return { ok: true, stages: [ended(targets.map(() => 0)), ended(targets.map(() => 0))] };
    }
    const statuses = targets.map((_, i) => (i < at ? 0 : i === at ? 1 : undefined));
    const stderr =
      end === 'receive'
        ? 'cannot receive incremental stream: dataset is busy\n'
        : "cannot open 't/s/c@two': dataset does not exist\n";
    return {
      ok: false,
      stages: [ended(statuses), ended(statuses)],
      cause: { stage: end === 'send' ? 0 : 1, stderr, status: 1 },
    };
  };
}

const fine = (targets: readonly string[]): PipeResult => failingAt('none', 'send')(targets);

test('small steps travel together, as many trains as may go at once', async () => {
  expect((await send(fine)).trains).toEqual(['a b c d e']);
  // Which of the two starts first is left to chance.
  expect((await send(fine, 2)).trains.toSorted()).toEqual(['a b c', 'd e']);
});

test.each([
  ['receive', 'busy'],
  ['send', 'snapshot-gone'],
] as const)(
  'one whose %s fails: those before it arrived, those after it go in a new train',
  async (end, code) => {
    const { trains, fates, sent, events } = await send(failingAt('c', end));
    expect(trains).toEqual(['a b c d e', 'd e']);
    expect(fates).toEqual(['a done', 'b done', 'c failed', 'd done', 'e done']);
    expect([...sent].find(([name]) => name === 't/s/c')?.[1]).toMatchObject({ problem: { code } });
    expect(events.filter(({ kind }) => kind === 'step-ended')).toHaveLength(4);
  },
);

test('a send that fails far ahead of the receives is blamed itself, and what is between goes on', async () => {
  const { trains, fates } = await send((targets) => {
    if (!targets.includes('d')) return fine(targets);
    const sends = targets.map((name, i) => (name === 'd' ? 1 : i < targets.indexOf('d') ? 0 : undefined));
    // The receiving end was ended for another reason while it was at the second.
    const receives = targets.map((_, i) => (i === 0 ? 0 : undefined));
    const cause = { stage: 0, stderr: 'permission denied\n', status: 1 };
    return { ok: false, stages: [ended(sends), ended(receives)], cause };
  });
  expect(fates).toEqual(['a done', 'b done', 'c done', 'd failed', 'e done']);
  expect(trains).toEqual(['a b c d e', 'b c e']);
});

test('the command of the error is that of the one which failed', async () => {
  const { sent } = await send(failingAt('c', 'receive'));
  expect([...sent].find(([name]) => name === 't/s/c')?.[1]).toMatchObject({
    problem: { command: 'zfs receive -s -u u/d/c' },
  });
});

test('a connection that is lost ends all, and none of them counts as sent', async () => {
  const lost = new ZferryError({ code: 'connection-lost', message: 'gone' });
  const { fates } = await send(() => {
    throw lost;
  });
  expect(fates).toEqual(names.map((name) => `${name} failed`));
});
