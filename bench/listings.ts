import type { DatasetName } from '../src/zfs/dataset-name.ts';
import { datasetColumns } from '../src/zfs/list-args.ts';

type Size = { readonly datasets: number; readonly snapshots: number; readonly copyOf?: DatasetName };

/** What ZFS prints of a tree of many datasets. */
export type Listing = { readonly datasets: string; readonly points: string; readonly own: string };

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
  return {
    datasets: `${rows.join('\n')}\n`,
    points: points.join(''),
    own: copyOf === undefined ? '' : own.join(''),
  };
}

/** Answers the commands that list such a tree. */
export function answerFrom(
  { datasets, points, own }: Listing,
  root: DatasetName,
): (argv: readonly string[]) => string {
  return (argv) => {
    const line = argv.join(' ');
    if (line.startsWith('zfs version')) return 'zfs-2.3.9-1\nzfs-kmod-2.3.9-1\n';
    if (line.startsWith('zpool get')) return `guid\t${root.length}\nhealth\tONLINE\nreadonly\toff\n`;
    if (line.includes('-o name,written,referenced'))
      return argv
        .filter((word) => word.includes('@'))
        .map((name) => `${name}\t1000\t1000000\n`)
        .join('');
    if (line.startsWith('zfs get')) return own;
    if (line.includes('-t snapshot,bookmark')) return points;
    return line.endsWith(` ${root}`) ? datasets : '';
  };
}

/** A hundred right below the top, the rest below those. */
function pathOf(root: DatasetName, i: number): string {
  if (i === 0) return root;
  return i <= 100 ? `${root}/team${i}` : `${root}/team${(i % 100) + 1}/home${i}`;
}
