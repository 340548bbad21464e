import type { DatasetName } from '../src/zfs/dataset-name.ts';
import { printedDataset } from '../src/zfs/testing.ts';

type Size = { readonly datasets: number; readonly snapshots: number; readonly copyOf?: DatasetName };

/** What ZFS prints of a tree of many datasets. */
export type Listing = { readonly datasets: string; readonly points: string };

/** @param copyOf makes it a replica of that tree */
export function listingOf(root: DatasetName, { datasets, snapshots, copyOf }: Size): Listing {
  const names = Array.from({ length: datasets }, (_, i) => pathOf(root, i)).sort();
  const guidOf = (i: number): bigint => 2n ** 62n + BigInt(i);
  const rows = names.map((name, i) =>
    printedDataset({
      name,
      guid: String(guidOf(i) + (copyOf === undefined ? 0n : 2n ** 61n)),
      ...(copyOf === undefined
        ? {}
        : {
            readonly: 'on',
            'zferry:id': ['ab12cd', name === root ? 'local' : `inherited from ${root}`],
            'zferry:source': [String(guidOf(i)), 'local'],
          }),
    }),
  );
  const points = names.map((name, i) =>
    Array.from({ length: snapshots }, (_, s) => {
      const made = new Date(Date.UTC(2025, 0, 1) + s * 3_600_000).toISOString().slice(0, 13);
      return `${name}@auto_${made}\t${2n ** 60n + BigInt(i) * 100_000n + BigInt(s)}\t${100 + s}\n`;
    }).join(''),
  );
  return { datasets: rows.join(''), points: points.join('') };
}

/** Answers the commands that list such a tree. */
export function answerFrom(
  { datasets, points }: Listing,
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
    if (line.includes('-t snapshot,bookmark')) return points;
    return line.endsWith(` ${root}`) ? datasets : '';
  };
}

/** A hundred right below the top, the rest below those. */
function pathOf(root: DatasetName, i: number): string {
  if (i === 0) return root;
  return i <= 100 ? `${root}/team${i}` : `${root}/team${(i % 100) + 1}/home${i}`;
}
