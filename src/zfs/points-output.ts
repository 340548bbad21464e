import { type DatasetName, isShortName, type ShortName } from './dataset-name.ts';
import { type Guid, parseGuid } from './guid.ts';
import { datasetNameIn, fieldsOf, forEachSpan, integer, mapLines, unreadable } from './output-lines.ts';
import type { Point, Snapshot } from './snapshot.ts';

/** As many different ones are not looked for: there, most are different. */
const manyNames = 10_000;

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

/** `written` and `referenced` in bytes by snapshot. @throws ZferryError `bad-output` */
export function parseSnapshotSizes(text: string): Map<string, { written: number; referenced: number }> {
  return new Map(
    mapLines(text, (line) => {
      const [name = '', written = '', referenced = ''] = fieldsOf(line, 3);
      return [name, { written: integer(written, line), referenced: integer(referenced, line) }];
    }),
  );
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
