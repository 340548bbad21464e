import { exitStatus } from './exit-status.ts';
export type Marked = {
  /** What came before the first marker: a login shell's greeting. */
  readonly greeting: string;
  /** By the command's number; of those that did not run nothing. */
  readonly texts: readonly (string | undefined)[];
  readonly statuses: readonly (number | undefined)[];
  readonly began: boolean;
  readonly complete: boolean;
};

/** Splits what a batch printed on stdout by the markers of `script.ts`. */
export function splitMarked(text: string, nonce: string): Marked {
  const texts: string[] = [];
  const statuses: number[] = [];
  const marker = new RegExp(`\\n${nonce} (begin|end|\\d+) (\\d+)\\n`, 'g');
  let greeting = text;
  let began = false;
  let from = 0;
  for (const match of text.matchAll(marker)) {
    const before = text.slice(from, match.index);
    from = match.index + match[0].length;
    if (match[1] === 'end') return { greeting, texts, statuses, began, complete: true };
    if (match[1] === 'begin') {
      greeting = before;
      began = true;
    } else {
      texts[Number(match[1])] = before;
      statuses[Number(match[1])] = exitStatus(match[2]);
    }
  }
  return { greeting, texts, statuses, began, complete: false };
}
