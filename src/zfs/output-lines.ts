import { type DatasetName, datasetNameFault } from './dataset-name.ts';
import { ZferryError } from './failure.ts';

/** Those that are not empty. A listing can have a million lines: none of them is kept. */
export function forEachLine(text: string, read: (line: string) => void): void {
  forEachSpan(text, (at, end) => read(text.slice(at, end)));
}

/** Where each line that is not empty begins and ends. */
export function forEachSpan(text: string, read: (at: number, end: number) => void): void {
  for (let at = 0, end: number; at < text.length; at = end + 1) {
    end = text.indexOf('\n', at);
    if (end === -1) end = text.length;
    if (end > at) read(at, end);
  }
}

export function mapLines<T>(text: string, read: (line: string) => T): T[] {
  const all: T[] = [];
  forEachLine(text, (line) => void all.push(read(line)));
  return all;
}

export function linesOf(text: string): string[] {
  return mapLines(text, (line) => line);
}

export function fieldsOf(line: string, count: number): string[] {
  const fields = line.split('\t');
  if (fields.length !== count)
    throw unreadable(line, `${fields.length} fields where ${count} were asked for`);
  return fields;
}

export function datasetNameIn(text: string, line: string): DatasetName {
  // ZFS makes names with a % for itself, and lists them when asked by name.
  if (datasetNameFault(text.replaceAll('%', '_')) !== undefined)
    throw unreadable(line, `"${text}" as a dataset's name`);
  return text as DatasetName;
}

export function integer(text: string, line: string): number {
  if (!/^[0-9]+$/.test(text)) throw unreadable(line, `"${text}" as a number`);
  return Number(text);
}

/** `undefined` for what ZFS has no value of. */
export function valueIn(text: string): string | undefined {
  return text === '-' || text === '' ? undefined : text;
}

/** @param what was to be read @param line where */
export function unreadable(line: string, what: string): ZferryError {
  return new ZferryError({
    code: 'bad-output',
    message: `Cannot read ${what} in the line ${JSON.stringify(line.slice(0, 200))} that ZFS printed`,
    next: 'report this line, with the output of: zfs version',
  });
}
