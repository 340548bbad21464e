import type { EngineEvent } from '../engine/events.ts';
import { problemOf } from '../engine/problem.ts';
import { type Round, syncRounds } from '../engine/rounds.ts';
import { bytesSent, exitCodeOf, type Outcome } from '../engine/sync-result.ts';
import type { RoundOutcome } from '../engine/try-round.ts';
import type { World } from '../engine/world.ts';
import { placeText } from '../plan/place.ts';
import { type ExitCode, exitCodes } from '../zfs/failure.ts';
import { errorText } from './error-text.ts';
import type { Io } from './io.ts';
import { nowAndThen } from './now-and-then.ts';
import { recorded } from './recorded.ts';
import type { SyncInput } from './sync-options.ts';
import { errorJson, resultText } from './sync-text.ts';
import { addTo, newTally, snapshotsIn, tallyJson, tallyText } from './tally.ts';
import { printJsonLine } from './world.ts';

/** Who wants to stop waits so long for the run that goes on (milliseconds); then it is cut off. */
const patience = 30_000;

/** What goes wrong in the same way is said again after so many milliseconds. */
const sayAgainAfter = 3_600_000;

/** A line tells of so many milliseconds. */
const tellEvery = 60_000;

/** `zferry sync --every`: one record for all of it. @throws ZferryError what stopped the first run; cancelled */
export async function syncEvery(
  io: Io,
  world: World,
  input: SyncInput & { readonly everyMs: number },
  clear: () => void,
): Promise<ExitCode> {
  const { request, everyMs, json, quiet } = input;
  const where = `${placeText(request.source)} → ${placeText(request.target)}`;
  const all = newTally();
  let minute = newTally();
  let toldAt = io.now();
  let last: Round | undefined;
  let said = '';
  const isNews = nowAndThen(sayAgainAfter, io.now);
  const say = (text: string): void => {
    clear();
    if (!quiet && !json) io.out(`${where}: ${text}\n`);
  };
  const onRound = (round: Round): void => {
    for (const tally of [all, minute]) addTo(tally, round);
    const stopsAll = round.number === 1 && round.outcome.kind === 'error';
    if (json && !stopsAll) printJsonLine(io, roundJson(round));
    const fault = faultOf(round.outcome);
    if (isNews(fault?.key ?? '') && fault !== undefined && round.number > 1) {
      clear();
      io.err(fault.text);
    }
    if (fault === undefined && said !== '') say('well again');
    said = fault?.key ?? '';
    if (round.number === 1) tellFirst(round.outcome);
    if (round.number > 1 && Math.abs(io.now() - toldAt) >= Math.max(tellEvery, everyMs)) {
      say(tallyText(minute));
      minute = newTally();
      toldAt = io.now();
    }
    last = round;
  };
  const tellFirst = (outcome: RoundOutcome): void => {
    if (outcome.kind === 'error' || json) return;
    clear();
    const isDone = exitCodeOf(outcome.result) === exitCodes.done;
    if (isDone && quiet) return;
    (isDone ? io.out : io.err)(resultText(outcome.result));
  };

  const late = patientSignal(io, () => {
    clear();
    if (!quiet) io.err('stopping after this run, or in 30 s; once more stops at once\n');
  });
  const warn = (message: string): void => world.report({ kind: 'warning', message });
  try {
    return await recorded(io, input, warn, async (ready) => {
      // A first run is told of in all its steps; those after it are many, and small.
      const report = (event: EngineEvent): void => {
        if (last === undefined || !isRoutine(event)) world.report(event);
      };
      const rounds = { everyMs, stop: io.signal, onRound };
      await syncRounds({ ...world, report, signal: late.signal }, request, rounds, ready);
      if (last?.number === 1 && last.outcome.kind === 'error') throw last.outcome.error;
      if (json) printJsonLine(io, tallyJson(all));
      else if (all.rounds > 1) say(tallyText(all));
      const exitCode = last?.outcome.kind === 'result' ? exitCodeOf(last.outcome.result) : exitCodes.failed;
      return { exitCode, bytes: all.bytes, detail: tallyJson(all) };
    });
  } finally {
    late.done();
  }
}

/** A signal that comes some time after the user's, so that what goes on can end by itself. */
function patientSignal(
  io: Io,
  onAsked: () => void,
): { readonly signal: AbortSignal; readonly done: () => void } {
  const late = new AbortController();
  const over = new AbortController();
  const onStop = async (): Promise<void> => {
    onAsked();
    await io.sleep(patience, over.signal);
    late.abort();
  };
  const listener = (): void => void onStop();
  if (io.signal.aborted) late.abort();
  else io.signal.addEventListener('abort', listener, { once: true });
  return {
    signal: late.signal,
    done: () => {
      io.signal.removeEventListener('abort', listener);
      over.abort();
    },
  };
}

/** What every run does, and nobody needs to hear of each time. */
function isRoutine({ kind }: EngineEvent): boolean {
  return kind === 'snapshot-taken' || kind.startsWith('step-') || kind === 'rotated' || kind === 'planned';
}

/** What went wrong, as it is printed; the same again has the same key. */
function faultOf(outcome: RoundOutcome): { readonly key: string; readonly text: string } | undefined {
  if (outcome.kind === 'error') {
    const text = errorText(problemOf(outcome.error), false);
    return { key: text, text };
  }
  const { result } = outcome;
  if (exitCodeOf(result) === exitCodes.done) return undefined;
  const bad = result.datasets.filter((one) => one.outcome.kind !== 'sent' && one.outcome.kind !== 'nothing');
  const key = bad.map((one) => `${one.target} ${codeOf(one.outcome)}`).join('\n');
  return { key, text: resultText(result) };
}

function codeOf(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'failed':
      return outcome.problem.code;
    case 'refused':
      return outcome.conflict.kind;
    case 'skipped':
    case 'sent':
    case 'nothing':
      return outcome.kind;
  }
}

function roundJson({ number, carried, startedAt, endedAt, asOf, provenAt, outcome }: Round) {
  const times = {
    round: number,
    carried,
    startedAt: new Date(startedAt).toISOString(),
    ms: endedAt - startedAt,
  };
  if (outcome.kind === 'error') return { ...times, ...errorJson(outcome.error) };
  return {
    ...times,
    exitCode: exitCodeOf(outcome.result),
    snapshots: snapshotsIn(outcome),
    bytes: bytesSent(outcome.result),
    asOf: asOf === undefined ? null : new Date(asOf).toISOString(),
    arrivedAfterMs: asOf === undefined || provenAt === undefined ? null : provenAt - asOf,
  };
}
