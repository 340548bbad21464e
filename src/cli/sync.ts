import type { Report } from '../engine/events.ts';
import { askLock } from '../engine/lock.ts';
import { checkRoom } from '../engine/measure.ts';
import { prepareSync } from '../engine/prepare-sync.ts';
import { sync as replicate } from '../engine/sync.ts';
import { bytesSent, exitCodeOf, refusedExitCode } from '../engine/sync-result.ts';
import { readyWay } from '../engine/way.ts';
import type { World } from '../engine/world.ts';
import { knownListings } from '../history/known-listings.ts';
import { stateFolder } from '../history/state-folder.ts';
import { planJson } from '../plan/plan-json.ts';
import { planText } from '../plan/plan-text.ts';
import type { SyncPlan } from '../plan/sync-plan.ts';
import { isStopped } from '../plan/tree-rules.ts';
import { losesWrites } from '../plan/unsnapshotted.ts';
import { type ExitCode, exitCodes, ZferryError } from '../zfs/failure.ts';
import type { Io } from './io.ts';
import { recorded } from './recorded.ts';
import { syncEvery } from './sync-every.ts';
import type { SyncInput } from './sync-options.ts';
import { errorJson, resultJson, resultText } from './sync-text.ts';
import { talk } from './talk.ts';
import { inWorld, printJson, printJsonLine } from './world.ts';

/** `zferry sync`: prints to `io` and returns the exit code. @throws ZferryError once it has been recorded */
export async function sync(io: Io, input: SyncInput): Promise<ExitCode> {
  const { report: tell, clear } = talk(io, input.progress, input.quiet);
  let sending = false;
  const report: Report = (event) => {
    if (event.kind === 'step-started') sending = true;
    tell(event);
  };
  return await inWorld(io, input, report, async (opened) => {
    const warn = (message: string): void => report({ kind: 'warning', message });
    const world = { ...opened, known: knownListings(stateFolder(io.env, io.uid), warn) };
    try {
      if (input.dryRun) return await dryRun(io, world, input);
      const { everyMs } = input;
      if (everyMs !== undefined) return await syncEvery(io, world, { ...input, everyMs }, clear);
      return await realRun(io, world, input, clear);
    } catch (error) {
      clear();
      const said =
        error instanceof ZferryError && error.code === 'cancelled' ? stopped(error, sending) : error;
      const print = input.everyMs === undefined ? printJson : printJsonLine;
      if (input.json && said instanceof ZferryError) print(io, errorJson(said));
      throw said;
    }
  });
}

async function dryRun(io: Io, world: World, input: SyncInput): Promise<ExitCode> {
  await readyWay(world, input.request);
  const { cleanBefore } = await askLock(world, input.request.target);
  const { plan, target, toFinish } = await prepareSync(world, input.request, { cleanBefore });
  for (const { copy, original } of toFinish.filter((one) => one.copy !== one.original)) {
    const message = `${original} was being set aside as ${copy} when a run was cut off; the next one goes on with that first, and then plans anew, so less will be sent than this says`;
    world.report({ kind: 'warning', message });
  }
  if (toFinish.length === 0) await checkRoom(world, plan, target);
  if (input.json) printJson(io, { plan: planJson(plan) });
  else io.out(planText(plan));
  return plannedExitCode(plan);
}

async function realRun(io: Io, world: World, input: SyncInput, clear: () => void): Promise<ExitCode> {
  const warn = (message: string): void => world.report({ kind: 'warning', message });
  return await recorded(io, input, warn, async (ready) => {
    const result = await replicate(world, input.request, ready);
    clear();
    const exitCode = exitCodeOf(result);
    const detail = resultJson(result);
    if (input.json) printJson(io, detail);
    else if (!input.quiet || exitCode !== exitCodes.done)
      (exitCode === exitCodes.done ? io.out : io.err)(resultText(result));
    return { exitCode, bytes: bytesSent(result), detail: detail.result };
  });
}

function stopped(cause: ZferryError, sending: boolean): ZferryError {
  return new ZferryError({
    code: cause.code,
    exitCode: exitCodes.interrupted,
    message: 'Stopped before it was done',
    meaning: sending
      ? 'what has arrived stays, also of the step that was under way'
      : 'nothing had been sent yet',
    next: `run the same command again${sending ? ': it goes on from there' : ''}`,
    cause,
  });
}

/** What the run would end with if nothing failed on the way. */
function plannedExitCode(plan: SyncPlan): ExitCode {
  const stopped = plan.datasets.filter(isStopped);
  if (stopped.length === 0) return losesWrites(plan) ? exitCodes.partly : exitCodes.done;
  const left = plan.datasets.filter(({ decision }) => decision.kind === 'left').length;
  if (stopped.length < plan.datasets.length - left) return exitCodes.partly;
  const causes = stopped.filter(
    ({ decision }) => decision.kind !== 'blocked' || decision.parent === undefined,
  );
  const refused = causes.flatMap(({ decision }) => (decision.kind === 'refused' ? [decision.conflict] : []));
  return refused.length === causes.length ? refusedExitCode(refused) : exitCodes.failed;
}
