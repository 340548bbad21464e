import { boundedText } from './bounded-text.ts';
import { type MarkedReader, markedReader } from './marked-reader.ts';

export type ChainReader = {
  feed(chunk: string): void;
  /** To be called once, after the last chunk. */
  end(): void;
  /** What each stage wrote. */
  readonly stages: readonly MarkedReader[];
  /** What none of them wrote: a greeting, or ssh's own words. Bounded. */
  words(): string;
};

/** Longer than any line that a shell passes on. */
const maxPending = 64 * 1024;

/**
 * Reads the stderr that the stages of a chain share: where there are several, each line begins with the nonce of the stage that wrote it
 * (see `script.ts`).
 * @param nonces one for each stage
 */
export function chainReader(
  nonces: readonly string[],
  onLine: (stage: number, line: string) => void,
): ChainReader {
  const stages = nonces.map((nonce, index) => markedReader(nonce, (line) => onLine(index, line)));
  const [only] = stages;
  if (only !== undefined && stages.length === 1) {
    return {
      feed: (chunk) => only.feed(chunk),
      end: () => only.end(),
      stages,
      words: () => only.greeting(),
    };
  }
  const words = boundedText();
  let partial = '';
  const takeLine = (line: string): void => {
    const [nonce = ''] = line.split(' ', 1);
    const stage = stages[nonces.indexOf(nonce)];
    if (stage === undefined) words.add(`${line}\n`);
    else stage.feed(`${line.slice(nonce.length + 1)}\n`);
  };
  return {
    feed(chunk) {
      const lines = (partial + chunk).split('\n');
      partial = lines.pop() ?? '';
      for (const line of lines) takeLine(line);
      if (partial.length <= maxPending) return;
      takeLine(partial);
      partial = '';
    },
    end() {
      if (partial !== '') takeLine(partial);
      partial = '';
      for (const stage of stages) stage.end();
    },
    stages,
    words: () => words.text(),
  };
}
