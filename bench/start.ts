import { run, zferry } from './lab-pair.ts';
import { median, table } from './table.ts';

/** How long it takes until zferry has said its version: what each command begins with. */
export async function benchStart(rounds: number): Promise<string> {
  const [ours, bare]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    ours.push((await zferry(['--version'])).seconds);
    bare.push((await run(process.execPath, ['-e', '0'])).seconds);
  }
  const ms = (all: readonly number[]): string => `${Math.round(median(all) * 1000)} ms`;
  return `From the start to the end, median of ${rounds}.\n\n${table([
    ['', 'time', 'goal'],
    ['zferry --version', ms(ours), '80 ms at most'],
    ['node that does nothing', ms(bare), ''],
  ])}`;
}
