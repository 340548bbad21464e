import type { Command, CommandResult } from '../host/hosts.ts';
import { explainZfsError } from '../zfs/errors.ts';
import { listNamedPointsArgs } from '../zfs/list-args.ts';
import { portions } from '../zfs/portions.ts';
import { saidText } from './problem.ts';
import type { RunState } from './run-state.ts';
import type { World } from './world.ts';

export type Change = {
  readonly make: readonly (readonly string[])[];
  /** Let go of once all of `make` is there. */
  readonly drop: readonly (readonly string[])[];
  /** Full name of what has to be there still when they go: what they are superseded by. */
  readonly look?: string | undefined;
};

/** Each takes a transaction group by itself; of those that go on at the same time many share one. */
export const lanes = 8;

/**
 * All new ones, then the old ones. Where one cannot be made, the others are all the same, and only what it was to supersede stays.
 * @returns in the order of the commands, not run ones among them
 */
export async function inOrder(
  world: World,
  host: string,
  changes: readonly Change[],
): Promise<readonly CommandResult[]> {
  const run = async (commands: readonly Command[]): Promise<readonly CommandResult[]> =>
    commands.length === 0
      ? []
      : (await world.hosts.run({ host, commands, atOnce: lanes }, { signal: world.signal })).results;
  const drops = (some: readonly Change[]): readonly Command[] => {
    const dropping = some.flatMap(({ drop }) => drop);
    const names = some.flatMap((one) => (one.drop.length > 0 ? (one.look ?? []) : []));
    const looking = names.length === 0 ? [] : portions(names).map(listNamedPointsArgs);
    return [...looking.map(required), ...dropping.map(optional)];
  };
  const making = changes.flatMap(({ make }) => make);
  const results = await run([...making.map(required), ...drops(changes)]);
  const failed = results.findIndex(({ status }) => status !== 0);
  if (failed === -1 || failed >= making.length) return results;
  const rest = await run(making.slice(failed + 1).map(optional));
  const made = [...results.slice(0, failed + 1), ...rest];
  const there = new Set(making.filter((_, i) => isMade(made[i])));
  const free = changes.filter(({ make }) => make.every((one) => there.has(one)));
  const dropped = await run(drops(free));
  const kept = changes.filter((one) => !free.includes(one)).flatMap(({ drop }) => drop);
  return [...made, ...dropped, ...kept.map(notRun)];
}

function required(argv: readonly string[]): Command {
  return { argv };
}

function optional(argv: readonly string[]): Command {
  return { argv, optional: true };
}

export function isMade(result: CommandResult | undefined): boolean {
  return result?.status === 0 || result?.stderr.includes('bookmark exists') === true;
}

function notRun(argv: readonly string[]): CommandResult {
  return { argv, status: undefined, stdout: '', stderr: '' };
}

export function tellFault(
  world: World,
  { warned }: RunState,
  what: string,
  { stderr, status }: CommandResult,
): void {
  const known = explainZfsError(stderr)?.meaning ?? (saidText(stderr) || `exit status ${status}`);
  const message = `${what} (${known}): the next run goes on from it as long as nothing destroys it`;
  if (warned.has(message)) return;
  warned.add(message);
  world.report({ kind: 'note', message });
}
