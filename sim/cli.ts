import { parseArgs } from 'node:util';
import { shorten } from './shorten.ts';
import { type Story, storyOf, tell } from './story.ts';

const usage = `npm run sim -- --seeds 1000           tells that many stories (1000)
npm run sim -- --minutes 10           tells stories for so long
npm run sim -- --seed 42              tells one, line by line
  --first N                           the seed to begin with (1)
  --keep-going                        does not stop at the first that ends badly
Ends with 0 where all ended well, with 1 where one did not, and with 2 where it was called wrongly. What to make of a story: sim/README.md.
`;

const options = {
  seeds: { type: 'string' },
  minutes: { type: 'string' },
  seed: { type: 'string' },
  first: { type: 'string' },
  'keep-going': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h' },
} as const;

function wordsOf(): Partial<Record<keyof typeof options, string | boolean>> {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

/** @param least what it may be at least */
function whole(name: keyof typeof options, usual: number, least = 1): number {
  const text = values[name];
  if (text === undefined) return usual;
  const number = Number(text);
  if (/^\d{1,15}$/.test(String(text)) && number >= least) return number;
  return refuse(`--${name} takes a whole number, ${least} or more, and not "${text}"`);
}

function refuse(why: string): never {
  process.stderr.write(`${why}\n\n${usage}`);
  process.exit(2);
}

const values = wordsOf();
const [seeds, first] = [whole('seeds', 1000), whole('first', 1, 0)];
if ([values.seed, values.seeds, values.minutes].filter((one) => one !== undefined).length > 1)
  refuse('--seed, --seeds and --minutes say how many stories: give one of them');
// Who reads may have seen enough.
process.stdout.on('error', () => process.exit());
const minutes = values.minutes === undefined ? undefined : whole('minutes', 1);

if (values.help === true) process.stdout.write(usage);
else if (values.seed !== undefined) await one(storyOf(whole('seed', 0, 0)));
else await many();

async function one(story: Story): Promise<void> {
  const { wrong, lines } = await tell(story);
  const ending = wrong.length > 0 ? wrong.map((what) => `WRONG: ${what}`) : ['all that must hold has held'];
  process.stdout.write(`${[...lines, ...ending].join('\n')}\n`);
  process.exitCode = wrong.length > 0 ? 1 : 0;
}

async function many(): Promise<void> {
  const started = performance.now();
  const end = minutes === undefined ? first + seeds : Number.POSITIVE_INFINITY;
  const until = minutes === undefined ? Number.POSITIVE_INFINITY : minutes * 60_000;
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
    process.stdout.write(
      `the whole of it: npm run sim -- --seed ${seed}; a short one that ends badly, too:\n`,
    );
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
