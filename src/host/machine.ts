import type { ZferryError } from '../zfs/failure.ts';
import type { Exit } from './child.ts';
import type { HostName } from './hosts.ts';
import type { ScriptTie } from './script.ts';

/** What can be told about a script whose end was not seen. */
export type Unfinished = {
  readonly began: boolean;
  readonly exit: Exit;
  /** The stderr of ssh, or of the shell. */
  readonly words: string;
  /** A line that can be pasted. */
  readonly command: string;
};

/** A place where shell scripts run: this machine, or one reached by ssh. */
export type Machine = {
  readonly host: HostName;
  /**
   * Waits for a connection and that many free sessions; the function returned gives the sessions back.
   * @throws {ZferryError} `cancelled` and the codes of `ssh-errors.ts`.
   */
  enter(sessions: number, signal?: AbortSignal): Promise<() => void>;
  /**
   * The program and its arguments that run a script there; only between `enter` and its release.
   * @throws {ZferryError} `command-too-long`
   */
  argv(script: string): readonly string[];
  readonly tie: ScriptTie;
  /** Whether its login shell prints something before our script; learned from each batch. */
  greets: 'unknown' | 'yes' | 'no';
  /** The error that such an end means. */
  explain(end: Unfinished): ZferryError;
  close(): Promise<void>;
};
