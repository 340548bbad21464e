import { expect, test } from 'vitest';
import type { CommandResult, Hosts } from '../host/hosts.ts';
import { planSync } from '../plan/sync-plan.ts';
import { dataset, side, syncOptions } from '../plan/testing.ts';
import { parseDatasetName } from '../zfs/dataset-name.ts';
import { ZferryError } from '../zfs/failure.ts';
import { carryOut } from './attempt.ts';
import type { Prepared } from './prepare-sync.ts';
import { newRunState } from './run-state.ts';
import type { SyncRequest } from './sync-request.ts';
import { exitCodeOf } from './sync-result.ts';
import { scriptedWorld } from './testing.ts';

const lost = new ZferryError({
  code: 'connection-lost',
  message: 'The connection to nas was lost',
  host: 'nas',
});
const answer = (stdout: string): CommandResult => ({ argv: [], status: 0, stdout, stderr: '' });
const place = (host: string, name: string) => ({ host, dataset: parseDatasetName(name) });

/** Three datasets with a snapshot each, on the way to a host that answers as given. */
function prepare(): { prepared: Prepared; request: SyncRequest } {
  const options = syncOptions({ snapshot: 'no' });
  const names = ['tank/l', 'tank/l/a', 'tank/l/b'];
  const datasets = names.map((name, i) => dataset(name, `@s,${i + 1}`));
  const source = { ...side('tank/l', datasets), place: place('office', 'tank/l') };
  const target = { ...side('nas/l', []), place: place('nas', 'nas/l') };
  const plan = planSync(source, target, options, new Set());
  const request = {
    ...options,
    source: source.place,
    target: target.place,
    depth: 'tree',
    mount: false,
    waitMs: 0,
    retries: 0,
    stallMs: undefined,
    give: { choice: { own: false, patterns: [] }, overrides: new Map() },
    bytesPerSecond: undefined,
    parallel: 1,
  } as const;
  return {
    prepared: { plan, source, target, options, received: new Set(), sizes: new Map(), toFinish: [] },
    request,
  };
}

async function run(hosts: Pick<Hosts, 'run' | 'pipe'>) {
  const { prepared, request } = prepare();
  const { world, events } = scriptedWorld();
  const scripted = { ...world, hosts: { ...world.hosts, ...hosts } };
  const carrying = { under: scripted, mark: 'zferry_run_1', stuck: new Map(), state: newRunState() };
  return { result: await carryOut(scripted, prepared, request, carrying), events };
}

const stages = [{ host: 'office', statuses: [0], exit: { code: 0 }, stderr: '', said: [''], endedAt: 0 }];

test('only what the target lists afterwards counts as sent, whatever the exit codes say', async () => {
  const { result, events } = await run({
    pipe: () => Promise.resolve({ ok: true, stages }),
    run: () => Promise.resolve({ results: [answer('nas/l@s\t1\t9\nnas/l/a@s\t77\t9\n')] }),
  });
  expect(result.datasets.map(({ outcome }) => outcome.kind)).toEqual(['sent', 'failed', 'failed']);
  expect(result.datasets[1]?.outcome).toMatchObject({ problem: { code: 'not-arrived' } });
  expect(events.filter((event) => event.kind === 'verified')).toHaveLength(1);
  expect(exitCodeOf(result)).toBe(3);
});

test('a connection that is lost for good: the rest is not tried, and what was sent is not called replicated', async () => {
  let sent = 0;
  const { result } = await run({
    pipe: () => (++sent === 1 ? Promise.resolve({ ok: true, stages }) : Promise.reject(lost)),
    run: () => Promise.reject(lost),
  });
  expect(sent).toBe(2);
  expect(result.datasets.map(({ outcome }) => outcome)).toMatchObject([
    { kind: 'failed', problem: { code: 'not-proven' }, snapshots: [] },
    { kind: 'failed', problem: { code: 'connection-lost' } },
    { kind: 'skipped', reason: 'not tried: The connection to nas was lost' },
  ]);
  expect(exitCodeOf(result)).toBe(1);
});

test('a connection that comes back tells what arrived', async () => {
  let sent = 0;
  const { result } = await run({
    pipe: () => (++sent === 1 ? Promise.resolve({ ok: true, stages }) : Promise.reject(lost)),
    run: () => Promise.resolve({ results: [answer('nas/l@s\t1\t9\n')] }),
  });
  expect(result.datasets.map(({ outcome }) => outcome.kind)).toEqual(['sent', 'failed', 'skipped']);
  expect(exitCodeOf(result)).toBe(3);
});

test('the end that failed by itself is named with its host, what it means and what to do', async () => {
  const stderr = 'cannot receive new filesystem stream: out of space\n';
  const { result } = await run({
    pipe: () => Promise.resolve({ ok: false, stages, cause: { stage: 1, stderr, status: 1 } }),
    run: () => Promise.resolve({ results: [answer('')] }),
  });
  expect(result.datasets[0]?.outcome).toMatchObject({
    problem: {
      code: 'no-space',
      host: 'nas',
      message: 'Sending tank/l@s to nas/l failed on nas: the pool is full',
      next: 'on nas: free space in the pool, or add to it, and run again',
    },
  });
  expect(result.datasets[1]?.outcome).toEqual({ kind: 'skipped', reason: 'its parent nas/l did not arrive' });
});
