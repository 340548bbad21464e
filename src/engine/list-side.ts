import { clockArgs } from '../host/clock.ts';
import type { Command, CommandResult, Hosts } from '../host/hosts.ts';
import { keptOf, stillKnown } from '../plan/known-listing.ts';
import { type Place, placeText } from '../plan/place.ts';
import type { Side } from '../plan/side.ts';
import { syncPoolArgs } from '../zfs/change-args.ts';
import type { Dataset } from '../zfs/dataset.ts';
import { ancestorsOf, type DatasetName, poolOf } from '../zfs/dataset-name.ts';
import { explainZfsError } from '../zfs/errors.ts';
import {
  countObjectsArgs,
  creationArgs,
  type Depth,
  getDatasetsArgs,
  getNamedDatasetsArgs,
  listBelowArgs,
  listHistoriesArgs,
  listPointsArgs,
  poolArgs,
  versionArgs,
} from '../zfs/list-args.ts';
import { assembleDatasets, isEmptyRoot, parseCreation, parseDatasets } from '../zfs/list-output.ts';
import { parsePoints } from '../zfs/points-output.ts';
import { parsePool } from '../zfs/pool.ts';
import { portions } from '../zfs/portions.ts';
import { withReceivedOwn } from '../zfs/received-own.ts';
import { isAtLeast, parseVersion, type Release } from '../zfs/version.ts';
import { commandError } from './problem.ts';
import type { KnownListings } from './world.ts';

type Options = {
  readonly depth: Depth;
  readonly signal?: AbortSignal | undefined;
  /** What was known before need not be listed again, as long as it has not changed. */
  readonly known?: KnownListings | undefined;
};

/**
 * All that planning needs to know of one side, by one command on its host; by two where only a part has to be looked at again.
 * A dataset that is not there is an error on the source and an empty listing on the target.
 * @throws ZferryError from the table of errors, or of the connection
 */
export async function listSide(
  hosts: Hosts,
  place: Place,
  role: 'source' | 'target',
  { depth, signal, known }: Options,
): Promise<Side> {
  const { host, dataset } = place;
  const pool = poolOf(dataset);
  const above = ancestorsOf(dataset);
  const root = role === 'target' && above.length === 0;
  const key = knownKey(place, depth);
  const kept = known?.read(key);
  // Where nothing is known that can be built upon, one command tells all.
  const before = typeof kept === 'object' && kept.datasets.length === 0 ? undefined : kept;
  const asksChanged = known !== undefined && before !== 'not told';
  const allPoints = { argv: listPointsArgs(dataset, depth) };
  const run = async (commands: readonly Command[]): Promise<readonly CommandResult[]> =>
    (await hosts.run({ host, commands }, { signal })).results;
  const commands: Record<
    'clock' | 'version' | 'pool' | 'ancestors' | 'datasets' | 'points' | 'written' | 'objects' | 'below',
    Command | undefined
  > = {
    clock: asksChanged ? { argv: clockArgs(), optional: true } : undefined,
    version: { argv: versionArgs(), optional: true },
    pool: { argv: poolArgs(pool) },
    // Prints the rows that exist and fails for the others.
    ancestors: above.length > 0 ? { argv: getNamedDatasetsArgs(above), optional: true } : undefined,
    datasets: { argv: getDatasetsArgs(dataset, depth, asksChanged) },
    points: typeof before === 'object' ? undefined : allPoints,
    // What is not written out yet is not counted.
    written: root ? { argv: syncPoolArgs(pool), optional: true } : undefined,
    objects: root ? { argv: countObjectsArgs(dataset), optional: true } : undefined,
    below: root ? { argv: listBelowArgs(dataset), optional: true } : undefined,
  };
  const names = Object.keys(commands).filter((name) => commands[name as keyof typeof commands] !== undefined);
  const results = await run(Object.values(commands).filter((command) => command !== undefined));
  const at = (name: keyof typeof commands): CommandResult | undefined => results[names.indexOf(name)];
  if (asksChanged && explainZfsError(at('datasets')?.stderr ?? '')?.code === 'no-such-property') {
    known.write(key, 'not told');
    return await listSide(hosts, place, role, { depth, signal, known });
  }
  const outputOf = (name: keyof typeof commands): string => textOf(host, dataset, at(name));

  // The pool first: of all that can be wrong, a missing zfs command or pool says most.
  const poolText = outputOf('pool');
  const absent = role === 'target' && isAbsent(at('datasets'));
  const bare = absent ? [] : parseDatasets(outputOf('datasets'));
  const clock = Number(at('clock')?.stdout.trim() || Number.NaN);
  const still = typeof before === 'object' ? stillKnown(before, bare, clock) : new Map();
  const rest = bare.filter(({ name }) => !still.has(name)).map(({ name }) => name);
  const isFull = typeof before !== 'object' || rest.length * 2 > bare.length;
  const listRest = async (): Promise<string> => {
    if (typeof before !== 'object') return absent ? '' : outputOf('points');
    if (rest.length === 0) return '';
    const asked = isFull ? [allPoints] : portions(rest).map((part) => ({ argv: listHistoriesArgs(part) }));
    return (await run(asked)).map((result) => textOf(host, dataset, result)).join('');
  };
  const datasets = assembleDatasets(bare, new Map([...still, ...parsePoints(await listRest())]));
  if (asksChanged && !Number.isNaN(clock))
    known.write(key, keptOf(datasets, clock, isFull ? clock : before.fullAt));
  const ancestors = assembleDatasets(parseDatasets(at('ancestors')?.stdout ?? ''), new Map());
  const version = parseVersion(at('version')?.stdout ?? '');
  // It has got a newer release since.
  if (before === 'not told' && version !== undefined && isAtLeast(version, tellsChanges))
    known?.write(key, { fullAt: 0, datasets: [] });
  return {
    place,
    version,
    pool: parsePool(pool, poolText),
    datasets: withReceivedOwn(datasets, ancestors),
    ancestors: withReceivedOwn(ancestors, []),
    emptyRoot: root && isEmptyRoot(at('objects'), at('below')),
    remembered: !isFull,
    receives: [],
    details: new Map(),
  };
}

/** From here on ZFS says when snapshots have changed (`snapshots_changed`). */
const tellsChanges: Release = [2, 2, 0];

/** Under what a side is known. */
export function knownKey(place: Place, depth: Depth): string {
  return `${depth} ${placeText(place)}`;
}

/** @throws ZferryError where the listing failed */
function textOf(host: string, dataset: DatasetName, result: CommandResult | undefined): string {
  if (result?.status !== undefined && result.status !== 0)
    throw commandError(host, result, `Listing ${dataset}`);
  return result?.stdout ?? '';
}

/**
 * Read-only datasets whose history came from elsewhere: `zfs receive` keeps when a snapshot was made, so a snapshot can be
 * older than the dataset that holds it. Costs a command, and only where something is read-only.
 */
export async function findReceived(
  hosts: Hosts,
  host: string,
  datasets: readonly Dataset[],
  signal: AbortSignal | undefined,
): Promise<Set<DatasetName>> {
  const candidates = datasets.filter((one) => one.readonly && one.snapshots.length > 0);
  if (candidates.length === 0) return new Set();
  const commands = candidates.map((one) => ({ argv: creationArgs(one.name) }));
  const { results } = await hosts.run({ host, commands }, { signal });
  const received = new Set<DatasetName>();
  for (const [index, result] of results.entries()) {
    const dataset = candidates[index];
    if (dataset === undefined) continue;
    if (result.status !== 0) throw commandError(host, result, `Listing ${dataset.name}`);
    const times = parseCreation(result.stdout);
    const made = times.get(dataset.name) ?? 0;
    if (dataset.snapshots.some((one) => (times.get(`${dataset.name}@${one.name}`) ?? made) < made)) {
      received.add(dataset.name);
    }
  }
  return received;
}

function isAbsent(result: CommandResult | undefined): boolean {
  if (result?.status === undefined || result.status === 0) return false;
  return explainZfsError(result.stderr)?.code === 'no-such-dataset';
}
