import { parseArgs } from 'node:util';
import { runTool } from './run-tool.ts';
import { say } from './say.ts';

const usage = `npm run mutation                    breaks src/zfs and src/plan in thousands of ways, and tells what no test noticed
npm run mutation -- zfs             only that folder
npm run mutation -- plan base.ts    only that file of it
  --concurrency N                   how many at once (2)

A folder takes half an hour and more with nothing else going on.`;

const folders = ['zfs', 'plan'];
const { values, positionals } = words();
const [wanted, ...files] = positionals;

function words() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { help: { type: 'boolean', short: 'h' }, concurrency: { type: 'string', default: '2' } },
    });
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

function refuse(why: string): never {
  process.stderr.write(`${why}\n\n${usage}\n`);
  process.exit(2);
}

if (wanted !== undefined && !folders.includes(wanted))
  refuse(`no folder "${wanted}": ${folders.join(' or ')}`);
if (values.help) {
  process.stdout.write(`${usage}\n`);
} else {
  for (const folder of wanted === undefined ? folders : [wanted]) {
    say(`breaking src/${folder}`);
    process.env['ZFERRY_MUTATED'] = folder;
    const chosen =
      files.length > 0 ? files.map((file) => `src/${folder}/${file}`) : [`src/${folder}/**/*.ts`];
    const left = files.length > 0 ? [] : [`!src/${folder}/**/*.test.ts`, `!src/${folder}/testing.ts`];
    const options = {
      mutate: [...chosen, ...left].join(','),
      concurrency: values.concurrency,
      // What has not changed since is not tried again.
      incrementalFile: `node_modules/.cache/zferry/mutation-${folder}.json`,
      tempDirName: `.mutation/${folder}`,
    };
    const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
    if ((await runTool('stryker', ['run', ...args])) !== 0) process.exitCode = 1;
  }
}
