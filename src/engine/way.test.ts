import { describe, expect, test } from 'vitest';
import { planSync } from '../plan/sync-plan.ts';
import { dataset, side, syncOptions } from '../plan/testing.ts';
import type { Way } from '../plan/way.ts';
import { parseDatasetName } from '../zfs/dataset-name.ts';
import type { Turn } from './send-queue.ts';
import { scriptedWorld } from './testing.ts';
import { readyWay, stagesBetween, type WayRequest } from './way.ts';

const off: Way = { compress: 'off', filter: { send: undefined, receive: undefined } };

function request(from: string, to: string, way: Way, differs: Partial<WayRequest> = {}): WayRequest {
  return {
    source: { host: from, dataset: parseDatasetName('t/s') },
    target: { host: to, dataset: parseDatasetName('u/d') },
    direct: false,
    way,
    bytesPerSecond: undefined,
    parallel: 1,
    ...differs,
  };
}

describe('before anything is changed', () => {
  /** What is asked where, with these programs missing. */
  async function asked(wanted: WayRequest, missing: readonly string[] = []) {
    const { world } = scriptedWorld();
    const lines: string[] = [];
    const run: typeof world.hosts.run = ({ host, commands }) => {
      const results = commands.map(({ argv }) => {
        const line = `${host}: ${argv.join(' ')}`;
        lines.push(line);
        const status = missing.some((one) => line.includes(one)) ? 127 : 0;
        return { argv, status, stdout: '', stderr: '' };
      });
      return Promise.resolve({ results });
    };
    const limiter = await readyWay({ ...world, hosts: { ...world.hosts, run } }, wanted);
    return { limiter, lines };
  }

  test('nothing is asked where nothing was wanted', async () => {
    expect(await asked(request('web', 'nas', off))).toEqual({ limiter: undefined, lines: [] });
    expect((await asked(request('nas', 'nas', { ...off, compress: 'zstd' }))).lines).toEqual([]);
  });

  test('each host is asked for what it needs', async () => {
    const filter = { send: ['hide', '-k'], receive: ['show'] };
    expect((await asked(request('', 'nas', { compress: 'lz4', filter }))).lines).toEqual([
      ': lz4 --version',
      ': sh -c command -v "$1" sh hide',
      'nas: lz4 --version',
      'nas: sh -c command -v "$1" sh show',
    ]);
  });

  test('what is missing is named with its host and what to do', async () => {
    const zstd = request('web', 'nas', { ...off, compress: 'zstd' });
    await expect(asked(zstd, ['nas: zstd'])).rejects.toMatchObject({
      code: 'no-program',
      host: 'nas',
      message: 'There is no zstd on nas',
      next: expect.stringContaining('apt install zstd'),
    });
    const filter = request('', 'nas', { ...off, filter: { send: ['hide'], receive: undefined } });
    await expect(asked(filter, ['hide'])).rejects.toMatchObject({
      message: 'There is no hide on this machine',
      next: expect.stringContaining('or leave --filter-send out'),
    });
  });

  test('several streams share the rate, which is kept where the data passes', async () => {
    const wanted = { bytesPerSecond: 4096, parallel: 4 };
    expect(await asked(request('web', 'nas', off, wanted))).toEqual({
      limiter: ['pv', '-q', '-L', '1024'],
      lines: [': pv --version', ': mbuffer --version'],
    });
    const direct = await asked(request('web', 'nas', off, { ...wanted, direct: true }));
    expect(direct.lines[0]).toBe('web: pv --version');
  });
});

describe('between both ends stand', () => {
  const limiter = ['pv'];
  const all: Way = { compress: 'zstd', filter: { send: ['hide'], receive: ['show'] } };

  /** `host: program` of each stage, for a train of datasets of which some are encrypted. */
  function between(way: Way, encrypted: readonly boolean[], direct = false): string[] {
    const datasets = encrypted.map((one, i) => dataset(`t/s/${i}`, `@one,${i + 1}`, { encrypted: one }));
    const at = (one: ReturnType<typeof side>, host: string) => ({ ...one, place: { ...one.place, host } });
    const options = syncOptions({ snapshot: 'no', way, direct });
    const plan = planSync(at(side('t/s', datasets), 'web'), at(side('u/d', []), 'nas'), options, new Set());
    const turns = plan.datasets.flatMap((one): Turn[] =>
      one.decision.kind === 'send' && one.decision.steps[0]
        ? [{ dataset: { ...one, decision: one.decision }, step: one.decision.steps[0], index: 0 }]
        : [],
    );
    expect(turns).toHaveLength(encrypted.length);
    const stages = stagesBetween(plan, turns, limiter);
    return stages.map(({ host, commands }) => `${host}: ${commands[0]?.argv[0]}`);
  }

  test('the filters next to ZFS, then compression, then the limit', () => {
    const ends = [
      ['web: hide', 'web: zstd'],
      ['nas: zstd', 'nas: show'],
    ] as const;
    expect(between(all, [false])).toEqual([...ends[0], ': pv', ...ends[1]]);
    expect(between(all, [false], true)).toEqual([...ends[0], 'web: pv', ...ends[1]]);
    expect(between(off, [false])).toEqual([': pv']);
  });

  test('no compression where all is raw', () => {
    expect(between(all, [true, true])).toEqual(['web: hide', ': pv', 'nas: show']);
    expect(between(all, [true, false])).toContain('web: zstd');
  });
});
