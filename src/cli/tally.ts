import { type LagMeter, lagMeter } from '../engine/lag.ts';
import type { Round } from '../engine/rounds.ts';
import { bytesSent, exitCodeOf } from '../engine/sync-result.ts';
import type { RoundOutcome } from '../engine/try-round.ts';
import { count, formatBytes, formatDuration } from '../plan/format.ts';
import { exitCodes } from '../zfs/failure.ts';

/** All that many runs have done together. */
export type Tally = {
  rounds: number;
  failed: number;
  snapshots: number;
  bytes: number;
  readonly lag: LagMeter;
};

export function newTally(): Tally {
  return { rounds: 0, failed: 0, snapshots: 0, bytes: 0, lag: lagMeter() };
}

export function addTo(tally: Tally, { outcome, asOf, provenAt }: Round): void {
  tally.rounds++;
  if (outcome.kind === 'error' || exitCodeOf(outcome.result) !== exitCodes.done) tally.failed++;
  if (outcome.kind === 'result') {
    tally.snapshots += snapshotsIn(outcome);
    tally.bytes += bytesSent(outcome.result);
  }
  if (asOf !== undefined && provenAt !== undefined) tally.lag.add({ asOf, provenAt });
}

export function snapshotsIn({ result }: Extract<RoundOutcome, { kind: 'result' }>): number {
  return result.datasets.reduce(
    (sum, { outcome }) => sum + ('snapshots' in outcome ? outcome.snapshots.length : 0),
    0,
  );
}

/** As a person reads it. */
export function tallyText({ rounds, failed, snapshots, bytes, lag }: Tally): string {
  const behind = lag.read();
  const { p50, p95, p99 } = behind ?? { p50: 0, p95: 0, p99: 0 };
  const tail = behind
    ? `; what is written is there after ${formatDuration(p50)} (half of it), ${formatDuration(p95)} (95 %), ${formatDuration(p99)} (99 %)`
    : '';
  const bad = failed === 0 ? '' : `, ${failed} of them failed`;
  return `${count(rounds, 'run')}${bad}, ${count(snapshots, 'snapshot')} sent, about ${formatBytes(bytes)}${tail}`;
}

/** As plain data. */
export function tallyJson({ rounds, failed, snapshots, bytes, lag }: Tally) {
  return { rounds, failed, snapshots, bytes, lagMs: lag.read() ?? null };
}
