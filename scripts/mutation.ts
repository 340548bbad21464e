import { parseArgs } from 'node:util';
import { runTool } from './run-tool.ts';
import { say } from './say.ts';

const usage = `npm run mutation                    breaks src/zfs and src/plan in thousands of ways, and tells what no test noticed
npm run mutation -- zfs             only that folder
npm run mutation -- plan base.ts    only that file of it`;

const folders = ['zfs', 'plan'];
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { help: { type: 'boolean', short: 'h' }, concurrency: { type: 'string', default: '2' } },
});
const [wanted, ...files] = positionals;

if (values.help || (wanted !== undefined && !folders.includes(wanted))) {
  process.stdout.write(`${usage}\n`);
  process.exitCode = values.help ? 0 : 2;
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
