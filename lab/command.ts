import type { CommandLab } from './command-lab.ts';
import type { Say } from './say.ts';

/** One word of `lab/lab`. */
export interface Command {
  readonly name: string;
  /** What follows the name. */
  readonly usage: string;
  /** One line for the list of commands. */
  readonly about: string;
  /** More, for its own help. */
  readonly details?: string;
  readonly examples: readonly string[];
  /** Whether it changes which hosts there are or what runs; two such commands follow each other. */
  readonly changes?: boolean;
  /**
   * @param args what follows the name; `--help` is answered already
   * @returns the exit status
   * @throws UsageError for wrong arguments, LabError for what went wrong
   */
  run(args: string[], context: CommandContext): Promise<number>;
}

export interface CommandContext {
  readonly lab: CommandLab;
  /** Progress, to stderr. */
  readonly say: Say;
  /** The result, to stdout; with a newline at its end. */
  readonly print: (line: string) => void;
}
