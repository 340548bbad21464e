import { boundedText } from './bounded-text.ts';
import { type Ended, startChild } from './child.ts';
import type { LockEnd } from './hosts.ts';
import { lockBytes } from './lock-script.ts';
import { terminate } from './terminate.ts';
import type { Tie } from './tie.ts';

/** What the script of `lock-script.ts` says about the lock. */
export type LockWord = { readonly kind: 'held' | 'taken' | 'free' | 'unavailable'; readonly text: string };

export type LockSession = {
  /** `undefined`: it ended without a word. */
  readonly word: Promise<LockWord | undefined>;
  readonly closed: Promise<Ended>;
  began(): boolean;
  /** What ssh, a login shell or the script said for people. */
  words(): string;
  beat(): void;
  /** Ends it; the first call counts. `leave`: our line stays in the file. */
  end(how: LockEnd): Promise<void>;
};

/** How long it may take to end when asked (milliseconds): a round trip, and for all but `leave` a few bytes to write. */
const endMs = 2000;
const leaveMs = 200;

/** Starts the script and reads what it says; its stdin is what it lives by. */
export function lockSession(tie: Tie, argv: readonly string[], nonce: string): LockSession {
  const child = startChild(tie, argv, { stdin: 'open', stdout: 'read' });
  const marker = new RegExp(`\\n${nonce} (held|taken|free|unavailable) ([^\\n]*)\\n`);
  const stderr = boundedText();
  let stdout = '';
  let answered = false;
  let ending: Promise<void> | undefined;
  child.stderr.setEncoding('utf8').on('data', (text: string) => stderr.add(text));
  const word = new Promise<LockWord | undefined>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (answered) return;
      stdout += text;
      const [, kind, said = ''] = marker.exec(stdout) ?? [];
      if (kind !== 'held' && kind !== 'taken' && kind !== 'free' && kind !== 'unavailable') return;
      answered = true;
      resolve({ kind, text: said });
    });
    void child.closed.then(() => resolve(undefined));
  });
  const began = (): boolean => stdout.includes(`\n${nonce} begin 0\n`);
  const end = async (how: LockEnd): Promise<void> => {
    child.stdin?.end(how === 'leave' ? '' : lockBytes[how]);
    const timer = setTimeout(() => void terminate([child]), how === 'leave' ? leaveMs : endMs);
    await child.closed;
    clearTimeout(timer);
  };
  return {
    word,
    closed: child.closed,
    began,
    words: () => `${began() ? '' : stdout}${stderr.text()}`,
    beat: () => void child.stdin?.write(lockBytes.beat),
    end: async (how) => await (ending ??= end(how)),
  };
}
