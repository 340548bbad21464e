import { requestOf } from '../sim/process.ts';
import { prepareSync } from '../src/engine/prepare-sync.ts';
import type { World } from '../src/engine/world.ts';
import type { Batch, BatchResult, Hosts } from '../src/host/hosts.ts';
import { parseDatasetName } from '../src/zfs/dataset-name.ts';
import { listingOf } from './listings.ts';

export type Planned = {
  readonly ms: number;
  readonly cpuMs: number;
  readonly maxMiB: number;
  readonly textMiB: number;
};

const [datasets, snapshots] = process.argv.slice(2).map(Number);
const [from, to] = [parseDatasetName('tank/data'), parseDatasetName('backup/data')];
const sides = {
  a: listingOf(from, { datasets: datasets ?? 0, snapshots: snapshots ?? 0 }),
  // The newest one of each is yet to come.
  b: listingOf(to, { datasets: datasets ?? 0, snapshots: (snapshots ?? 0) - 1, copyOf: from }),
};

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
if (sends !== datasets) throw new Error(`${sends} of ${datasets} datasets are to be sent`);
const planned: Planned = {
  ms,
  cpuMs: (user + system) / 1000,
  maxMiB: process.resourceUsage().maxRSS / 1024,
  textMiB: (sides.a.bytes + sides.b.bytes) / 1024 ** 2,
};
process.stdout.write(JSON.stringify(planned));
