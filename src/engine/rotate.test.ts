import { expect, test } from 'vitest';
import { planSync } from '../plan/sync-plan.ts';
import { dataset, side, syncOptions } from '../plan/testing.ts';
import { rotate as rotateBoth } from './rotate.ts';
import { type Answer, scriptedWorld } from './testing.ts';

const stamp = (n: number): string => `zferry_ab12cd_20260101T00000${n}Z`;
const history = [1, 2, 3, 4].map((n) => `@${stamp(n)},${n}`).join(' ');

async function rotate(answer: (line: string) => Answer) {
  const source = side('tank/a', [dataset('tank/a', history)]);
  const target = side('nas/a', [dataset('nas/a', history)]);
  const plan = planSync(source, target, syncOptions({ keep: 1, snapshot: 'no' }), new Set());
  const { world, commands, events } = scriptedWorld({ answer });
  const gone = await rotateBoth(world, plan, new Set(plan.datasets.map((one) => one.source)));
  const warnings = events.flatMap((event) => (event.kind === 'warning' ? [event.message] : []));
  return { commands, warnings, gone: [...gone.values()].flat() };
}

const held = `tank/a@${stamp(2)}`;
const refused = (line: string): boolean => line.startsWith('zfs destroy') && line.includes(stamp(2));
const busy: Answer = {
  status: 1,
  stderr: `cannot destroy snapshot ${held}: it's being held. Run 'zfs holds -r ${held}' to see holders.\n`,
};

test('all at once by one command, as long as nothing is held', async () => {
  const { commands, warnings, gone } = await rotate(() => ({}));
  expect(commands).toEqual([
    `zfs list -Hp -t snapshot,bookmark -o name,guid,createtxg nas/a@${stamp(4)}`,
    `zfs list -Hp -t snapshot,bookmark -o name,guid,createtxg tank/a@${stamp(4)}`,
    `zfs destroy tank/a@${stamp(1)},${stamp(2)},${stamp(3)}`,
  ]);
  expect([gone, warnings]).toEqual([[stamp(1), stamp(2), stamp(3)], []]);
});

test('one that is held stays and the tag is named; the others go', async () => {
  const { commands, warnings, gone } = await rotate((line) => {
    if (refused(line)) return busy;
    return line.startsWith('zfs holds') ? { stdout: `${held}\tlegal\tFri Nov 20 03:04 2026\n` } : {};
  });
  expect(gone).toEqual([stamp(1), stamp(3)]);
  expect(commands.filter((line) => line.startsWith('zfs holds'))).toEqual([`zfs holds -H ${held}`]);
  expect(warnings).toEqual([
    `Rotating own snapshots of tank/a failed on this machine: ${held} is held by "legal" (to let go of it: zfs release legal ${held}); it stays`,
  ]);
});

test('one that is being sent is held by nobody, and the warning is what ZFS says', async () => {
  const { warnings } = await rotate((line) =>
    refused(line) ? { status: 1, stderr: `cannot destroy snapshot ${held}: dataset is busy\n` } : {},
  );
  expect(warnings).toEqual([expect.stringContaining('is held, or is being sent; it stays')]);
});

test('where what is to stay is gone since, as after a rollback in the middle of a run, nothing goes', async () => {
  const { commands, warnings, gone } = await rotate((line) =>
    line.startsWith('zfs list') ? { status: 1, stderr: 'dataset does not exist\n' } : {},
  );
  expect(commands.filter((line) => line.startsWith('zfs destroy'))).toEqual([]);
  expect([gone, warnings]).toEqual([[], []]);
});

test('what the target was rolled back to stays on the source: it is the base of the next increment', async () => {
  const both = ['tank/a', 'tank/b'];
  const source = side(
    'tank',
    both.map((name) => dataset(name, history)),
  );
  const target = side('nas', [dataset('nas/a', history), dataset('nas/b', history)]);
  const plan = planSync(source, target, syncOptions({ keep: 1, snapshot: 'no' }), new Set());
  const { world, commands, events } = scriptedWorld({
    answer: (line) =>
      line.includes(`nas/b@${stamp(4)}`)
        ? { status: 1, stdout: `nas/a@${stamp(4)}\t4\t4\n`, stderr: 'dataset does not exist\n' }
        : {},
  });
  await rotateBoth(world, plan, new Set(plan.datasets.map((one) => one.source)));
  const destroyed = commands.filter((line) => line.startsWith('zfs destroy'));
  expect(destroyed).toEqual([`zfs destroy tank/a@${stamp(1)},${stamp(2)},${stamp(3)}`]);
  expect(events).toContainEqual({ kind: 'note', message: expect.stringMatching(/of nas\/b .* is gone/) });
});

test('what only carried a round goes on the target, too, by a command of its own, where what comes after it is still there', async () => {
  const source = side('tank/a', [dataset('tank/a', history)]);
  const target = side('nas/a', [dataset('nas/a', history)]);
  const carried = new Set(source.datasets[0]?.snapshots.slice(1, 3).map(({ guid }) => guid));
  const plan = planSync(source, target, syncOptions({ carried, snapshot: 'no' }), new Set());
  const { world, commands } = scriptedWorld();
  await rotateBoth(world, plan, new Set(plan.datasets.map((one) => one.source)));
  expect(commands).toEqual([
    `zfs list -Hp -t snapshot,bookmark -o name,guid,createtxg nas/a@${stamp(4)}`,
    `zfs list -Hp -t snapshot,bookmark -o name,guid,createtxg tank/a@${stamp(4)}`,
    `zfs destroy tank/a@${stamp(2)},${stamp(3)}`,
    `zfs list -Hp -t snapshot,bookmark -o name,guid,createtxg nas/a@${stamp(4)}`,
    `zfs destroy nas/a@${stamp(2)},${stamp(3)}`,
  ]);
  // What has to stay on the source stays on the target.
  const cloned = scriptedWorld({
    answer: (line) => (refused(line) ? { status: 1, stderr: 'has dependent clones' } : {}),
  });
  await rotateBoth(cloned.world, plan, new Set(plan.datasets.map((one) => one.source)));
  expect(cloned.commands.at(-1)).toBe(`zfs destroy nas/a@${stamp(3)}`);
  // Not on what is not well replicated.
  const none = scriptedWorld();
  await rotateBoth(none.world, plan, new Set());
  expect(none.commands).toEqual([]);
});
