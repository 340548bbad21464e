import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runTool } from './run-tool.ts';

export type Tally = { readonly passed: number; readonly failed: number };

/**
 * Runs tests and counts them. A run that broke before its tests could be counted is one that failed, and so is one
 * without a test.
 */
export async function vitestRun(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), 'zferry-tests-'));
  const file = join(folder, 'result.json');
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const code = await runTool('vitest', ['run', ...reporters, ...args], env);
    const counted = readTally(file);
    if (counted.passed + counted.failed === 0) return { passed: 0, failed: 1 };
    return code !== 0 && counted.failed === 0 ? { ...counted, failed: 1 } : counted;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readTally(file: string): Tally {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return { passed: 0, failed: 0 }; // it ended before it could write
  }
  const result = JSON.parse(text) as { numPassedTests: number; numFailedTests: number };
  return { passed: result.numPassedTests, failed: result.numFailedTests };
}
