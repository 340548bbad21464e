import type { Hosts } from '../host/hosts.ts';
import type { HostsOptions } from '../host/open-hosts.ts';

/** What a command works with: its streams, environment, clock and hosts, so that a test can capture all of it. */
export type Io = {
  /** Results. */
  readonly out: (text: string) => void;
  /** Talk: progress, warnings, errors. */
  readonly err: (text: string) => void;
  /** Whether talk goes to a terminal: colour and a progress line are for terminals only. */
  readonly errIsTerminal: boolean;
  readonly env: NodeJS.ProcessEnv;
  /** The user's id, where the system has one. */
  readonly uid: number | undefined;
  readonly now: () => number;
  /** Waits that many milliseconds, or until the signal aborts. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
  /** Who runs this and where: `root@web, process 4711`. */
  readonly who: string;
  readonly openHosts: (options: Pick<HostsOptions, 'sshConfig' | 'onCommand'>) => Promise<Hosts>;
  /** Aborts when the user wants to stop. */
  readonly signal: AbortSignal;
};
