import {
  type Dataset,
  type EncryptionKey,
  type OwnProperty,
  ownProperties,
  type PropertySource,
  type UserProperty,
} from './dataset.ts';
import {
  byTreeOrder,
  type DatasetName,
  datasetNameFault,
  isShortName,
  type ShortName,
} from './dataset-name.ts';
import { ZferryError } from './failure.ts';
import { type Guid, parseGuid } from './guid.ts';
import { changedProperty, datasetProperties } from './list-args.ts';
import type { Point, Snapshot } from './snapshot.ts';

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

function valueIn(text: string): string | undefined {
  return text === '-' || text === '' ? undefined : text;
}

function keyIn(root: string, guid: string, salt: string, line: string): EncryptionKey | undefined {
  if (valueIn(root) === undefined || valueIn(guid) === undefined) return undefined;
  return { root: datasetNameIn(root, line), guid: parseGuid(guid), salt: valueIn(salt) ?? '0' };
}

/** Snapshots and bookmarks by dataset, in the order of their lines. There can be millions: no line is cut into more texts than are kept. @throws ZferryError `bad-output` */
export function parsePoints(text: string): Map<DatasetName, Point[]> {
  const found = new Map<DatasetName, Point[]>();
  const names = new Map<string, ShortName>();
  let [last, points]: [string | undefined, Point[]] = [undefined, []];
  forEachSpan(text, (at, end) => {
    const line = (): string => text.slice(at, end);
    const first = text.indexOf('\t', at);
    const second = text.indexOf('\t', first + 1);
    if (first === -1 || second === -1 || text.lastIndexOf('\t', end - 1) !== second) fieldsOf(line(), 3);
    // Those of one dataset come one after the other.
    const known = last !== undefined && text.startsWith(last, at) ? at + last.length : at;
    const isSame = known > at && isMark(text[known]);
    const cut = isSame ? known : at + text.slice(at, first).search(/[@#]/);
    const short = text.slice(cut + 1, first);
    // Most have the name of another dataset's, and keep one text of it.
    let name = names.get(short);
    if (name === undefined || cut < at) {
      if (cut < at || !isShortName(short))
        throw unreadable(line(), `"${text.slice(at, first)}" as a snapshot or bookmark`);
      name = short;
      if (names.size < manyNames) names.set(short, name);
    }
    if (!isSame) {
      last = text.slice(at, cut);
      const dataset = datasetNameIn(last, line());
      points = found.get(dataset) ?? [];
      found.set(dataset, points);
    }
    points.push({
      kind: text[cut] === '@' ? 'snapshot' : 'bookmark',
      name,
      guid: parseGuid(text.slice(first + 1, second)),
      createtxg: integer(text.slice(second + 1, end), line),
    });
  });
  return found;
}

function isMark(letter: string | undefined): boolean {
  return letter === '@' || letter === '#';
}

export type NewSnapshot = {
  readonly snapshot: Snapshot;
  /** Bytes. */
  readonly written: number;
  readonly referenced: number;
};

/** One of each dataset. @throws ZferryError `bad-output` */
export function parseNewSnapshots(text: string): Map<DatasetName, NewSnapshot> {
  return new Map(parseSizedSnapshots(text).map(({ dataset, ...rest }) => [dataset, rest]));
}

/** In the order of their lines. @throws ZferryError `bad-output` */
export function parseSizedSnapshots(text: string): (NewSnapshot & { readonly dataset: DatasetName })[] {
  return mapLines(text, (line) => {
    const [full = '', guid = '', createtxg = '', written = '', referenced = ''] = fieldsOf(line, 5);
    const [owner = '', name = ''] = full.split('@');
    if (!isShortName(name)) throw unreadable(line, `"${full}" as a snapshot`);
    const point = { name, guid: parseGuid(guid), createtxg: integer(createtxg, line) };
    const snapshot = { kind: 'snapshot' as const, ...point };
    const size = { written: integer(written, line), referenced: integer(referenced, line) };
    return { dataset: datasetNameIn(owner, line), snapshot, ...size };
  });
}

/** As many different ones are not looked for: there, most are different. */
const manyNames = 10_000;

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

/** `written` and `referenced` in bytes by snapshot. @throws ZferryError `bad-output` */
export function parseSnapshotSizes(text: string): Map<string, { written: number; referenced: number }> {
  return new Map(
    mapLines(text, (line) => {
      const [name = '', written = '', referenced = ''] = fieldsOf(line, 3);
      return [name, { written: integer(written, line), referenced: integer(referenced, line) }];
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

/** By the GUID of the snapshot. @throws ZferryError `bad-output` */
export function parseIvSets(text: string): Map<Guid, string> {
  return new Map(
    mapLines(text, (line) => {
      const [guid = '', set = ''] = fieldsOf(line, 2);
      return [parseGuid(guid), set];
    }),
  );
}

/** The clones of each snapshot. @throws ZferryError `bad-output` */
export function parseClones(text: string): Map<string, string[]> {
  return new Map(
    mapLines(text, (line) => {
      const [name = '', clones = ''] = fieldsOf(line, 2);
      return [name, clones === '-' || clones === '' ? [] : clones.split(',')];
    }),
  );
}

/** Older first. */
export function byAge(a: Point, b: Point): number {
  return a.createtxg - b.createtxg;
}

/** Those that are not empty. A listing can have a million lines: none of them is kept. */
function forEachLine(text: string, read: (line: string) => void): void {
  forEachSpan(text, (at, end) => read(text.slice(at, end)));
}

/** Where each line that is not empty begins and ends. */
function forEachSpan(text: string, read: (at: number, end: number) => void): void {
  for (let at = 0, end: number; at < text.length; at = end + 1) {
    end = text.indexOf('\n', at);
    if (end === -1) end = text.length;
    if (end > at) read(at, end);
  }
}

function mapLines<T>(text: string, read: (line: string) => T): T[] {
  const all: T[] = [];
  forEachLine(text, (line) => void all.push(read(line)));
  return all;
}

function linesOf(text: string): string[] {
  return mapLines(text, (line) => line);
}

function fieldsOf(line: string, count: number): string[] {
  const fields = line.split('\t');
  if (fields.length !== count)
    throw unreadable(line, `${fields.length} fields where ${count} were asked for`);
  return fields;
}

function datasetNameIn(text: string, line: string): DatasetName {
  // ZFS makes names with a % for itself, and lists them when asked by name.
  if (datasetNameFault(text.replaceAll('%', '_')) !== undefined)
    throw unreadable(line, `"${text}" as a dataset's name`);
  return text as DatasetName;
}

function integer(text: string, line: string | (() => string)): number {
  if (!/^[0-9]+$/.test(text)) {
    throw unreadable(typeof line === 'string' ? line : line(), `"${text}" as a number`);
  }
  return Number(text);
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

function unreadable(line: string, what: string): ZferryError {
  return new ZferryError({
    code: 'bad-output',
    message: `Cannot read ${what} in the line ${JSON.stringify(line.slice(0, 200))} that ZFS printed`,
    next: 'report this line, with the output of: zfs version',
  });
}
