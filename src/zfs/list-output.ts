import {
  type Dataset,
  type EncryptionKey,
  type OwnProperty,
  ownProperties,
  type PropertySource,
  type UserProperty,
} from './dataset.ts';
import { byTreeOrder, type DatasetName } from './dataset-name.ts';
import { type Guid, parseGuid } from './guid.ts';
import { changedProperty, datasetProperties } from './list-args.ts';
import {
  datasetNameIn,
  fieldsOf,
  forEachLine,
  integer,
  linesOf,
  mapLines,
  unreadable,
  valueIn,
} from './output-lines.ts';
import { byAge } from './points-output.ts';
import type { Point } from './snapshot.ts';

type BareDataset = Omit<Dataset, 'snapshots' | 'bookmarks'>;

/** Datasets as `getDatasetsArgs` asks for them. @throws ZferryError `bad-output` for lines that `zfs get` does not print */
export function parseDatasets(text: string): BareDataset[] {
  const found: BareDataset[] = [];
  let values: string[] = [];
  let own = new Map<OwnProperty, UserProperty>();
  let changed: number | undefined;
  const take = (): void => {
    if (values.length === 0) return;
    if (values.length < datasetProperties.length)
      throw unreadable(values.join(' '), 'all that was asked for');
    found.push({ ...datasetOf(values), own, ...(changed === undefined ? {} : { changed }) });
    values = [];
    own = new Map();
    changed = undefined;
  };
  forEachLine(text, (line) => {
    const [property = '', value = '', source = ''] = fieldsOf(line, 3);
    if (property === changedProperty) {
      changed = valueIn(value) === undefined ? undefined : integer(value, line);
      return;
    }
    if (property === 'name') take();
    const wanted = datasetProperties[values.length];
    if (property !== wanted) throw unreadable(line, `"${property}" where ${wanted} was asked for`);
    values.push(value);
    if (isOwn(property) && source !== '-') own.set(property, { value, source: sourceOf(source, line) });
  });
  take();
  return found;
}

function datasetOf(values: readonly string[]): Omit<BareDataset, 'own'> {
  const at = (property: (typeof datasetProperties)[number]): string => values[indices[property]] ?? '';
  const line = values.join(' ');
  const type = at('type');
  if (type !== 'filesystem' && type !== 'volume') throw unreadable(line, `"${type}" as a dataset's type`);
  const token = at('receive_resume_token');
  return {
    name: datasetNameIn(at('name'), line),
    type,
    guid: parseGuid(at('guid')),
    createtxg: integer(at('createtxg'), line),
    used: integer(at('used'), line),
    available: integer(at('available'), line),
    referenced: integer(at('referenced'), line),
    written: integer(at('written'), line),
    readonly: at('readonly') === 'on',
    mounted: type === 'volume' ? undefined : at('mounted') === 'yes',
    encrypted: !['off', '-', ''].includes(at('encryption')),
    keyLoaded: at('keystatus') !== 'unavailable',
    resumeToken: token === '-' || token === '' ? undefined : token,
    inconsistent: ['1', 'yes'].includes(at('inconsistent')),
    origin: valueIn(at('origin')),
    key: keyIn(at('encryptionroot'), at('keyguid'), at('pbkdf2salt'), line),
  };
}

/** Where each property stands. */
const indices = Object.fromEntries(datasetProperties.map((property, i) => [property, i])) as Readonly<
  Record<(typeof datasetProperties)[number], number>
>;

function keyIn(root: string, guid: string, salt: string, line: string): EncryptionKey | undefined {
  if (valueIn(root) === undefined || valueIn(guid) === undefined) return undefined;
  return { root: datasetNameIn(root, line), guid: parseGuid(guid), salt: valueIn(salt) ?? '0' };
}

/** Both answers of one listing put together, parents first. */
export function assembleDatasets(
  datasets: readonly BareDataset[],
  points: ReadonlyMap<DatasetName, readonly Point[]>,
): Dataset[] {
  return datasets
    .map((dataset) => {
      const all = points.get(dataset.name) ?? [];
      return {
        ...dataset,
        snapshots: all.filter((one) => one.kind === 'snapshot').sort(byAge),
        bookmarks: all.filter((one) => one.kind === 'bookmark').sort(byAge),
      };
    })
    .sort((a, b) => byTreeOrder(a.name, b.name));
}

/** GUIDs by dataset. @throws ZferryError `bad-output` */
export function parseGuids(text: string): Map<DatasetName, Guid> {
  return new Map(
    mapLines(text, (line) => {
      const [name = '', guid = ''] = fieldsOf(line, 2);
      return [datasetNameIn(name, line), parseGuid(guid)];
    }),
  );
}

/** Seconds since 1970 by name of dataset or snapshot. @throws ZferryError `bad-output` */
export function parseCreation(text: string): Map<string, number> {
  return new Map(
    mapLines(text, (line) => {
      const [name = '', value = ''] = fieldsOf(line, 2);
      return [name, integer(value, line)];
    }),
  );
}

/** Bytes, of each volume. @throws ZferryError `bad-output` */
export function parseVolumeRoom(
  text: string,
): Map<DatasetName, { readonly size: number; readonly reserved: number }> {
  return new Map(
    mapLines(text, (line) => {
      const [name = '', size = '', reserved = ''] = fieldsOf(line, 3);
      const room = { size: integer(size, line), reserved: reserved === 'none' ? 0 : integer(reserved, line) };
      return [datasetNameIn(name, line), room];
    }),
  );
}

type Answer = { readonly status: number | undefined; readonly stdout: string };

/**
 * Whether a pool's root has no file but its root folder, no snapshot, and no dataset below it. What is not counted (a pool without that feature) is
 * not empty.
 * @param objects the answer to `countObjectsArgs` @param below the answer to `listBelowArgs`
 */
export function isEmptyRoot(objects: Answer | undefined, below: Answer | undefined): boolean {
  return countObjects(objects) === 1 && below?.status === 0 && linesOf(below.stdout).length === 1;
}

/** Whether a dataset that only holds others has no file, no snapshot and no bookmark. */
export function isEmptyPlaceholder(
  name: DatasetName,
  objects: Answer | undefined,
  below: Answer | undefined,
): boolean {
  if (countObjects(objects) !== 1 || below?.status !== 0) return false;
  return !linesOf(below.stdout).some((line) => line.startsWith(`${name}@`) || line.startsWith(`${name}#`));
}

/** The files and folders of a filesystem, its root folder with them; NaN where they are not counted. @param objects the answer to `countObjectsArgs` */
export function countObjects(objects: Answer | undefined): number {
  if (objects?.status !== 0) return Number.NaN;
  return linesOf(objects.stdout).reduce(
    (sum, one) => sum + (/^[0-9]+$/.test(one) ? Number(one) : Number.NaN),
    0,
  );
}

/** Name, property and value of each mark. @throws ZferryError `bad-output` */
export function parseMarks(text: string): { name: DatasetName; property: OwnProperty; value: string }[] {
  return mapLines(text, (line) => {
    const [name = '', property = '', value = ''] = fieldsOf(line, 3);
    if (!isOwn(property)) throw unreadable(line, `"${property}" as a property that was asked for`);
    return { name: datasetNameIn(name, line), property, value };
  });
}

export type Child = {
  readonly name: DatasetName;
  readonly type: string;
  /** `dataset@snapshot`; `undefined` for what is no clone. */
  readonly origin: string | undefined;
  readonly mounted: boolean;
  readonly inconsistent: boolean;
  /** `undefined` for what is not encrypted. */
  readonly encryptionRoot: string | undefined;
  /** Of an encrypted one. */
  readonly keyLoaded: boolean;
};

/** @throws ZferryError `bad-output` */
export function parseChildren(text: string): Child[] {
  return mapLines(text, (line) => {
    const [name = '', type = '', origin = '', mounted = '', inconsistent = '', root = '', key = ''] =
      fieldsOf(line, 7);
    return {
      name: datasetNameIn(name, line),
      type,
      origin: origin === '-' ? undefined : origin,
      mounted: mounted === 'yes',
      inconsistent: ['1', 'yes'].includes(inconsistent),
      encryptionRoot: valueIn(root),
      keyLoaded: key === 'available',
    };
  });
}

function isOwn(property: string): property is OwnProperty {
  return ownNames.has(property);
}

const ownNames: ReadonlySet<string> = new Set(Object.values(ownProperties));

function sourceOf(text: string, line: string): PropertySource {
  if (text === 'local' || text === 'received') return text;
  const inherited = /^inherited from (.+)$/.exec(text);
  if (inherited?.[1] !== undefined) return { inheritedFrom: inherited[1] };
  throw unreadable(line, `"${text}" as the source of a property`);
}
