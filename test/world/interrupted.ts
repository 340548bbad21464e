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
  await source.fill('src/data', 'file', 3_000_000);
  await source.zfs('snapshot', `src/data@${next}`);
  await target.breakOff(1_500_000);
  expect(await sync('src/data', 'dst/copy', '--no-snapshot', '--retries', '0')).toMatchObject({ code: 1 });
  await target.letPass();
}
