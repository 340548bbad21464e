import { startPair } from './lab-pair.ts';
import { say } from './say.ts';
import { bareStream, type Measured, type Way, zferryStream } from './stream-runs.ts';
import { median, percent, table } from './table.ts';

export type StreamsOptions = { readonly mib: number; readonly rounds: number };

/** One large stream, by zferry and by the bare commands, in turns. */
export async function benchStreams({ mib, rounds }: StreamsOptions): Promise<string> {
  await using lab = await startPair(Math.ceil((mib * 3) / 1024) + 1);
  const { a } = lab.hosts;
  await a.zfs('create', 'src/data');
  say(`${mib} MiB of random bytes`);
  await a.exec(`head -c ${mib}M /dev/urandom > /src/data/file && zfs snapshot src/data@1 && zpool sync src`);

  const contenders: readonly (readonly [name: string, run: typeof bareStream, way: Way, against: string])[] =
    [
      ['bare, through here', bareStream, 'through here', 'bare, through here'],
      ['bare, with our cipher', bareStream, 'our cipher', 'bare, through here'],
      ['zferry, through here', zferryStream, 'through here', 'bare, with our cipher'],
      ['bare, direct', bareStream, 'direct', 'bare, direct'],
      ['zferry, direct', zferryStream, 'direct', 'bare, direct'],
    ];
  const results = new Map<string, Measured[]>();
  for (let round = 1; round <= rounds; round++) {
    for (const [name, run, way] of contenders) {
      const measured = await run(lab, way, mib * 1024 ** 2);
      say(`round ${round}: ${name}: ${measured.seconds.toFixed(1)} s`);
      results.set(name, [...(results.get(name) ?? []), measured]);
    }
  }

  const medians = (name: string, pick: (one: Measured) => number): number =>
    median((results.get(name) ?? []).map(pick));
  const rows = contenders.map(([name, run, , against]) => {
    const rate = medians(name, (one) => one.rate);
    const [first] = results.get(name) ?? [];
    return [
      name,
      `${(rate / 1024 ** 2).toFixed(1)} MiB/s`,
      `${(rate / medians(against, (one) => one.rate)).toFixed(3)} of "${against}"`,
      `${medians(name, ({ seconds }) => seconds).toFixed(1)} s`,
      run === bareStream ? '-' : percent(medians(name, ({ cpu }) => cpu)),
      `${first?.commands.a ?? 0}`,
      `${first?.commands.b ?? 0}`,
    ];
  });
  const head = ['', 'rate', 'ratio', 'whole run', 'core used by us', 'commands on a', 'on b'];
  return `One stream of ${mib} MiB, median of ${rounds}; the rate is that of the transfer, the time that of the whole run. Goal: 0.98 of bare, less than 1 % of a core.\n\n${table([head, ...rows])}`;
}
