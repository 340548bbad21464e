import { describe, expect, test } from 'vitest';
import type { KnownListing } from '../plan/known-listing.ts';
import { parseDatasetName } from '../zfs/dataset-name.ts';
import { printedDataset } from '../zfs/testing.ts';
import { listSide } from './list-side.ts';
import { scriptedWorld } from './testing.ts';

const place = { host: 'b', dataset: parseDatasetName('n/c') };
const names = ['n/c', 'n/c/a', 'n/c/b', 'n/c/d', 'n/c/e'];

/** A tree of five whose snapshots have changed at these times, on a host whose clock says 9000. */
function tree(changed: readonly number[], kept?: KnownListing | 'not told', knows = true) {
  const store = new Map<string, KnownListing | 'not told' | undefined>([['tree b:n/c', kept]]);
  const known = {
    read: (key: string) => store.get(key),
    write: (key: string, listing: KnownListing | 'not told' | undefined) => void store.set(key, listing),
  };
  const { world, commands } = scriptedWorld({
    answer: (line) => {
      if (line === 'date +%s') return { stdout: '9000\n' };
      if (line === 'zfs version') return { stdout: knows ? 'zfs-2.3.9-1\n' : 'zfs-2.1.11-1\n' };
      if (line.startsWith('zpool get')) return { stdout: 'guid\t42\n' };
      if (line.startsWith('zfs get') && line.includes('snapshots_changed') && !knows)
        return { status: 2, stderr: "bad property list: invalid property 'snapshots_changed'\n" };
      if (line.startsWith('zfs get') && line.endsWith(' n/c'))
        return {
          stdout: names
            .map((name, i) => {
              const row = printedDataset({ name, guid: String(i + 1) });
              return line.includes('snapshots_changed') ? `${row}snapshots_changed\t${changed[i]}\t-\n` : row;
            })
            .join(''),
        };
      if (!line.includes('-t snapshot,bookmark')) return {};
      const asked = line.includes(' -r ') ? names : names.filter((name) => line.split(' ').includes(name));
      return { stdout: asked.map((name) => `${name}@s\t${names.indexOf(name) + 100}\t5\n`).join('') };
    },
  });
  const list = () => listSide(world.hosts, place, 'target', { depth: 'tree', known });
  const histories = () => commands.filter((line) => line.includes('-t snapshot,bookmark'));
  return { list, histories, commands, kept: () => store.get('tree b:n/c') };
}

async function seen(): Promise<KnownListing> {
  const { list, kept } = tree([1, 2, 3, 4, 5]);
  const side = await list();
  expect(side.remembered).toBe(false);
  const listing = kept();
  if (typeof listing !== 'object') throw new Error('nothing was kept');
  return listing;
}

describe('what was seen before', () => {
  test('is not listed again where nothing has changed', async () => {
    const { list, histories } = tree([1, 2, 3, 4, 5], await seen());
    const side = await list();
    expect(histories()).toEqual([]);
    expect(side.remembered).toBe(true);
    expect(side.datasets.map(({ snapshots }) => snapshots.map(({ guid }) => guid))).toEqual(
      names.map((_, i) => [String(100 + i)]),
    );
  });

  test('is listed again where it has changed, and nothing else', async () => {
    const { list, histories, kept } = tree([1, 20, 3, 4, 5], await seen());
    await list();
    expect(histories()).toEqual(['zfs list -Hp -d 1 -t snapshot,bookmark -o name,guid,createtxg n/c/a']);
    expect(kept()).toMatchObject({ fullAt: 9000, datasets: { length: 5 } });
  });

  test('is listed again as a whole where most of it has changed', async () => {
    const { list, histories } = tree([10, 20, 30, 4, 5], await seen());
    expect(await list()).toMatchObject({ remembered: false });
    expect(histories()).toEqual(['zfs list -Hp -r -t snapshot,bookmark -o name,guid,createtxg n/c']);
  });
});

test('a release that does not tell is asked once', async () => {
  const { list, commands, kept } = tree([], undefined, false);
  const side = await list();
  expect(side.datasets).toHaveLength(5);
  expect(kept()).toBe('not told');
  const asking = (): number => commands.filter((line) => line.includes('snapshots_changed')).length;
  expect(asking()).toBe(1);
  await list();
  expect(asking()).toBe(1);
});

test('where it has got a newer release since, it is asked again', async () => {
  const { list, commands, kept } = tree([1, 2, 3, 4, 5], 'not told');
  await list();
  expect(commands.filter((line) => line.includes('snapshots_changed'))).toEqual([]);
  await list();
  expect(kept()).toMatchObject({ fullAt: 9000, datasets: { length: 5 } });
});
