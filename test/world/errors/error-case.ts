import type { ZfsVersion } from '../../../lab/recipe.ts';
import type { ZfsErrorCode } from '../../../src/zfs/errors.ts';

/** A command that complains, and what its words are to mean. */
export type ErrorCase = {
  readonly title: string;
  /** What it needs, in `sh`; has to succeed. */
  readonly before?: string;
  /** Ends with the command that complains. */
  readonly run: string;
  /** Takes away what would be in the way of others. */
  readonly after?: string;
  readonly code: ZfsErrorCode;
  readonly meaning?: RegExp;
  /** It does its work all the same, and can end with status 0. */
  readonly succeeds?: true;
  /** Releases on which it cannot be provoked so, and why. */
  readonly not?: Partial<Record<ZfsVersion, string>>;
};

export type ErrorSection = {
  readonly setup: string;
  readonly cases: readonly ErrorCase[];
};
