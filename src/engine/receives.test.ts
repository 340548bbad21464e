import { expect, test } from 'vitest';
import { dataset, side } from '../plan/testing.ts';
import { findReceives, settleReceives } from './receives.ts';
import { scriptedWorld } from './testing.ts';

const cut = side('nas/home', [dataset('nas/home', '', { resumeToken: '1-x', inconsistent: true })]);
const ours = ` 10  1 05:00 sh -c eval "$(printf %b "$@")" zferry : zferry_run_0af3\n 11 10 05:00 zfs receive -s -u nas/home\n`;
const settle = { deadMark: 'zferry_run_0af3', always: false };
const theirs = ' 12  1 05:00 zfs receive -s nas/home\n';

test('asks only where something is unfinished', async () => {
  const { world, commands } = scriptedWorld({ answer: () => ({ stdout: theirs }) });
  expect(await findReceives(world, side('nas/home', [dataset('nas/home', '@a,1')]))).toEqual([]);
  expect(commands).toEqual([]);
  expect(await findReceives(world, cut)).toMatchObject([{ pid: 12, mark: undefined }]);
});

test('what an earlier run left behind is waited for, then asked to end', async () => {
  let ended = false;
  const { world, events, commands } = scriptedWorld({
    answer: (line) => {
      if (line === 'kill -TERM 11') ended = true;
      return { stdout: line.startsWith('ps') && !ended ? ours : '' };
    },
  });
  const receives = await findReceives(world, cut);
  expect(await settleReceives(world, { ...cut, receives }, 0, settle)).toBe(true);
  expect(commands.filter((line) => line.startsWith('kill'))).toEqual(['kill -TERM 11']);
  expect(commands.filter((line) => line.startsWith('ps')).length).toBeGreaterThan(3);
  expect(events).toMatchObject([{ kind: 'note' }]);
});

test("somebody else's is never ended, and waited for only as long as it was told", async () => {
  const { world, commands } = scriptedWorld({ answer: () => ({ stdout: theirs }) });
  const receives = await findReceives(world, cut);
  const started = world.now();
  await settleReceives(world, { ...cut, receives }, 60_000, settle);
  expect(world.now() - started).toBe(60_000);
  expect(commands.every((line) => line.startsWith('ps'))).toBe(true);
});

test('nothing runs: nothing is asked', async () => {
  const { world, commands } = scriptedWorld();
  expect(await settleReceives(world, cut, 0, settle)).toBe(false);
  expect(commands).toEqual([]);
});

test('the receive of a run that lives, under a lock of its own, is left alone', async () => {
  const { world, commands } = scriptedWorld({ answer: () => ({ stdout: ours }) });
  const receives = await findReceives(world, cut);
  await settleReceives(world, { ...cut, receives }, 0, { deadMark: 'zferry_run_77', always: false });
  expect(commands.every((line) => line.startsWith('ps'))).toBe(true);
});
