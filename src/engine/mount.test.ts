import { expect, test } from 'vitest';
import { parseDatasetName } from '../zfs/dataset-name.ts';
import { printedDataset } from '../zfs/testing.ts';
import { mountReplica } from './mount.ts';
import { type Answer, scriptedWorld } from './testing.ts';

const target = { host: 'nas', dataset: parseDatasetName('t/a') };
const row = printedDataset({ name: 't/a', readonly: 'on' });

function answering(overlay: Answer) {
  return scriptedWorld({
    answer: (line) =>
      line.startsWith('zfs get') ? { stdout: row } : line.startsWith('zfs set') ? overlay : {},
  });
}

test('forbids to cover a folder with files in it, then mounts', async () => {
  const { world, commands, events } = answering({});
  await mountReplica(world, target, [target.dataset]);
  expect(commands.slice(1)).toEqual(['zfs set overlay=off t/a', 'zfs mount t/a']);
  expect(events).toEqual([]);
});

test('a system without that property is not asked for more', async () => {
  const stderr = "cannot set property for 't/a': invalid property 'overlay'\n";
  const { world, commands, events } = answering({ status: 1, stderr });
  await mountReplica(world, target, [target.dataset]);
  expect(commands.at(-1)).toBe('zfs mount t/a');
  expect(events).toEqual([]);
});

test('where it cannot be forbidden, that is said', async () => {
  const { world, events } = answering({
    status: 1,
    stderr: "cannot set property for 't/a': permission denied\n",
  });
  await mountReplica(world, target, [target.dataset]);
  expect(events).toMatchObject([{ kind: 'warning' }]);
});
