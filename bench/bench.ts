import { parseArgs } from 'node:util';
import { benchLag } from './lag.ts';
import { benchPlanning } from './planning.ts';
import { benchStart } from './start.ts';
import { benchStreams } from './streams.ts';
import { benchTrees } from './trees.ts';

const usage = `npm run bench -- trees       many small datasets: first copy, nothing to do, one small increment in each
npm run bench -- streams     one large stream
npm run bench -- lag         one dataset that is written to all the time, with --every 1s
npm run bench -- planning    10,000 datasets with 100 snapshots each, from what ZFS printed to the plan
npm run bench -- start       zferry --version

  --rounds N      how often each is measured, in turns; the median counts (default 3)
  --datasets N    of trees (100) or planning (10000)
  --snapshots N   of each dataset, of planning (100)
  --seconds N     of lag (180)
  --far LIST      of trees: send increments over longer distances, too; round trips in milliseconds, such as 25,50,100
  --mib N         of streams (1024)

In trees and streams two emulated hosts run OpenZFS, over real ssh. Take nothing from single figures: only ratios of one run mean
something. Where ZFERRY_SYNCOID or ZFERRY_BZFS names a copy of that tool, trees measures it as well.`;

const { values, positionals } = words();

function words() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        rounds: { type: 'string', default: '3' },
        datasets: { type: 'string' },
        snapshots: { type: 'string', default: '100' },
        far: { type: 'string' },
        seconds: { type: 'string', default: '180' },
        mib: { type: 'string', default: '1024' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
    process.exit(2);
  }
}

const rounds = whole('--rounds', values.rounds);

const benches: Readonly<Record<string, () => Promise<string>>> = {
  trees: () =>
    benchTrees({
      datasets: whole('--datasets', values.datasets ?? '100'),
      rounds,
      roundTrips: (values.far?.split(',') ?? []).map((ms) => whole('--far', ms)),
    }),
  streams: () => benchStreams({ mib: whole('--mib', values.mib), rounds }),
  planning: () =>
    benchPlanning({
      datasets: whole('--datasets', values.datasets ?? '10000'),
      snapshots: whole('--snapshots', values.snapshots),
      rounds,
    }),
  lag: () => benchLag(whole('--seconds', values.seconds)),
  start: () => benchStart(Math.max(rounds, 11)),
};
const bench = benches[positionals[0] ?? ''];

if (!values.help && bench === undefined && positionals[0] !== undefined)
  console.error(`no bench "${positionals[0]}"\n`);
if (values.help || bench === undefined) {
  (values.help ? console.log : console.error)(usage);
  process.exitCode = values.help ? 0 : 2;
} else {
  console.log(await bench());
}

function whole(option: string, text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  console.error(`${option} takes whole numbers, 1 or more\n\n${usage}`);
  process.exit(2);
}
