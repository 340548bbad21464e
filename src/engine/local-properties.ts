import type { DatasetName } from '../zfs/dataset-name.ts';
import { localPropertiesArgs, propertyValueArgs } from '../zfs/list-args.ts';
import { commandError, firstFailure } from './problem.ts';
import type { World } from './world.ts';

/**
 * What is set on a dataset itself. A value can hold tabs and newlines, so each is asked for alone: two commands.
 * @throws ZferryError from the table of errors
 */
export async function localProperties(
  world: World,
  host: string,
  dataset: DatasetName,
): Promise<Map<string, string>> {
  const ask = async (lines: readonly (readonly string[])[]): Promise<readonly string[]> => {
    const commands = lines.map((argv) => ({ argv }));
    const { results } = await world.hosts.run({ host, commands }, { signal: world.signal });
    const failed = firstFailure(results);
    if (failed) throw commandError(host, failed, `Listing the properties of ${dataset}`);
    return results.map(({ stdout }) => stdout);
  };
  const [list = ''] = await ask([localPropertiesArgs(dataset)]);
  const names = list.split('\n').filter((name) => name !== '');
  if (names.length === 0) return new Map();
  const values = await ask(names.map((name) => propertyValueArgs(name, dataset)));
  return new Map(names.map((name, i) => [name, (values[i] ?? '').replace(/\n$/, '')]));
}
