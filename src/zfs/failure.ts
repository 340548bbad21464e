/** Exit codes of every command, one table (see docs and `--help`). */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  partly: 3,
  refused: 4,
  busy: 5,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export type FailureFacts = {
  /** Stable and for machines: `no-such-dataset`, `connection-refused`, … */
  readonly code: string;
  /** One sentence: what could not be done, and on what. */
  readonly message: string;
  /** `''` is this machine. */
  readonly host?: string | undefined;
  /** A line that can be pasted into a shell. */
  readonly command?: string | undefined;
  /** What it means, where the message alone does not say. */
  readonly meaning?: string | undefined;
  /** The next thing to try. */
  readonly next?: string | undefined;
  readonly exitCode?: ExitCode | undefined;
  readonly cause?: unknown;
};

/**
 * The one error class. Expected outcomes (nothing to do, refused, diverged) are return values; this is for what
 * stops a command. Retrying is decided by `code` alone.
 */
export class ZferryError extends Error {
  readonly code: string;
  readonly host: string | undefined;
  readonly command: string | undefined;
  readonly meaning: string | undefined;
  readonly next: string | undefined;
  readonly exitCode: ExitCode;

  constructor(facts: FailureFacts) {
    super(facts.message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = 'ZferryError';
    this.code = facts.code;
    this.host = facts.host;
    this.command = facts.command;
    this.meaning = facts.meaning;
    this.next = facts.next;
    this.exitCode = facts.exitCode ?? exitCodes.failed;
  }
}

/** The error for a command line or file that cannot be understood: exit code 2. */
export function usageError(message: string, next?: string): ZferryError {
  return new ZferryError({ code: 'usage', message, next, exitCode: exitCodes.usage });
}
