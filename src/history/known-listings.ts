import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KnownListings } from '../engine/world.ts';
import type { KnownDataset, KnownListing } from '../plan/known-listing.ts';
import { parseShortName } from '../zfs/dataset-name.ts';
import { parseGuid } from '../zfs/guid.ts';
import type { Point } from '../zfs/snapshot.ts';

/** Counts up when what is in the files changes; others are not read. */
const format = 2;

type Kept = KnownListing | 'not told';

/**
 * Keeps what runs have seen of each side, a file for each, beside the history. What cannot be read is not known; a file is whole, or not there.
 * @param folder the state folder; made if it is not there
 * @param warn hears once where nothing can be kept
 */
export function knownListings(folder: string, warn: (message: string) => void): KnownListings {
  const own = join(folder, 'listings');
  const fileOf = (key: string): string =>
    join(own, `${createHash('sha256').update(key).digest('hex').slice(0, 32)}.json`);
  let told = false;
  const keep = (file: string, key: string, listing: Kept | undefined): void => {
    if (listing === undefined) {
      rmSync(file, { force: true });
      return;
    }
    mkdirSync(own, { recursive: true, mode: 0o750 });
    const half = `${file}.${process.pid}`;
    writeFileSync(half, JSON.stringify({ format, key, listing: packed(listing) }), { mode: 0o640 });
    renameSync(half, file);
  };
  const read = (key: string): Kept | undefined => {
    let text: string;
    try {
      text = readFileSync(fileOf(key), 'utf8');
    } catch {
      return undefined; // nothing is known yet
    }
    return parse(text, key);
  };
  return {
    read,
    write(key, listing) {
      // What a release does not tell, it does not tell after a change either.
      if (listing === undefined && read(key) === 'not told') return;
      try {
        keep(fileOf(key), key, listing);
      } catch (error) {
        if (told) return;
        told = true;
        const why = error instanceof Error ? error.message : String(error);
        warn(`what was listed is not kept in ${own} (${why}): the next run lists all of it again`);
      }
    },
  };
}

type PackedPoint = readonly ['@' | '#', name: string, guid: string, createtxg: number];
type Packed = {
  readonly fullAt: number;
  readonly datasets: readonly (readonly [
    guid: string,
    changed: number,
    origin: string | null,
    points: readonly PackedPoint[],
  ])[];
};

function packed(listing: Kept): Packed | 'not told' {
  if (listing === 'not told') return listing;
  const pack = ({ kind, name, guid, createtxg }: Point): PackedPoint => [
    kind === 'snapshot' ? '@' : '#',
    name,
    guid,
    createtxg,
  ];
  const datasets = listing.datasets.map(
    ({ guid, changed, origin, points }) => [guid, changed, origin ?? null, points.map(pack)] as const,
  );
  return { fullAt: listing.fullAt, datasets };
}

function parse(text: string, key: string): Kept | undefined {
  try {
    const found = JSON.parse(text) as { format: number; key: string; listing: Packed | 'not told' };
    if (found.format !== format || found.key !== key) return undefined;
    const { listing } = found;
    if (listing === 'not told') return listing;
    return { fullAt: listing.fullAt, datasets: listing.datasets.map(unpacked) };
  } catch {
    return undefined; // cut off, or from something else
  }
}

/** @throws ZferryError for what is no GUID or name */
function unpacked([guid, changed, origin, points]: Packed['datasets'][number]): KnownDataset {
  return {
    guid: parseGuid(guid),
    changed,
    origin: origin ?? undefined,
    points: points.map(([sign, name, point, createtxg]) => ({
      kind: sign === '@' ? 'snapshot' : 'bookmark',
      name: parseShortName(name),
      guid: parseGuid(point),
      createtxg,
    })),
  };
}
