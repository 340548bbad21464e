import { parseArgs } from 'node:util';
import { hosts } from '../lab/hosts.ts';
import { bareStream, type Measured, type Way, zferryStream } from './streams.ts';
import { median, percent, table } from './table.ts';

const usage = `npm run bench                     one large stream, by zferry and by the bare commands, in turns
npm run bench -- --mib 256 --rounds 1   quicker

Two emulated hosts run OpenZFS; the streams go over real ssh. Take nothing from single figures: only ratios of one run mean something.`;

const { values } = parseArgs({
  options: {
    mib: { type: 'string', default: '1024' },
    rounds: { type: 'string', default: '3' },
    help: { type: 'boolean', short: 'h' },
  },
});
const [mib, rounds] = [Number(values.mib), Number(values.rounds)];

if (values.help) {
  console.log(usage);
  process.exit();
}
if (!Number.isInteger(mib) || mib < 1 || !Number.isInteger(rounds) || rounds < 1) {
  console.error(`--mib and --rounds take whole numbers\n\n${usage}`);
  process.exit(2);
}

const say = (text: string): void => void process.stderr.write(`bench: ${text}\n`);
await using lab = await hosts(['a', 'b'], { say, diskGiB: Math.ceil((mib * 3) / 1024) + 1 });
const { a, b } = lab.hosts;
await a.zpool('create', 'src', '/dev/disk/by-id/virtio-disk0');
await b.zpool('create', 'dst', '/dev/disk/by-id/virtio-disk1');
await a.zfs('create', 'src/data');
say(`${mib} MiB of random bytes`);
await a.exec(`head -c ${mib}M /dev/urandom > /src/data/file && zfs snapshot src/data@1 && zpool sync src`);

const contenders: readonly (readonly [name: string, run: typeof bareStream, way: Way, against: string])[] = [
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
console.log(
  `One stream of ${mib} MiB, median of ${rounds}; the rate is that of the transfer, the time that of the whole run.\n`,
);
console.log(table([['', 'rate', 'ratio', 'whole run', 'core used by us', 'commands on a', 'on b'], ...rows]));
