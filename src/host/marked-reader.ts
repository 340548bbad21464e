import { boundedText } from './bounded-text.ts';
import { exitStatus } from './exit-status.ts';

/** Longer than any line of `zfs`; what has no newline for so long is not kept waiting for one. */
const maxPending = 64 * 1024;

export type MarkedReader = {
  feed(chunk: string): void;
  /** To be called once, after the last chunk. */
  end(): void;
  readonly began: boolean;
  readonly complete: boolean;
  readonly statuses: readonly number[];
  /** What was printed before the `begin` marker: a greeting, or ssh's own words. */
  greeting(): string;
  /** What the command with this index printed, bounded; the one after the last status is the one that was cut. */
  text(index: number): string;
  /** What all commands printed, bounded. */
  all(): string;
};

/**
 * Reads a stderr with the markers of `script.ts` as it comes: bounded, split by command, each line told at once.
 * @param nonce `undefined`: there are no markers, all of it is the command's.
 * @param onLine gets each line of the commands that is not empty.
 */
export function markedReader(nonce: string | undefined, onLine?: (line: string) => void): MarkedReader {
  const marker = nonce === undefined ? undefined : new RegExp(`^${nonce} (begin|end|\\d+) (\\d+)$`);
  const greeting = boundedText();
  const all = boundedText();
  const texts = [boundedText()];
  const statuses: number[] = [];
  let began = nonce === undefined;
  let complete = false;
  let partial = '';
  // The line before, whose newline may belong to the marker that follows it.
  let held: string | undefined;

  const keep = (text: string): void => {
    if (!began) greeting.add(text);
    else if (!complete) {
      texts.at(-1)?.add(text);
      all.add(text);
    }
  };
  const takeLine = (line: string): void => {
    const match = marker?.exec(line);
    if (match === null || match === undefined) {
      if (held !== undefined) keep(`${held}\n`);
      held = line;
      if (began && !complete && line !== '') onLine?.(line);
      return;
    }
    if (held !== undefined) keep(held);
    held = undefined;
    if (match[1] === 'begin') began = true;
    else if (match[1] === 'end') complete = true;
    else {
      statuses.push(exitStatus(match[2]));
      texts.push(boundedText());
    }
  };
  return {
    feed(chunk) {
      const lines = (partial + chunk).split('\n');
      partial = lines.pop() ?? '';
      for (const line of lines) takeLine(line);
      if (partial.length > maxPending) {
        if (held !== undefined) keep(`${held}\n`);
        held = undefined;
        keep(partial);
        partial = '';
      }
    },
    end() {
      if (held !== undefined) keep(`${held}\n`);
      held = undefined;
      keep(partial);
      if (partial !== '' && began && !complete) onLine?.(partial);
      partial = '';
    },
    get began() {
      return began;
    },
    get complete() {
      return complete;
    },
    statuses,
    greeting: () => greeting.text(),
    text: (index) => texts[index]?.text() ?? '',
    all: () => all.text(),
  };
}
