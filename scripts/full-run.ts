import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepareLab } from '../lab/prepare-lab.ts';
import { type ZfsVersion, zfsVersions } from '../lab/recipe.ts';
import { variants } from '../test/variants.ts';
import { say } from './say.ts';
import { type Tally, vitestRun } from './vitest-run.ts';

export type Part = { readonly index: number; readonly of: number };

type Unit = { readonly file: string; readonly variant: string };
type Done = Tally & { readonly seconds: number };

const root = fileURLToPath(new URL('..', import.meta.url));

/** `2/3` is the second of three. @throws Error with a sentence for anything else */
export function parsePart(text: string | undefined): Part {
  if (text === undefined) return { index: 1, of: 1 };
  const [, index = 0, of = 0] = (/^([1-9]\d?)\/([1-9]\d?)$/.exec(text) ?? []).map(Number);
  if (index === 0 || index > of) throw new Error(`--part takes i/n, for instance 1/2; "${text}" is not that`);
  return { index, of };
}

/** @throws Error with the names that there are */
export function checkVariant(start = ''): string {
  const names = Object.keys(variants);
  if (names.some((name) => name.startsWith(start))) return start;
  throw new Error(`--variant takes the beginning of one of ${names.join(', ')}; "${start}" is not that`);
}

/**
 * Every test file that needs guests, in every variant. What passed is noted by the contents of the sources, so that a run that was
 * ended goes on where it was, and one after a change begins anew. Ends with a table.
 * @param files only these; none: all
 * @param variant only those whose name begins so
 */
export async function fullRun(part: Part, files: readonly string[] = [], variant = ''): Promise<Tally> {
  const notes = `${root}/node_modules/.cache/zferry/full-${sourcesKey()}.json`;
  const done = readNotes(notes);
  const wanted = allUnits()
    .filter((unit) => files.length === 0 || files.includes(unit.file))
    .filter((unit) => unit.variant.startsWith(variant));
  const mine = wanted.filter((_, i) => i % part.of === part.index - 1);
  say(
    `part ${part.index} of ${part.of}: ${mine.length} units, ${mine.filter((unit) => done[keyOf(unit)]).length} of them passed before`,
  );
  // A test has no time to build an image.
  for (const version of releasesOf(mine)) await prepareLab(version, say);
  for (const unit of mine) {
    if (done[keyOf(unit)]?.failed === 0) continue;
    say(`${unit.file}, ${unit.variant}`);
    const started = Date.now();
    const tally = await vitestRun(['--project', 'lab', unit.file], {
      ZFERRY_VARIANT: unit.variant,
      ZFERRY_FULL: '1',
    });
    done[keyOf(unit)] = { ...tally, seconds: Math.round((Date.now() - started) / 1000) };
    mkdirSync(dirname(notes), { recursive: true });
    writeFileSync(notes, JSON.stringify(done, null, 1));
  }
  process.stdout.write(table(mine, done));
  const results = mine.map((unit) => done[keyOf(unit)] ?? { passed: 0, failed: 1 });
  return {
    passed: results.reduce((sum, one) => sum + one.passed, 0),
    failed: results.reduce((sum, one) => sum + one.failed, 0),
  };
}

/** The releases of OpenZFS that they run; the lab's own tests run all. */
function releasesOf(units: readonly Unit[]): ReadonlySet<ZfsVersion> {
  const ofScenarios = units.flatMap(({ variant }) => Object.values(variants[variant]?.zfs ?? {}));
  const ofLab = units.some(({ file }) => file.startsWith('test/lab/')) ? zfsVersions : [];
  return new Set([...ofScenarios, ...ofLab]);
}

function allUnits(): Unit[] {
  const scenarios = globSync('test/scenarios/*.test.ts', { cwd: root }).sort();
  const lab = globSync('test/lab/*.test.ts', { cwd: root }).sort();
  return [
    ...lab.map((file) => ({ file, variant: 'main' })),
    ...Object.entries(variants).flatMap(([variant, { files = [''] }]) =>
      scenarios
        .filter((file) => files.some((start) => basename(file).startsWith(start)))
        .map((file) => ({ file, variant })),
    ),
  ];
}

function table(units: readonly Unit[], done: Readonly<Record<string, Done>>): string {
  const rows = units.map((unit) => {
    const { passed, failed, seconds } = done[keyOf(unit)] ?? { passed: 0, failed: 1, seconds: 0 };
    const verdict = failed === 0 ? 'passed' : 'FAILED';
    return `${verdict}  ${String(passed).padStart(3)} passed ${String(failed).padStart(3)} failed ${String(seconds).padStart(5)} s  ${unit.variant.padEnd(14)} ${unit.file}`;
  });
  return `\n${rows.join('\n')}\n`;
}

function keyOf({ file, variant }: Unit): string {
  return `${variant} ${file}`;
}

function readNotes(file: string): Record<string, Done> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, Done>;
  } catch {
    return {}; // the first run of these sources
  }
}

/** Changes with any tracked or new file. */
function sourcesKey(): string {
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 });
  const files = git('ls-files', '-z', '--cached', '--others', '--exclude-standard')
    .split('\0')
    .filter(Boolean);
  const hash = createHash('sha256');
  for (const file of files.filter((name) => !name.endsWith('.md'))) {
    hash.update(`${file}\0`).update(readFileSync(`${root}/${file}`));
  }
  return hash.digest('hex').slice(0, 16);
}
