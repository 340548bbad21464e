import { type DatasetName, isShortName, type ShortName } from './dataset-name.ts';
import type { ZferryError } from './failure.ts';
import { type Guid, parseGuid } from './guid.ts';
import { datasetNameIn, fieldsOf, forEachSpan, integer, mapLines, unreadable } from './output-lines.ts';
import type { Point, Snapshot } from './snapshot.ts';

/** As many different ones are not looked for: there, most are different. */
const manyNames = 10_000;

/**
 * Snapshots and bookmarks by dataset, in the order of their lines. There can be millions: no line is cut into more texts than are kept.
 * @throws ZferryError `bad-output`
 */
export function parsePoints(text: string): Map<DatasetName, Point[]> {
  const found = new Map<DatasetName, Point[]>();
  const names = new Map<string, ShortName>();
  let last: string | undefined;
  let [before, points]: [readonly Point[], Point[]] = [[], []];
  forEachSpan(text, (at, end) => {
    const first = text.indexOf('\t', at);
    const second = text.indexOf('\t', first + 1);
    const createtxg = numberAt(text, second + 1, end);
    // Only a third field that is a number shows by itself that there are three.
    if (first === -1 || second === -1 || createtxg === undefined) fieldsOf(text.slice(at, end), 3);
    // Those of one dataset come one after the other.
    const known = last !== undefined && text.startsWith(last, at) ? at + last.length : at;
    const isSame = known > at && isMark(text[known]);
    const cut = isSame ? known : at + text.slice(at, first).search(/[@#]/);
    if (cut < at) throw noPoint(text, at, first, end);
    if (!isSame) {
      last = text.slice(at, cut);
      const dataset = datasetNameIn(last, text.slice(at, end));
      before = points;
      points = found.get(dataset) ?? [];
      found.set(dataset, points);
    }
    // Most have the name of another dataset's, and in the same place: one text of it is kept.
    let name = before[points.length]?.name;
    if (name === undefined || cut + 1 + name.length !== first || !text.startsWith(name, cut + 1)) {
      const short = text.slice(cut + 1, first);
      name = names.get(short);
      if (name === undefined) {
        if (!isShortName(short)) throw noPoint(text, at, first, end);
        name = short;
        if (names.size < manyNames) names.set(short, name);
      }
    }
    points.push({
      kind: text[cut] === '@' ? 'snapshot' : 'bookmark',
      name,
      guid: parseGuid(text.slice(first + 1, second)),
      createtxg: createtxg ?? integer(text.slice(second + 1, end), text.slice(at, end)),
    });
  });
  return found;
}

function noPoint(text: string, at: number, first: number, end: number): ZferryError {
  return unreadable(text.slice(at, end), `"${text.slice(at, first)}" as a snapshot or bookmark`);
}

/** What stands there, where it is a number without doubt: up to 15 digits. */
function numberAt(text: string, at: number, end: number): number | undefined {
  if (end - at > 15 || end <= at) return undefined;
  let number = 0;
  for (let i = at; i < end; i++) {
    const digit = text.charCodeAt(i) - zero;
    if (digit < 0 || digit > 9) return undefined;
    number = number * 10 + digit;
  }
  return number;
}

const zero = '0'.charCodeAt(0);

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
