import { expect } from 'vitest';
import type { World } from './scenario.ts';
import { linesOf, type Side } from './side.ts';

/** src/data on dst/copy, and the copy written to since. */
export async function wasWritten({ source, target, sync }: World): Promise<void> {
  await source.zfs('create', 'src/data');
  await source.write('src/data', 'file', 'first');
  expect(await sync('src/data', 'dst/copy', '--mount')).toMatchObject({ code: 0 });
  await writeInto(target, 'dst/copy', 'mine');
  await target.zfs('unmount', 'dst/copy');
}

/** A file that only the copy has, written out. */
export async function writeInto(target: Side, dataset: string, file: string): Promise<void> {
  await target.zfs('set', 'readonly=off', dataset);
  await target.write(dataset, file, 'precious');
  await target.zpool('sync', target.pool);
}

/** What was set aside in a pool. */
export async function asides(side: Side): Promise<string[]> {
  const text = await side.zfs(
    'get',
    '-H',
    '-r',
    '-s',
    'local',
    '-o',
    'name,value',
    'zferry:aside',
    side.pool,
  );
  return linesOf(text).map((line) => {
    const [name = '', value] = line.split('\t');
    expect(value).toMatch(/^\d{8}T\d{6}Z done /);
    return name;
  });
}

/** A file of a copy that was set aside. It is harmless: read-only, not mounted, without a role. */
export async function diverged(target: Side, copy: string, file: string): Promise<string> {
  expect(await target.get('readonly', copy)).toBe('on');
  expect(await target.get('canmount', copy)).toBe('noauto');
  expect(await target.get('mounted', copy)).toBe('no');
  const local = await target.zfs('get', '-H', '-s', 'local', '-o', 'property', 'all', copy);
  expect(linesOf(local).filter((name) => /^(zferry|zpair):/.test(name))).toEqual(['zferry:aside']);
  await target.zfs('mount', copy);
  const text = await target.read(copy, file);
  await target.zfs('unmount', copy);
  return text;
}
