import { expect, test } from 'vitest';
import type { HeldLock, LockAnswer } from '../host/hosts.ts';
import { parsePlace } from '../plan/place.ts';
import { lockReplica } from './lock.ts';
import { scriptedWorld } from './testing.ts';

const target = parsePlace('nas:backup/home');
const lock: HeldLock = { lost: new AbortController().signal, release: () => Promise.resolve() };
const taken: LockAnswer = { kind: 'taken', holder: 'root@web, process 7, since 03:00' };
const held: LockAnswer = { kind: 'held', lock, before: 'clean' };

test('another run has it: says who and since when, and is busy', async () => {
  const { world } = scriptedWorld({ lock: () => taken });
  await expect(lockReplica(world, target, 0)).rejects.toMatchObject({
    code: 'locked',
    exitCode: 5,
    message: 'Another run is replicating to nas:backup/home: root@web, process 7, since 03:00',
  });
});

test('told to wait, it waits until the other has ended, and says so once', async () => {
  const { world, events } = scriptedWorld({ lock: (now) => (now < 60_000 ? taken : held) });
  expect(await lockReplica(world, target, 120_000)).toMatchObject({ held: lock, cleanBefore: true });
  expect(events).toEqual([
    { kind: 'waiting', target: 'nas:backup/home', holder: 'root@web, process 7, since 03:00' },
  ]);
});

test('it waits no longer than it was told', async () => {
  const { world } = scriptedWorld({ lock: () => taken });
  const started = world.now();
  await expect(lockReplica(world, target, 30_000)).rejects.toMatchObject({ code: 'locked' });
  expect(world.now() - started).toBe(30_000);
});

test('the run before it died: no obstacle, and its receives can be told', async () => {
  const { world } = scriptedWorld({ lock: () => ({ ...held, before: { holder: 'ann@office' } }) });
  const found = await lockReplica(world, target, 0);
  expect(found).toMatchObject({ cleanBefore: false, dead: 'ann@office' });
  expect(found.deadMark).toMatch(/^zferry_run_[0-9a-f]{16}$/);
  expect(found.mark).not.toBe(found.deadMark);
});

test('a host without means for a lock: said, and it goes on', async () => {
  const { world, events } = scriptedWorld({ lock: () => ({ kind: 'unavailable', reason: 'no flock' }) });
  expect(await lockReplica(world, target, 0)).toMatchObject({ held: undefined, cleanBefore: false });
  expect(events).toEqual([{ kind: 'note', message: 'no lock is taken on nas: no flock' }]);
});
