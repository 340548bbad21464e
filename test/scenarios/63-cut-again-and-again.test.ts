import { expect } from 'vitest';
import { isFull } from '../variants.ts';
import { scenario } from '../world/scenario.ts';

const datasets = isFull ? 12 : 2;
const megabytes = isFull ? 20 : 2;
/** Bytes after which every receive is cut. */
const cut = 300_000;

scenario(
  `a tree of ${datasets} datasets and ${megabytes} MB arrives although each receive is cut`,
  { minutes: 10 },
  async (world) => {
    const { source, target, sync } = world;
    const bytes = Math.round((megabytes * 1_000_000) / datasets);
    const names = ['tree', ...Array.from({ length: datasets - 1 }, (_, i) => `tree/d${i}`)];
    await source.sh(
      `set -e\n${names.map((name) => `zfs create src/${name}; head -c ${bytes} /dev/urandom > /src/${name}/file`).join('\n')}\nsync`,
    );
    await target.sh('rm -f /root/sent');
    await target.intercept(
      'receive',
      `head -c ${cut} > /root/part.$$; wc -c < /root/part.$$ >> /root/sent
real "$@" < /root/part.$$; status=$?
rm /root/part.$$; exit $status`,
    );

    const run = await sync('src/tree', 'dst/tree', '-r');

    expect(run.code, run.err).toBe(0);
    for (const name of names) {
      expect(await target.history(`dst/${name}`)).toEqual(await source.history(`src/${name}`));
    }
    const parts = (await target.sh('cat /root/sent')).trim().split('\n').map(Number);
    const sent = parts.reduce((sum, part) => sum + part, 0);
    console.log(`${sent} bytes in ${parts.length} receives for ${bytes * datasets} bytes of data`);
    expect(parts.length).toBeGreaterThan((bytes * datasets) / cut);
    // ZFS goes on at the beginning of the last block that it has whole, here 128 KiB: of each part, less than half comes twice.
    expect(sent).toBeLessThan(bytes * datasets * 2.4);
    expect(await source.holds()).toEqual([]);
    expect(
      (await target.zfs('get', '-Hr', '-o', 'value', 'receive_resume_token', 'dst')).match(/1-/g),
    ).toBeNull();
  },
);
