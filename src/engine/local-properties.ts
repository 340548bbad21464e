import type { DatasetName } from '../zfs/dataset-name.ts';
import { isUserProperty, nativeProperty, settableValue } from '../zfs/native-properties.ts';
import { localPropertyNamesArgs, localValueArgs } from '../zfs/property-args.ts';
import { parseLocalPropertyNames, parseLocalValue } from '../zfs/property-output.ts';
import { commandError, firstFailure } from './problem.ts';
import type { World } from './world.ts';

/**
 * What is set on a dataset itself and can be set on another, as it has to be given. A value can hold tabs and newlines, so each is asked for alone: two
 * commands.
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
  const [list = ''] = await ask([localPropertyNamesArgs([dataset])]);
  const all = parseLocalPropertyNames(list).get(dataset) ?? [];
  const names = all.filter((name) => isUserProperty(name) || nativeProperty(name) !== undefined);
  if (names.length === 0) return new Map();
  const printed = await ask(names.map((name) => localValueArgs(dataset, name)));
  return new Map(
    names.flatMap((name, i) => {
      const value = parseLocalValue(printed[i] ?? '');
      return value === undefined ? [] : [[name, settableValue(name, value)] as const];
    }),
  );
}
