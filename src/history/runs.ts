import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { isRunning, processKey } from './process-key.ts';
import type { HistorySchema } from './schema.ts';
import { openSqlite } from './sqlite.ts';

export type RunStart = { readonly source: string; readonly target: string; readonly startedAt: number };
export type RunEnd = {
  readonly endedAt: number;
  readonly exitCode: number;
  readonly bytes: number;
  /** Plain data: the result, or the error. */
  readonly detail: unknown;
};

/** Leaves one record of each run, also of one that was killed. */
export type RunRecord = { readonly end: (end: RunEnd) => Promise<void> };

/**
 * Notes that a run begins. Runs that never ended and whose process is gone become `interrupted`.
 * History is not what correctness rests on: whatever is wrong with it is told to `warn`, once, and the run goes on.
 * @param folder the state folder; made if it is not there
 */
export async function recordRun(
  folder: string,
  start: RunStart,
  warn: (message: string) => void,
): Promise<RunRecord> {
  const tell = (error: unknown) =>
    warn(`this run is not recorded in ${folder}: ${error instanceof Error ? error.message : String(error)}`);
  let db: Kysely<HistorySchema>;
  let id: number;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o750 });
    db = await openSqlite(join(folder, 'zferry.db'));
  } catch (error) {
    tell(error);
    return { end: () => Promise.resolve() };
  }
  try {
    await markInterrupted(db);
    id = await insertRun(db, start);
  } catch (error) {
    tell(error);
    await db.destroy();
    return { end: () => Promise.resolve() };
  }
  return {
    end: async (end) => {
      try {
        await endRun(db, id, end);
      } catch (error) {
        tell(error);
      } finally {
        await db.destroy();
      }
    },
  };
}

async function insertRun(
  db: Kysely<HistorySchema>,
  { source, target, startedAt }: RunStart,
): Promise<number> {
  const row = await db
    .insertInto('runs')
    .values({ source, target, state: 'running', started_at: startedAt, process: processKey(process.pid) })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

async function endRun(db: Kysely<HistorySchema>, id: number, end: RunEnd): Promise<void> {
  await db
    .updateTable('runs')
    .set({
      state: 'ended',
      ended_at: end.endedAt,
      exit_code: end.exitCode,
      bytes: end.bytes,
      detail: JSON.stringify(end.detail),
    })
    .where('id', '=', id)
    .execute();
}

async function markInterrupted(db: Kysely<HistorySchema>): Promise<void> {
  const open = await db.selectFrom('runs').select(['id', 'process']).where('state', '=', 'running').execute();
  const gone = open.filter((run) => !isRunning(run.process)).map((run) => run.id);
  if (gone.length > 0)
    await db.updateTable('runs').set({ state: 'interrupted' }).where('id', 'in', gone).execute();
}
