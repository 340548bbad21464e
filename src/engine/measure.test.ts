import { expect, test } from 'vitest';
import { withSizes } from '../plan/sizes.ts';
import { planSync } from '../plan/sync-plan.ts';
import { dataset, own, side, syncOptions } from '../plan/testing.ts';
import { checkRoom } from './measure.ts';
import { type Answer, scriptedWorld } from './testing.ts';

/** 900 bytes onto a bookmark, as far as listings tell, where there is room for `available`. */
function room(available: number, answer: Answer) {
  const source = side('web', [dataset('web', '#a,1 @b,2')]);
  const target = side('nas', [dataset('nas', '@a,1', { available, own: own({ 'zferry:id': 'ab12cd' }) })]);
  const sizes = new Map([['web@b', { written: 900, referenced: 900 }]]);
  const options = syncOptions({ snapshot: 'no' });
  const plan = withSizes(planSync(source, target, options, new Set()), source.datasets, sizes);
  const { world, commands } = scriptedWorld({ answer: () => answer });
  return { commands, checked: checkRoom(world, plan, target) };
}

const unsupported = { status: 1, stderr: 'Error: Unsupported flag with filesystem or bookmark.\n' };

test('asks for a closer size where room is tight', async () => {
  const { commands, checked } = room(800, { stdout: 'size\t700\n' });
  await checked;
  expect(commands).toEqual(['zfs send -nP -c -i #a web@b']);
});

test('keeps to its own size where an increment from a bookmark cannot be estimated', async () => {
  await room(1000, unsupported).checked;
  await expect(room(800, unsupported).checked).rejects.toMatchObject({ code: 'no-space' });
});

test('another fault of an estimate ends it', async () => {
  const answer = { status: 1, stderr: "cannot open 'web@b': dataset does not exist\n" };
  await expect(room(800, answer).checked).rejects.toMatchObject({ code: 'snapshot-gone' });
});
