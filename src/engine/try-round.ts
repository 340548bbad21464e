import { exitCodes, ZferryError } from '../zfs/failure.ts';
import { carryOut } from './attempt.ts';
import { mergeResults } from './merge-results.ts';
import { prepareNext } from './next-round.ts';
import { onlyCarries, type Prepared } from './prepare-sync.ts';
import { underLock } from './replica-locks.ts';
import { type Run, tryUntilDone } from './sync.ts';
import type { SyncRequest } from './sync-request.ts';
import { exitCodeOf, type SyncResult } from './sync-result.ts';
import type { World } from './world.ts';

export type RoundOutcome =
  | { readonly kind: 'result'; readonly result: SyncResult }
  | { readonly kind: 'error'; readonly error: ZferryError };

/**
 * One round: from how both sides stood after the one before, where that is known and is enough, otherwise as any run.
 * @param before ends when nothing goes on any more beside the rounds
 * @throws ZferryError cancelled
 */
export async function tryRound(
  world: World,
  request: SyncRequest,
  run: Run,
  { standing, before }: { readonly standing: Prepared | undefined; readonly before: () => Promise<unknown> },
): Promise<RoundOutcome> {
  try {
    const quick = standing && (await tryQuickly(world, request, run, standing));
    if (quick !== undefined && exitCodeOf(quick) === exitCodes.done) return { kind: 'result', result: quick };
    await before();
    const result = await tryUntilDone(world, request, run);
    return { kind: 'result', result: quick ? mergeResults(quick, result) : result };
  } catch (error) {
    if (!(error instanceof ZferryError) || world.signal?.aborted === true) throw error;
    return { kind: 'error', error };
  }
}

/**
 * From how both sides stood after the round before, where there is nothing to do but to send what is new.
 * @returns `undefined` where that is not all there is to do, or it could not be done
 */
async function tryQuickly(
  world: World,
  request: SyncRequest,
  { state, locks, ready }: Run,
  standing: Prepared,
): Promise<SyncResult | undefined> {
  const lock = await locks.take();
  if (state.lockIsNew) return undefined;
  await ready;
  const under = underLock(world, lock);
  state.begun = true;
  state.takenAt = world.now();
  try {
    const next = await prepareNext(under, standing, request.depth, state);
    if (next === undefined) return undefined;
    const { prepared, taken } = next;
    state.taken = taken;
    if (!onlyCarries(prepared.plan)) return undefined;
    return await carryOut(world, prepared, request, { under, mark: lock.mark, stuck: new Map(), state });
  } catch (error) {
    if (!(error instanceof ZferryError) || world.signal?.aborted === true) throw error;
    return undefined;
  }
}

/** Whether it went well for some at least: what has to wait for a person does not keep the others waiting. */
export function wentOn(outcome: RoundOutcome): boolean {
  if (outcome.kind === 'error') return false;
  const code = exitCodeOf(outcome.result);
  return code === exitCodes.done || code === exitCodes.partly;
}
