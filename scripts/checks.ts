import { runTool } from './run-tool.ts';

export type Check = { readonly name: string; readonly tool: string; readonly args: readonly string[] };

/** What is held to be true of the sources without running them. */
export const checks: readonly Check[] = [
  { name: 'types', tool: 'tsc', args: ['--noEmit', '-p', '.'] },
  {
    name: 'lint',
    tool: 'oxlint',
    args: ['--type-aware', '--quiet', 'src', 'lab', 'sim', 'test', 'demo', 'bench', 'scripts'],
  },
  { name: 'format', tool: 'biome', args: ['check', '--diagnostic-level=error', '.'] },
  { name: 'unused', tool: 'knip', args: ['--no-progress'] },
];

/** Names of the checks that failed. */
export async function runChecks(): Promise<string[]> {
  const failed: string[] = [];
  for (const { name, tool, args } of checks) {
    if ((await runTool(tool, args)) !== 0) failed.push(name);
  }
  return failed;
}
