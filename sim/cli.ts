import { parseArgs } from 'node:util';
import { shorten } from './shorten.ts';
import { type Story, storyOf, tell } from './story.ts';

const usage = `npm run sim -- --seeds 1000           tells that many stories, from seed 1 or --first N
npm run sim -- --minutes 10           tells stories for so long
npm run sim -- --seed 42              tells one, line by line
  --keep-going                        does not stop at the first that ends badly
`;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    minutes: { type: 'string' },
    seed: { type: 'string' },
    first: { type: 'string', default: '1' },
    'keep-going': { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h' },
  },
});

if (values.help) process.stdout.write(usage);
else if (values.seed !== undefined) await one(storyOf(Number(values.seed)));
else await many();

async function one(story: Story): Promise<void> {
  const { wrong, lines } = await tell(story);
  process.stdout.write(`${[...lines, ...wrong.map((what) => `WRONG: ${what}`)].join('\n')}\n`);
  process.exitCode = wrong.length > 0 ? 1 : 0;
}

async function many(): Promise<void> {
  const started = performance.now();
  const first = Number(values.first);
  const end =
    values.minutes === undefined ? first + Number(values.seeds ?? '1000') : Number.POSITIVE_INFINITY;
  const until = values.minutes === undefined ? Number.POSITIVE_INFINITY : Number(values.minutes) * 60_000;
  const bad: number[] = [];
  let runs = 0;
  let seed = first;
  for (; seed < end && performance.now() - started < until; seed++) {
    const told = await tell(storyOf(seed));
    runs += told.runs;
    if (told.wrong.length === 0) continue;
    bad.push(seed);
    process.stdout.write(`seed ${seed}: ${told.wrong[0]}\n`);
    if (values['keep-going']) continue;
    process.stdout.write('the same, as short as it can be told:\n');
    await one(await shorten(storyOf(seed)));
    break;
  }
  const seconds = (performance.now() - started) / 1000;
  const told = seed - first + (bad.length > 0 && !values['keep-going'] ? 1 : 0);
  process.stdout.write(
    `${told - bad.length} passed, ${bad.length} failed: ${told} stories of ${runs} runs in ${seconds.toFixed(1)} s, ${(told / seconds).toFixed(0)} stories a second\n`,
  );
  process.exitCode = bad.length > 0 ? 1 : 0;
}
