// Kept to syntax that an old Node can read, so that it can say what is missing.
import { existsSync, readFileSync } from 'node:fs';

const [major, minor] = process.versions.node.split('.').map(Number);
const root = new URL('../', import.meta.url);

if (!(major >= 26 || (major === 24 && minor >= 15))) {
  process.stderr.write(
    `zferry needs Node 24.15 or newer (24.x, or 26 and up); ${process.execPath} is ${process.versions.node}.\n` +
      'Install one, or in a clone run npm ci, which brings one along.\n',
  );
  process.exitCode = 1;
} else if (process.argv.length === 3 && process.argv[2] === '--version') {
  // Answered here: it is asked by scripts that wait for it.
  process.stdout.write(`zferry ${JSON.parse(readFileSync(new URL('package.json', root), 'utf8')).version}\n`);
} else {
  // A clone runs its sources; the package brings them compiled.
  const source = new URL('src/cli/main.ts', root);
  const { main } = await import(existsSync(source) ? source : new URL('dist/cli/main.js', root));
  await main(process.argv.slice(2));
}
