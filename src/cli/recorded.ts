import type { RunRecord, RunStart } from '../history/runs.ts';
import { stateFolder } from '../history/state-folder.ts';
import { placeText } from '../plan/place.ts';
import { type ExitCode, exitCodes, ZferryError } from '../zfs/failure.ts';
import type { Io } from './io.ts';
import type { SyncInput } from './sync-options.ts';
import { errorJson } from './sync-text.ts';

/** What a run came to, for the history. */
export type Came = {
  readonly exitCode: ExitCode;
  readonly bytes: number;
  /** Plain data. */
  readonly detail: unknown;
};

/**
 * Does something and leaves one record of it in the history, whatever it ends with.
 * @param work gets what settles when the record is there; before that nothing is to be changed, so that what is killed leaves one, too
 */
export async function recorded(
  io: Io,
  { request }: SyncInput,
  warn: (message: string) => void,
  work: (ready: Promise<unknown>) => Promise<Came>,
): Promise<ExitCode> {
  const start = { source: placeText(request.source), target: placeText(request.target), startedAt: io.now() };
  const recording = beginRecord(stateFolder(io.env, io.uid), start, warn);
  const end = async (came: Came): Promise<void> =>
    await (await recording).end({ ...came, endedAt: io.now() });
  try {
    const came = await work(recording);
    await end(came);
    return came.exitCode;
  } catch (error) {
    const known = error instanceof ZferryError;
    const detail = known ? errorJson(error) : { error: { code: 'bug', message: String(error) } };
    await end({ exitCode: known ? error.exitCode : exitCodes.failed, bytes: 0, detail });
    throw error;
  }
}

/** The database takes longer to load than all the rest; meanwhile the hosts are being reached. */
async function beginRecord(
  folder: string,
  start: RunStart,
  warn: (message: string) => void,
): Promise<RunRecord> {
  const { recordRun } = await import('../history/runs.ts');
  return await recordRun(folder, start, warn);
}
