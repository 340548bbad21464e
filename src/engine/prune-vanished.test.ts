import { describe, expect, test } from 'vitest';
import { planSync } from '../plan/sync-plan.ts';
import { dataset, own, side, syncOptions } from '../plan/testing.ts';
import { printedDataset } from '../zfs/testing.ts';
import { markVanished } from './mark-vanished.ts';
import { pruneVanished } from './prune-vanished.ts';
import { type Answer, scriptedWorld } from './testing.ts';

/** A copy of ours. */
function copy(name: string, guid: string, source: string, vanished?: string): string {
  return printedDataset({
    name,
    guid,
    'zferry:source': [source, 'local'],
    'zferry:id': ['ab12cd', 'local'],
    ...(vanished === undefined ? {} : { used: '4096', 'zferry:vanished': [vanished, 'local'] }),
  });
}

/** nas/t/old has lost its source and was marked long ago; its snapshot @a is held by us. */
function setUp(answer: (line: string) => Answer | undefined = () => undefined) {
  const since = '20260101T000000Z';
  const source = side('tank', [dataset('tank', '@a,1', { guid: dataset('x').guid })]);
  const target = side('nas/t', [
    dataset('nas/t', '@a,1', { own: own({ 'zferry:source': '1000', 'zferry:id': 'ab12cd' }) }),
    dataset('nas/t/old', '@a,2', {
      own: own({ 'zferry:source': '5', 'zferry:id': 'ab12cd', 'zferry:vanished': since }),
    }),
  ]);
  const options = syncOptions({ pruneVanished: 86_400_000, snapshot: 'no' });
  const plan = planSync(source, target, options, new Set());
  const there = (line: string): Answer => {
    const found = answer(line);
    if (found) return found;
    if (line.startsWith('zpool get')) return { stdout: 'guid\t42\n' };
    if (line.startsWith('zfs get')) {
      if (line.endsWith(' tank')) return { stdout: printedDataset({ name: 'tank' }) };
      return line.endsWith(' nas/t')
        ? { stdout: copy('nas/t', '1', '1000') + copy('nas/t/old', '2', '5', since) }
        : {};
    }
    if (line.includes('userrefs,clones')) return { stdout: 'nas/t/old@a\t1\t-\n' };
    return line.startsWith('zfs holds') ? { stdout: 'nas/t/old@a\tzferry_ab12cd\tFri\n' } : {};
  };
  const { world, commands, events } = scriptedWorld({ answer: there });
  const prepared = {
    plan,
    source,
    target,
    options,
    received: new Set<never>(),
    sizes: new Map(),
    toFinish: [],
  };
  const told = () =>
    events.flatMap((event) =>
      event.kind === 'warning' || event.kind === 'note' ? [`${event.kind}: ${event.message}`] : [],
    );
  const changes = () => commands.filter((line) => /^zfs (release|destroy|set|inherit)/.test(line));
  return { world, plan, prepared, told, changes, commands };
}

test('our own hold is let go, then exactly that dataset is destroyed', async () => {
  const { world, prepared, told, changes } = setUp();
  const pruned = await pruneVanished(world, prepared, true);
  expect(pruned).toMatchObject([{ name: 'nas/t/old', datasets: 1, used: 4096 }]);
  expect(changes()).toEqual(['zfs release zferry_ab12cd nas/t/old@a', 'zfs destroy -r nas/t/old']);
  expect(told()).toEqual([]);
});

describe('nothing is touched', () => {
  test('where not all of the run went well', async () => {
    const { world, prepared, told, commands } = setUp();
    expect(await pruneVanished(world, prepared, false)).toEqual([]);
    expect(commands).toEqual([]);
    expect(told()).toEqual([expect.stringContaining('note: nas/t/old stays for now')]);
  });

  test.each<[string, (line: string) => Answer | undefined, string]>([
    [
      'a hold of somebody else',
      (line) => (line.startsWith('zfs holds') ? { stdout: 'nas/t/old@a\tlegal\tFri\n' } : undefined),
      'nas/t/old@a is held by "legal"',
    ],
    [
      'a hold that cannot be asked about',
      (line) => (line.startsWith('zfs holds') ? { status: 1 } : undefined),
      'nas/t/old@a is held, and by whom cannot be asked',
    ],
    [
      'a clone elsewhere',
      (line) =>
        line.includes('userrefs,clones') ? { stdout: 'nas/t/old@a\t0\tnas/look,nas/t/old/c\n' } : undefined,
      'nas/t/old@a has the clone nas/look',
    ],
    [
      'a source that came back while the run went on',
      (line) =>
        line.startsWith('zfs get -Hp -r') && line.endsWith(' tank')
          ? { stdout: printedDataset({ name: 'tank' }) + printedDataset({ name: 'tank/old', guid: '5' }) }
          : undefined,
      'while this run went on, something has changed',
    ],
  ])('%s', async (_, answer, words) => {
    const { world, prepared, told, changes } = setUp(answer);
    expect(await pruneVanished(world, prepared, true)).toEqual([]);
    expect(changes()).toEqual([]);
    expect(told()).toEqual([
      expect.stringMatching(new RegExp(`^warning: nas/t/old, .* stays .*: ${words}$`)),
    ]);
  });
});

test('what ZFS refuses is a warning', async () => {
  const stderr = "cannot destroy 'nas/t/old': dataset is busy\n";
  const { world, prepared, told } = setUp((line) =>
    line.startsWith('zfs destroy') ? { status: 1, stderr } : undefined,
  );
  expect(await pruneVanished(world, prepared, true)).toEqual([]);
  expect(told()).toEqual([
    expect.stringMatching(/^warning: Destroying nas\/t\/old, .*; what is left of it stays$/),
  ]);
});

test('all that is seen first is noted by one command, and nothing where nothing has changed', async () => {
  const { world, plan, changes } = setUp();
  await markVanished(world, plan);
  expect(changes()).toEqual([]);
  const [one] = plan.vanished;
  if (!one) throw new Error('nothing vanished');
  const other = { ...one, name: dataset('nas/t/other').name, marks: true };
  await markVanished(world, {
    ...plan,
    vanished: [{ ...one, marks: true }, other],
    returned: [dataset('nas/t/back').name],
  });
  expect(changes()).toEqual([
    'zfs set zferry:vanished=20261120T030000Z nas/t/old nas/t/other',
    'zfs inherit zferry:vanished nas/t/back',
  ]);
});
