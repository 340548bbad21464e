/**
 * The port between deciding and the world: run commands on a host, join commands of several hosts into a
 * pipeline, follow one that goes on, lock a replica. Batches, stages and their results are plain values, so that
 * real machines and a simulator answer the same question in the same shape.
 *
 * A command that fails is a result. Only what keeps the question from being answered (no connection, a shell that
 * died, a cancelled wait) is thrown, as a `ZferryError`.
 */

/** `''` is this machine; anything else is what ssh is called with: `nas`, `root@nas`. */
export type HostName = string;

export type Command = {
  readonly argv: readonly string[];
  /** Its failure does not stop what follows. */
  readonly optional?: true;
};

/** Commands run in order on one host, up to the first that fails. */
export type Batch = {
  readonly host: HostName;
  readonly commands: readonly Command[];
  /**
   * Once those before them are done, so many of the optional ones at the end go on at the same time, in no order: for short ones that say nothing
   * where they succeed. All that one prints is its `stderr`, of which 2000 bytes are kept.
   */
  readonly atOnce?: number;
  /** The host is reached from that one, by its own ssh, and not from here. */
  readonly from?: HostName;
};

export type CommandResult = {
  readonly argv: readonly string[];
  /** The exit status, 128 + n for an end by signal n; `undefined`: not run, because an earlier one failed. */
  readonly status: number | undefined;
  readonly stdout: string;
  /** Bounded: of a long text the first 8 KiB and the last 24 KiB. */
  readonly stderr: string;
};

export type BatchResult = { readonly results: readonly CommandResult[] };

/** One end or joint of a pipeline. More than one command: run in order on the same stdin and stdout (a train). */
export type Stage = { readonly host: HostName; readonly commands: readonly Command[] };

export type StageResult = {
  readonly host: HostName;
  /** One for each command; `undefined`: not run, or its end was not seen. */
  readonly statuses: readonly (number | undefined)[];
  /** How the process here ended: the command itself, its shell, or ssh. It may have run other stages, too. */
  readonly exit: { readonly code?: number; readonly signal?: string };
  /** Bounded: of a long text the first 8 KiB and the last 24 KiB. */
  readonly stderr: string;
  /** The same by command, one for each. */
  readonly said: readonly string[];
  /** Milliseconds since 1970, by the clock of this machine. */
  readonly endedAt: number;
};

/** The stage that failed by itself, where the others only followed. */
export type PipeCause = {
  /** Index into `stages`. */
  readonly stage: number;
  /** What the command wrote that stopped the stage, without what the commands before it wrote. */
  readonly stderr: string;
  readonly status: number | undefined;
};

export type PipeResult = {
  readonly ok: boolean;
  readonly stages: readonly StageResult[];
  readonly cause?: PipeCause;
};

export type RunOptions = {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds that the commands may take, once connected. Default: no limit. */
  readonly timeoutMs?: number | undefined;
};

export type PipeOptions = {
  readonly signal?: AbortSignal | undefined;
  /** Called with each line that a stage prints on stderr, while it runs. */
  readonly onStderrLine?: ((stage: number, line: string) => void) | undefined;
  /**
   * No data comes through this machine: of two remote hosts, that of the first stages reaches that of the others by its own ssh, in one
   * session.
   */
  readonly direct?: boolean | undefined;
  /** A word that the shell of each stage has in its command line on its host, for whoever looks for it in `ps`. */
  readonly mark?: string | undefined;
};

export type FollowOptions = { readonly signal?: AbortSignal | undefined };

/** What is locked: a replica, by the GUID of its pool and the name of its dataset on that host. */
export type LockRequest = {
  /** The pool's name. */
  readonly pool: string;
  readonly dataset: string;
  /** One line: who we are and since when; shown to whoever finds it taken. Control characters become spaces. */
  readonly holder: string;
};

export type LockOptions = {
  readonly signal?: AbortSignal | undefined;
  /** Only asks, and changes nothing: `free` or `taken`, so far as its file tells. */
  readonly peek?: boolean | undefined;
};

export type LastHolder = 'clean' | 'unknown' | { readonly holder: string };

export type LockAnswer =
  | {
      readonly kind: 'held';
      readonly lock: HeldLock;
      /**
       * How the holder before us ended: `clean`; its line, where it did not say so (it died, lost its connection or
       * left something); `unknown`: no trace (never locked, or the host was rebooted).
       */
      readonly before: LastHolder;
    }
  /** Only asked for: nobody has it. */
  | { readonly kind: 'free'; readonly before: LastHolder }
  /** With the holder's line; `''` where it has not written it yet. */
  | { readonly kind: 'taken'; readonly holder: string }
  /** That host has no tool for it, or no place for the file. */
  | { readonly kind: 'unavailable'; readonly reason: string };

export type HeldLock = {
  /**
   * Aborts when the lock is no longer ours although we did not release it; its reason is a `ZferryError`
   * `lock-lost`.
   */
  readonly lost: AbortSignal;
  /** Settles when another can have it. */
  release(how: LockEnd): Promise<void>;
};

/** What the next holder is told: that nothing is left to be cleaned up, that we were the last, or what we were told. */
export type LockEnd = 'clean' | 'leave' | 'undo';

export interface Hosts {
  /**
   * Makes the connection that the other verbs use, where it is not there yet.
   * @throws {ZferryError} as `run` does
   */
  connect(host: HostName, options?: LockOptions): Promise<void>;

  /**
   * @throws {ZferryError} `cancelled`, `timeout`, `connection-lost` and the codes of `ssh-errors.ts`.
   */
  run(batch: Batch, options?: RunOptions): Promise<BatchResult>;

  /**
   * The stdout of each stage is the stdin of the next. Neighbours on one remote host are joined there, in one session.
   * @throws {ZferryError} `cancelled`, `connection-lost` and the codes of `ssh-errors.ts`.
   */
  pipe(stages: readonly Stage[], options?: PipeOptions): Promise<PipeResult>;

  /**
   * Yields the lines of a command's stdout until it ends or the signal aborts; then it ends quietly.
   * @throws {ZferryError} `command-failed` where it ended by itself with a status other than 0; `connection-lost`.
   */
  follow(host: HostName, command: Command, options?: FollowOptions): AsyncIterable<string>;

  /**
   * Takes the lock of a replica, or says who has it, without waiting. It is held by a session of its own on that host
   * (one of the few that one connection has), and for no longer than that session and we live.
   * @throws {ZferryError} `cancelled`, `connection-lost` and the codes of `ssh-errors.ts`.
   */
  lock(host: HostName, request: LockRequest, options?: LockOptions): Promise<LockAnswer>;

  /** Ends what still runs, lets go of locks as not clean, closes the connections and removes the temporary files. */
  close(): Promise<void>;
}

/** One start of a shell here or of an ssh session for each of `hosts`; told to whoever counts or prints them. */
export type CommandEvent = {
  readonly kind: 'run' | 'pipe' | 'follow' | 'lock';
  /** Where it begins: the first of `hosts`. */
  readonly host: HostName;
  /** One for each batch or stage. */
  readonly hosts: readonly HostName[];
  /** Can be pasted into a shell: `zfs send … | ssh nas 'zfs receive …'`. */
  readonly line: string;
};
