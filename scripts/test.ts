import { globSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ensureMachinePackages } from '../lab/machine-packages.ts';
import { prepareLab } from '../lab/prepare-lab.ts';
import { checks, runChecks } from './checks.ts';
import { checkVariant, fullRun, parsePart } from './full-run.ts';
import { say } from './say.ts';
import { type Tally, vitestRun } from './vitest-run.ts';

const usage = `npm test                          everything in its main form, on real OpenZFS 2.3
npm run test:quick                what needs no guest
npm run test:full [-- --part i/n] every variant; goes on where an earlier run of the same sources ended
npm run test:full -- test/scenarios/2*   the same, of these files only
npm run test:full -- --variant zfs-      the same, of the variants whose name begins so
npm test -- test/scenarios/01*    only these files, without the checks`;

const { values, positionals } = understood(() =>
  parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean' },
      full: { type: 'boolean' },
      part: { type: 'string' },
      variant: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  }),
);

if (values.help) process.stdout.write(`${usage}\n`);
else process.exitCode = await main();

async function main(): Promise<number> {
  const files = globSync(positionals.map((word) => (word.endsWith('.ts') ? word : `${word}*`)));
  if (positionals.length > 0 && files.length === 0) {
    say(`no test file fits ${positionals.join(' ')}`);
    return 2;
  }
  if ((values.part ?? values.variant) !== undefined && !values.full) {
    say('--part and --variant belong to the full run: npm run test:full -- --part 1/2');
    return 2;
  }
  if (values.full) {
    return close(
      await fullRun(
        understood(() => parsePart(values.part)),
        files,
        understood(() => checkVariant(values.variant)),
      ),
    );
  }
  if (files.length > 0) {
    await prepareLab('2.3', say);
    return close(await vitestRun(positionals));
  }
  const failedChecks = await runChecks();
  if (failedChecks.length > 0) say(`these checks failed: ${failedChecks.join(', ')}`);
  const checked: Tally = { passed: checks.length - failedChecks.length, failed: failedChecks.length };
  // Shells that quoting is tried with, among others.
  await ensureMachinePackages(say);
  const quick = await vitestRun(['--project', 'quick', '--project', 'sim']);
  if (values.quick) return close(add(checked, quick));
  await prepareLab('2.3', say);
  return close(add(checked, quick, await vitestRun(['--project', 'lab'])));
}

/** What was asked for, or one line that says why it is not understood. */
function understood<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    say(`${error instanceof Error ? error.message : String(error)}; see: npm test -- --help`);
    process.exit(2);
  }
}

function add(...tallies: readonly Tally[]): Tally {
  const sum = (pick: (tally: Tally) => number) => tallies.reduce((total, tally) => total + pick(tally), 0);
  return { passed: sum((tally) => tally.passed), failed: sum((tally) => tally.failed) };
}

/** The one line that everything ends with. */
function close({ passed, failed }: Tally): number {
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  return failed === 0 && passed > 0 ? 0 : 1;
}
