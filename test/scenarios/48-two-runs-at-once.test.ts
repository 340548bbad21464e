import { expect } from 'vitest';
import { scenario } from '../world/scenario.ts';

scenario(
  'a second run during a first copy says so, exits 5, and harms nothing',
  async ({ source, target, zferry }) => {
    await source.zfs('create', 'src/data');
    await source.sh('head -c 30000000 /dev/urandom > /src/data/file && sync');
    const first = zferry('sync', '{source}src/data', '{target}dst/copy');
    await target.sh(
      'for i in $(seq 300); do zfs list dst/copy >/dev/null 2>&1 && exit 0; sleep 0.1; done; exit 1',
    );

    const second = await zferry('sync', '{source}src/data', '{target}dst/copy');
    expect(second.err).toContain('a first copy is being received into dst/copy right now');
    expect(second.code).toBe(5);

    expect(await first).toMatchObject({ code: 0 });
    expect(await target.history('dst/copy')).toEqual(await source.history('src/data'));
  },
);
