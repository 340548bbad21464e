import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { requestOf } from '../sim/process.ts';
import { prepareSync } from '../src/engine/prepare-sync.ts';
import type { World } from '../src/engine/world.ts';
import type { Batch, BatchResult, Hosts } from '../src/host/hosts.ts';
import { parseDatasetName } from '../src/zfs/dataset-name.ts';
import { answerFrom, type Listing } from './listings.ts';

export type Planned = {
  readonly ms: number;
  readonly cpuMs: number;
  readonly maxMiB: number;
  readonly textMiB: number;
};

const [folder = '', datasets = ''] = process.argv.slice(2);
const [from, to] = [parseDatasetName('tank/data'), parseDatasetName('backup/data')];
const listings = { a: read('a'), b: read('b') };
const sides = { a: answerFrom(listings.a, from), b: answerFrom(listings.b, to) };

const answers: Pick<Hosts, 'run'> = {
  run: ({ host, commands }: Batch): Promise<BatchResult> => {
    const side = host === 'a' ? sides.a : sides.b;
    return Promise.resolve({
      results: commands.map(({ argv }) => ({ argv, status: 0, stderr: '', stdout: side(argv) })),
    });
  },
};
const world: World = {
  // No other verb is needed before there is a plan.
  hosts: answers as Hosts,
  now: () => Date.UTC(2026, 0, 1),
  sleep: () => Promise.resolve(),
  random: () => 0,
  who: 'bench',
  report: () => undefined,
};

const [cpu, started] = [process.cpuUsage(), performance.now()];
const request = requestOf({ host: 'a', dataset: from }, { host: 'b', dataset: to }, { snapshot: 'no' });
const { plan } = await prepareSync(world, request);
const ms = performance.now() - started;
const { user, system } = process.cpuUsage(cpu);
const sends = plan.datasets.filter(({ decision }) => decision.kind === 'send').length;
if (sends !== Number(datasets)) throw new Error(`${sends} of ${datasets} datasets are to be sent`);
const planned: Planned = {
  ms,
  cpuMs: (user + system) / 1000,
  maxMiB: process.resourceUsage().maxRSS / 1024,
  textMiB:
    [listings.a, listings.b].flatMap(Object.values<string>).reduce((sum, { length }) => sum + length, 0) /
    1024 ** 2,
};
process.stdout.write(JSON.stringify(planned));

function read(host: string): Listing {
  const text = (what: string): string => readFileSync(join(folder, `${host}-${what}`), 'latin1');
  return { datasets: text('datasets'), points: text('points') };
}
