import { expect } from 'vitest';
import type { World } from './scenario.ts';

/** src/data on dst/copy up to `base`, and the first half of the increment to `next`, of three megabytes, cut off. */
export async function interrupted(
  { source, target, sync }: World,
  base: string,
  next: string,
): Promise<void> {
  await source.zfs('create', 'src/data');
  await source.zfs('snapshot', `src/data@${base}`);
  expect(await sync('src/data', 'dst/copy', '--no-snapshot')).toMatchObject({ code: 0 });
  await source.sh('head -c 3000000 /dev/urandom > /src/data/file && sync');
  await source.zfs('snapshot', `src/data@${next}`);
  await target.intercept('receive', 'head -c 1500000 | real "$@"');
  expect(await sync('src/data', 'dst/copy', '--no-snapshot', '--retries', '0')).toMatchObject({ code: 1 });
  await target.letPass();
}
