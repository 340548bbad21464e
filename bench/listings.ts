import type { DatasetName } from '../src/zfs/dataset-name.ts';
import { datasetColumns } from '../src/zfs/list-args.ts';

type Size = { readonly datasets: number; readonly snapshots: number; readonly copyOf?: DatasetName };

/** Answers the commands that list a tree of many datasets, as ZFS would. */
export type Listing = ((argv: readonly string[]) => string) & {
  /** Of what it prints of datasets, snapshots and properties together. */
  readonly bytes: number;
};

/** @param copyOf makes it a replica of that tree */
export function listingOf(root: DatasetName, { datasets, snapshots, copyOf }: Size): Listing {
  const names = Array.from({ length: datasets }, (_, i) => pathOf(root, i)).sort();
  const guidOf = (i: number): bigint => 2n ** 62n + BigInt(i);
  const rows = names.map((name, i) => {
    const values: Partial<Record<(typeof datasetColumns)[number], string | bigint>> = {
      name,
      type: 'filesystem',
      guid: guidOf(i) + (copyOf === undefined ? 0n : 2n ** 61n),
      createtxg: '10',
      mounted: 'no',
      readonly: copyOf === undefined ? 'off' : 'on',
      encryption: 'off',
      inconsistent: '0',
      keyguid: '0',
      pbkdf2salt: '0',
    };
    const numbers = new Set(['used', 'available', 'referenced']);
    return datasetColumns
      .map((column) => values[column] ?? (numbers.has(column) ? '1000000' : column === 'written' ? '0' : '-'))
      .join('\t');
  });
  const points = names.map((name, i) =>
    Array.from({ length: snapshots }, (_, s) => {
      const made = new Date(Date.UTC(2025, 0, 1) + s * 3_600_000).toISOString().slice(0, 13);
      return `${name}@auto_${made}\t${2n ** 60n + BigInt(i) * 100_000n + BigInt(s)}\t${100 + s}\n`;
    }).join(''),
  );
  const own = names.map((name, i) => {
    const id = name === root ? 'local' : `inherited from ${root}`;
    return `${name}\tzferry:id\tab12cd\t${id}\n${name}\tzferry:source\t${guidOf(i)}\tlocal\n`;
  });
  // Flat, as what comes from a process is.
  const flat = (text: string): string => Buffer.from(text).toString('latin1');
  const texts = {
    datasets: flat(`${rows.join('\n')}\n`),
    points: flat(points.join('')),
    own: copyOf === undefined ? '' : flat(own.join('')),
  };
  const answer = (argv: readonly string[]): string => {
    const line = argv.join(' ');
    if (line.startsWith('zfs version')) return 'zfs-2.3.9-1\nzfs-kmod-2.3.9-1\n';
    if (line.startsWith('zpool get'))
      return `guid\t${copyOf === undefined ? 1 : 2}\nhealth\tONLINE\nreadonly\toff\n`;
    if (line.includes('-o name,written,referenced'))
      return argv
        .slice(7)
        .map((name) => `${name}\t1000\t1000000\n`)
        .join('');
    if (line.startsWith('zfs get')) return texts.own;
    if (line.includes('-t snapshot,bookmark')) return texts.points;
    return line.endsWith(` ${root}`) ? texts.datasets : '';
  };
  const bytes = Object.values(texts).reduce((sum, { length }) => sum + length, 0);
  return Object.assign(answer, { bytes });
}

/** A hundred right below the top, the rest below those. */
function pathOf(root: DatasetName, i: number): string {
  if (i === 0) return root;
  return i <= 100 ? `${root}/team${i}` : `${root}/team${(i % 100) + 1}/home${i}`;
}
