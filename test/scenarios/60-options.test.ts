import { expect } from 'vitest';
import { furtherScenario, scenario } from '../world/scenario.ts';

scenario('--dry-run prints the plan with its reasons and changes nothing', async (world) => {
  const { source, sync, everything } = world;
  await source.zfs('create', '-p', 'src/home/ann');
  await source.zfs('snapshot', 'src/home@1');
  const before = await everything();

  const run = await sync('src/home', 'dst/far/home', '-r', '--dry-run');
  expect(run.code).toBe(0);
  expect(run.out).toMatch(/create {4}dst\/far: not there yet/);
  expect(run.out).toMatch(/send {6}src\/home full @1 .*the oldest snapshot first/);
  expect(run.out).toMatch(/send {6}src\/home -i @1 @zferry_/);
  expect(await everything()).toEqual(before);

  const json = JSON.parse((await sync('src/home', 'dst/far/home', '-r', '-n', '--json')).out);
  expect(json.plan.datasets).toHaveLength(2);
  expect(json.plan.datasets[0].steps[0]).toMatchObject({
    kind: 'full',
    to: { name: '1' },
    reason: expect.any(String),
  });
  expect(await everything()).toEqual(before);
});

scenario(
  '--keep rotates own snapshots on the source; what is held, foreign or on the copy stays',
  async (world) => {
    const { source, target, sync } = world;
    await source.zfs('create', 'src/data');
    await source.zfs('snapshot', 'src/data@mine');
    for (let i = 0; i < 3; i++) await sync('src/data', 'dst/copy');
    const [mine, first = ''] = await source.history('src/data');
    await source.zfs('hold', 'keep', `src/data${first.split(' ')[0]}`);

    const run = await sync('src/data', 'dst/copy', '--keep', '1');

    expect(run.code).toBe(0);
    expect(run.err).toMatch(/warning: Rotating own snapshots of src\/data failed .* is held.*; it stays/);
    expect(await source.history('src/data')).toEqual([mine, first, expect.stringMatching(/^@zferry_/)]);
    expect(await target.history('dst/copy')).toHaveLength(5);
  },
);

furtherScenario(
  '--snapshots takes what fits; what does not fit still serves as the base',
  async ({ source, target, sync }) => {
    await source.zfs('create', 'src/data');
    for (const name of ['hourly-1', 'daily-1']) await source.zfs('snapshot', `src/data@${name}`);
    expect(await sync('src/data', 'dst/copy', '--snapshots', 'daily-*')).toMatchObject({ code: 0 });
    for (const name of ['hourly-2', 'daily-2', 'daily-3']) await source.zfs('snapshot', `src/data@${name}`);
    expect(await sync('src/data', 'dst/copy', '--snapshots', 'daily-*')).toMatchObject({ code: 0 });
    const names = (lines: string[]) => lines.map((line) => line.split(' ')[0]);
    expect(names(await target.history('dst/copy'))).toEqual(['@daily-1', '@daily-2', '@daily-3']);
    expect(await source.history('src/data')).toHaveLength(5);
  },
);

furtherScenario(
  '--json gives plan and result, an error too; -q says nothing',
  async ({ source, sync, zferry }) => {
    await source.zfs('create', 'src/data');
    const { out } = await sync('src/data', 'dst/copy', '--json');
    const { plan, result } = JSON.parse(out);
    expect(plan).toMatchObject({ snapshot: { taken: true }, datasets: [{ decision: 'send' }] });
    expect(result).toMatchObject({
      exitCode: 0,
      datasets: [{ outcome: 'sent', snapshots: [{ guid: /^\d+$/ }] }],
    });

    const failed = await zferry('sync', '--json', '{source}src/nosuch', '{target}dst/copy');
    expect(JSON.parse(failed.out).error).toMatchObject({ code: 'no-such-dataset', exitCode: 1 });

    expect(await sync('src/data', 'dst/copy', '-q')).toMatchObject({ code: 0, out: '', err: '' });
  },
);

furtherScenario(
  '--progress json tells machines what happens, a line each',
  { real: 'what zfs send -P tells' },
  async ({ source, sync }) => {
    await source.zfs('create', 'src/data');
    await source.fill('src/data', 'file', 20_000_000);
    const run = await sync('src/data', 'dst/copy', '--progress', 'json', '-q');
    const events = run.err.split('\n').map((line) => JSON.parse(line).event);
    expect(events[0]).toBe('snapshot-taken');
    expect(events).toContain('step-started');
    expect(events).toContain('step-progress');
    expect(events.at(-1)).toBe('verified');
  },
);
