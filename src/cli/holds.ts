import { type Area, letGoOf, listHoldings } from '../engine/holdings.ts';
import { formatBytes, formatDuration } from '../plan/format.ts';
import { type Holding, toRelease } from '../plan/holdings.ts';
import { type ExitCode, exitCodes, ZferryError } from '../zfs/failure.ts';
import type { CommonOptions } from './common-options.ts';
import { errorText } from './error-text.ts';
import type { Io } from './io.ts';
import { talk } from './talk.ts';
import { inWorld, printJson } from './world.ts';

export type HoldsInput = {
  readonly areas: readonly Area[];
  /** Let go of what is of no use, and of all of these replicas. */
  readonly release: boolean;
  readonly ids: readonly string[];
  /** Do it, and not only say what would be done. */
  readonly yes: boolean;
  readonly common: CommonOptions;
};

/** `zferry holds`. @throws ZferryError */
export async function holds(io: Io, { areas, release, ids, yes, common }: HoldsInput): Promise<ExitCode> {
  const { report } = talk(io, 'none', false);
  const options = { sshConfig: common.sshConfig, verbose: common.verbose ?? false };
  return await inWorld(io, options, report, async (world) => {
    const all = await listHoldings(world, areas);
    const going = release ? toRelease(all, ids) : [];
    const unknown = ids.find((wanted) => !all.some(({ id }) => id === wanted));
    if (unknown !== undefined) throw noReplica(unknown, all);
    const shown = release ? going : all;
    const failures = yes ? await letGoOf(world, going) : [];
    if (common.json) {
      printJson(io, { holdings: shown, released: yes, failures });
    } else {
      io.out(holdingsText(shown, io.now()));
      io.out(`${lastLine(all, going, { release, yes, ids })}\n`);
      for (const { problem } of failures) io.err(errorText(problem, true));
    }
    if (failures.length === 0) return exitCodes.done;
    return failures.length < going.length ? exitCodes.partly : exitCodes.failed;
  });
}

function noReplica(id: string, all: readonly Holding[]): ZferryError {
  const known = [...new Set(all.flatMap((one) => one.id ?? []))];
  return new ZferryError({
    code: 'no-such-replica',
    message: `Nothing of a replica ${id} is on these hosts`,
    next: known.length === 0 ? 'there is nothing of ours at all' : `give one of these: ${known.join(', ')}`,
  });
}

function lastLine(
  all: readonly Holding[],
  going: readonly Holding[],
  { release, yes, ids }: Pick<HoldsInput, 'release' | 'yes' | 'ids'>,
): string {
  const orphans = new Set(all.filter(({ state }) => state === 'no replica here').map(({ id = '' }) => id));
  for (const id of ids) orphans.delete(id);
  const rest =
    orphans.size === 0
      ? ''
      : `\nOf replicas that are on none of these hosts: ${[...orphans].join(', ')}. Give the hosts of their copies, too; to let go of what a copy that is no more has left: --release --id ${[...orphans][0] ?? ''}`;
  if (!release) return all.length === 0 ? 'Nothing of ours is there' : `${all.length} in all${rest}`;
  if (going.length === 0) return `Nothing to let go of${rest}`;
  const used = going.filter(({ state }) => state === 'in use').length;
  const beware = used === 0 ? '' : `; ${used} of them are in use, and their replicas are given up with them`;
  return yes
    ? `Let go of ${going.length}${rest}`
    : `Nothing was changed. To let go of these ${going.length}: the same with --yes${beware}${rest}`;
}

function holdingsText(holdings: readonly Holding[], now: number): string {
  const rows = holdings.map((one) => [
    one.host === '' ? one.name : `${one.host}:${one.name}`,
    one.kind,
    one.id ?? '-',
    one.since === undefined ? '-' : formatDuration(Math.max(now - one.since * 1000, 0)),
    reasonText(one),
  ]);
  if (rows.length === 0) return '';
  const table = [['WHERE', 'WHAT', 'REPLICA', 'AGE', 'WHY'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function reasonText(holding: Holding): string {
  switch (holding.kind) {
    case 'copy':
      return `${formatBytes(holding.used)}: ${holding.reason}`;
    case 'properties':
      return `${holding.reason}: ${holding.properties.join(' ')}`;
    case 'hold':
    case 'bookmark':
      return holding.reason;
  }
}
