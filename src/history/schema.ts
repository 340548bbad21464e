import type { Generated } from 'kysely';

/** One row a run. Times in milliseconds since 1970, sizes in bytes. */
export type RunsTable = {
  id: Generated<number>;
  source: string;
  target: string;
  /** `running` until its end; `interrupted` is set by a later run that finds the process gone. */
  state: 'running' | 'ended' | 'interrupted';
  started_at: number;
  ended_at: number | null;
  /** Which process: its id and when it started, since ids are used again. */
  process: string;
  exit_code: number | null;
  bytes: number | null;
  /** The result or the error as JSON. */
  detail: string | null;
};

export type HistorySchema = { runs: RunsTable };
