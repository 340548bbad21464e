import {
  type Chosen,
  chooseProperties,
  firstReceives,
  type Given,
  nothingGiven,
  settleWishes,
  type Wish,
  wishesOf,
  wishesToCheck,
  wishKey,
} from '../plan/given-properties.ts';
import { asksForNothing, type PropertyRequest } from '../plan/property-request.ts';
import type { Side } from '../plan/side.ts';
import type { SyncPlan } from '../plan/sync-plan.ts';
import { type DatasetName, parseDatasetName } from '../zfs/dataset-name.ts';
import { settableValue } from '../zfs/native-properties.ts';
import { portions } from '../zfs/portions.ts';
import { checkPropertyArgs, localPropertyNamesArgs, localValueArgs } from '../zfs/property-args.ts';
import {
  parseLocalPropertyNames,
  parseLocalValue,
  parsePropertyCheck,
  type Refusal,
} from '../zfs/property-output.ts';
import { commandError, firstFailure } from './problem.ts';
import type { World } from './world.ts';

/**
 * The properties that the first receives of a plan give to the copy. Asks nothing where nothing is asked for, or nothing is received for the first
 * time; else the source for names and values, and the target whether it takes them.
 * @throws ZferryError from the table of errors; `usage` for an override that the target cannot take
 */
export async function findGiven(
  world: World,
  request: PropertyRequest,
  plan: SyncPlan,
  source: Side,
  target: Side,
): Promise<Given> {
  const firsts = asksForNothing(request) ? [] : firstReceives(plan.datasets, source.datasets);
  if (firsts.length === 0) return nothingGiven;
  const { own, patterns } = request.choice;
  const datasets = own || patterns.length > 0 ? firsts.map((first) => first.source) : [];
  const local = await localNames(world, source.place.host, datasets);
  const { chosen, warnings } = chooseProperties(request, firsts, local, source.place.dataset);
  const values = await localValues(world, source.place.host, chosen);
  const wishes = wishesOf(firsts, values, request.overrides);
  const given = settleWishes(wishes, await refusalsOf(world, target, wishesToCheck(wishes)));
  return { ...given, warnings: [...warnings, ...given.warnings] };
}

async function localNames(
  world: World,
  host: string,
  datasets: readonly DatasetName[],
): Promise<Map<DatasetName, string[]>> {
  if (datasets.length === 0) return new Map();
  const commands = portions(datasets).map((part) => ({ argv: localPropertyNamesArgs(part) }));
  const { results } = await world.hosts.run({ host, commands }, { signal: world.signal });
  const failed = firstFailure(results);
  if (failed) throw commandError(host, failed, 'Listing the properties of the source');
  return parseLocalPropertyNames(results.map(({ stdout }) => stdout).join(''));
}

async function localValues(
  world: World,
  host: string,
  chosen: readonly Chosen[],
): Promise<Map<DatasetName, Map<string, string>>> {
  const values = new Map<DatasetName, Map<string, string>>();
  if (chosen.length === 0) return values;
  const commands = chosen.map(({ dataset, name }) => ({ argv: localValueArgs(dataset, name) }));
  const { results } = await world.hosts.run({ host, commands }, { signal: world.signal });
  const failed = firstFailure(results);
  if (failed) throw commandError(host, failed, 'Reading the properties of the source');
  for (const [index, { dataset, name }] of chosen.entries()) {
    const printed = parseLocalValue(results[index]?.stdout ?? '');
    if (printed === undefined) continue;
    const before = values.get(dataset) ?? new Map<string, string>();
    values.set(dataset, before.set(name, settableValue(name, printed)));
  }
  return values;
}

async function refusalsOf(
  world: World,
  target: Side,
  wishes: readonly Wish[],
): Promise<Map<string, Refusal>> {
  if (wishes.length === 0) return new Map();
  const { host } = target.place;
  const could = parseDatasetName(`${target.pool.name}/zferry`);
  const commands = wishes.map(({ first, name, value }) => ({
    argv: checkPropertyArgs(could, first.type, name, value),
    optional: true as const,
  }));
  const { results } = await world.hosts.run({ host, commands }, { signal: world.signal });
  return new Map(
    wishes.flatMap((wish, index) => {
      const result = results[index];
      const refusal = result && parsePropertyCheck(result);
      return refusal ? [[wishKey(wish), refusal] as const] : [];
    }),
  );
}
