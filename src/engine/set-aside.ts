import type { Command, CommandResult } from '../host/hosts.ts';
import { type Aside, asideText, parseAside, type Unfinished } from '../plan/aside.ts';
import {
  cloneArgs,
  destroyEmptyArgs,
  inheritArgs,
  promoteArgs,
  renameArgs,
  setArgs,
  syncPoolArgs,
  unmountArgs,
} from '../zfs/change-args.ts';
import { ownProperties } from '../zfs/dataset.ts';
import { type DatasetName, poolOf, rebase } from '../zfs/dataset-name.ts';
import { copyDelegationsArgs, listDelegationsArgs } from '../zfs/delegations.ts';
import { ZferryError } from '../zfs/failure.ts';
import {
  countHoldsArgs,
  holdTag,
  listHoldsArgs,
  parseHeldNames,
  parseHolds,
  releaseArgs,
} from '../zfs/hold-args.ts';
import {
  countObjectsArgs,
  listBelowArgs,
  listChildrenArgs,
  listPointsOfArgs,
  propertyValueArgs,
} from '../zfs/list-args.ts';
import { type Child, isEmptyRoot, parseChildren, parsePoints } from '../zfs/list-output.ts';
import { localValueArgs } from '../zfs/property-args.ts';
import { abortReceiveArgs } from '../zfs/receive-args.ts';
import { localProperties } from './local-properties.ts';
import { commandError, firstFailure, type Problem, problemOf } from './problem.ts';
import type { World } from './world.ts';

/** What a set-aside has come to. */
export type Finished =
  | { readonly kind: 'done' }
  /** A full copy has to arrive in its place first; `children` are targets that are below the copy until then. */
  | { readonly kind: 'waits'; readonly children: readonly DatasetName[] }
  | { readonly kind: 'failed'; readonly problem: Problem };

/**
 * Renames a dataset that has diverged, with all that is below it. What it is for stands in a property of it before it is renamed, so that
 * whatever comes, the next run finds it.
 */
export async function beginAside(
  world: World,
  host: string,
  { copy, ...aside }: Omit<Aside, 'state'> & { readonly copy: DatasetName },
  partial: boolean,
): Promise<Problem | undefined> {
  const { original } = aside;
  const mark = { [ownProperties.aside]: asideText({ ...aside, state: 'open' }) };
  const results = await run(world, host, [
    ...(partial ? [{ argv: abortReceiveArgs(original), optional: true as const }] : []),
    { argv: setArgs(original, mark) },
    { argv: renameArgs(original, copy) },
  ]);
  const failed = firstFailure(partial ? results.slice(1) : results);
  if (failed === undefined) return undefined;
  await run(world, host, [{ argv: inheritArgs(ownProperties.aside, original), optional: true }]);
  return problemOf(commandError(host, failed, `Setting ${original} aside as ${copy}`));
}

/**
 * Goes on with a set-aside from wherever it stands, to its end or as far as it can: the clone of the common snapshot, promoted into place
 * (8 of 10 steps are those of a hand; see docs/states.md), its properties, permissions and children, then the copy made harmless.
 */
export async function finishAside(
  world: World,
  host: string,
  { copy, original }: Unfinished,
): Promise<Finished> {
  try {
    const asked = await run(world, host, [
      { argv: localValueArgs(copy, ownProperties.aside), optional: true },
      { argv: listChildrenArgs(copy), optional: true },
      { argv: listChildrenArgs(original), optional: true },
      { argv: listPointsOfArgs([copy]), optional: true },
    ]);
    const [mark, below, there, points] = asked.map(({ stdout }) => stdout);
    const aside = parseAside((mark ?? '').trim());
    const [self, ...children] = parseChildren(below ?? '');
    const [place] = parseChildren(there ?? '');
    if (aside === undefined || self === undefined || aside.original !== original || aside.state === 'done') {
      await run(world, host, [{ argv: inheritArgs(ownProperties.rebuilding, original), optional: true }]);
      return { kind: 'done' };
    }
    const back = children.map(({ name }) => rebase(name, copy, original));
    if (place === undefined && aside.base === undefined) return { kind: 'waits', children: back };
    if (place?.inconsistent === true) return { kind: 'waits', children: back };
    if (place === undefined)
      await takePlace(world, host, { copy, original, aside, self, points: points ?? '' });
    else if (place.origin?.startsWith(`${copy}@`))
      await must(world, host, [promoteArgs(original)], 'Promoting');
    if (aside.state === 'open') await moveOver(world, host, { copy, original, aside, children });
    await makeHarmless(world, host, { copy, original, aside, self });
    return { kind: 'done' };
  } catch (error) {
    if (!(error instanceof ZferryError) || error.code === 'cancelled') throw error;
    return { kind: 'failed', problem: problemOf(error) };
  }
}

type Going = { readonly copy: DatasetName; readonly original: DatasetName; readonly aside: Aside };

/** A clone of what both sides have, promoted, so that it is the clone's history and no longer the copy's. */
async function takePlace(
  world: World,
  host: string,
  { copy, original, aside, self, points }: Going & { readonly self: Child; readonly points: string },
): Promise<void> {
  const base = parsePoints(points).find(({ point }) => point.guid === aside.base)?.point;
  if (base === undefined) {
    throw new ZferryError({
      code: 'snapshot-gone',
      host,
      message: `${copy} was set aside, and the snapshot ${aside.base} from which ${original} was to be made again is gone from it`,
      next: `to have it as it was: zfs rename ${copy} ${original}, then run this again`,
    });
  }
  // Without canmount=noauto a clone whose key is not loaded is made, and "zfs clone" fails all the same.
  const quiet = self.type === 'volume' ? { volmode: 'none' } : { canmount: 'noauto' };
  const properties = { readonly: 'on', ...quiet, [ownProperties.rebuilding]: copy };
  await must(
    world,
    host,
    [cloneArgs(copy, base.name, original, properties), promoteArgs(original)],
    `Putting @${base.name} of ${copy} in its place`,
  );
}

/** What a clone takes from its origin, and what is of this set-aside. */
const notCopied = new Set([
  'encryption',
  'keyformat',
  'keylocation',
  'pbkdf2iters',
  ownProperties.aside,
  ownProperties.rebuilding,
]);

/** Properties, permissions and children. */
async function moveOver(
  world: World,
  host: string,
  { copy, original, aside, children }: Going & { readonly children: readonly Child[] },
): Promise<void> {
  const local = await localProperties(world, host, copy);
  const full = aside.base === undefined;
  // A full copy has been given those of zferry by its first receive, and is no placeholder.
  const wanted = [...local].filter(
    ([name]) => !notCopied.has(name) && !(full && (isOurs(name) || isShape(name))),
  );
  const [allowed] = await run(world, host, [{ argv: listDelegationsArgs(copy), optional: true }]);
  const delegations = copyDelegationsArgs(allowed?.stdout ?? '', copy, original);
  const isPlaceholder = local.get(ownProperties.placeholder) === 'on';
  const setting = isPlaceholder ? [] : wanted.map(([name, value]) => setArgs(original, { [name]: value }));
  const results = await run(
    world,
    host,
    [...setting, ...delegations].map((argv) => ({ argv, optional: true as const })),
  );
  for (const result of results.filter(({ status }) => status !== 0)) {
    const { message } = commandError(
      host,
      result,
      `Giving ${original} what ${copy} had set (${result.argv.slice(1).join(' ')})`,
    );
    world.report({ kind: 'warning', message });
  }
  const moves = children.map(({ name }) => renameArgs(name, rebase(name, copy, original)));
  if (moves.length > 0) await must(world, host, moves, `Moving what is below ${copy} back`);
  await must(
    world,
    host,
    [setArgs(copy, { [ownProperties.aside]: asideText({ ...aside, state: 'moved' }) })],
    'Noting that',
  );
}

/** Those that decide how a dataset behaves as a copy. */
function isShape(name: string): boolean {
  return ['canmount', 'readonly', 'volmode'].includes(name);
}

/** Ours, and the roles of a pair. */
function isOurs(name: string): boolean {
  return name !== ownProperties.sync && /^(?:zferry|zpair|zrep):/.test(name);
}

/** The copy carries no role, takes no room but its own, and is not mounted. An empty placeholder is not worth keeping. */
async function makeHarmless(
  world: World,
  host: string,
  { copy, original, aside, self }: Going & { readonly self: Child },
): Promise<void> {
  const local = await localProperties(world, host, copy);
  const isPlaceholder = local.get(ownProperties.placeholder) === 'on';
  if (isPlaceholder ? await holdsNothing(world, host, copy) : await isBareClone(world, host, self, local)) {
    await must(
      world,
      host,
      [destroyEmptyArgs(copy), inheritArgs(ownProperties.rebuilding, original)],
      `Destroying ${copy}, in which nothing is`,
    );
    return;
  }
  const [counted, marked] = await run(world, host, [
    { argv: countHoldsArgs(copy), optional: true },
    { argv: propertyValueArgs(ownProperties.id, original), optional: true },
  ]);
  const id = (marked?.stdout ?? '').trim();
  const held = parseHeldNames(counted?.stdout ?? '');
  const [listed] =
    held.length > 0 ? await run(world, host, [{ argv: listHoldsArgs(held), optional: true }]) : [];
  const holds = [...parseHolds(listed?.stdout ?? '')].flatMap(([name, tags]) =>
    tags.filter((tag) => tag === holdTag(id)).map((tag) => releaseArgs(tag, [name])),
  );
  const volume = self.type === 'volume';
  const wanted: Record<string, string> = {
    readonly: 'on',
    ...(volume
      ? { volmode: 'none', refreservation: 'none' }
      : { canmount: 'noauto', refreservation: 'none' }),
    reservation: 'none',
    'com.sun:auto-snapshot': 'false',
  };
  const ours = [...local.keys()].filter((name) => isOurs(name) && name !== ownProperties.aside);
  const reservations = [...local].filter(
    ([name, value]) => (name === 'reservation' || name === 'refreservation') && value !== 'none',
  );
  const results = await run(world, host, [
    ...(self.mounted ? [{ argv: unmountArgs(copy), optional: true as const }] : []),
    ...Object.entries(wanted).map(([name, value]) => ({
      argv: setArgs(copy, { [name]: value }),
      optional: true as const,
    })),
    ...[...ours.map((name) => inheritArgs(name, copy)), ...holds].map((argv) => ({
      argv,
      optional: true as const,
    })),
    // There was not room for both.
    ...reservations.map(([name, value]) => ({
      argv: setArgs(original, { [name]: value }),
      optional: true as const,
    })),
  ]);
  for (const result of results.filter(({ status }) => status !== 0)) {
    const { message } = commandError(
      host,
      result,
      `Making ${copy} harmless (${result.argv.slice(1).join(' ')})`,
    );
    world.report({ kind: 'warning', message });
  }
  await must(
    world,
    host,
    [
      setArgs(copy, { [ownProperties.aside]: asideText({ ...aside, state: 'done' }) }),
      inheritArgs(ownProperties.rebuilding, original),
    ],
    `Noting that ${copy} is set aside`,
  );
}

/** Whether a placeholder has no file, nothing below it and no snapshot. */
async function holdsNothing(world: World, host: string, name: DatasetName): Promise<boolean> {
  const asked = [syncPoolArgs(poolOf(name)), countObjectsArgs(name), listBelowArgs(name)];
  const [, objects, below] = await run(
    world,
    host,
    asked.map((argv) => ({ argv, optional: true as const })),
  );
  return isEmptyRoot(objects, below);
}

/** Whether a copy of ours is no more than its origin: a clone without a snapshot, to which nothing was written. */
async function isBareClone(
  world: World,
  host: string,
  { name, origin, mounted }: Child,
  local: ReadonlyMap<string, string>,
): Promise<boolean> {
  if (origin === undefined || mounted || !local.has(ownProperties.source)) return false;
  const asked = [propertyValueArgs('written', name), listBelowArgs(name)];
  const [written, below] = await run(
    world,
    host,
    asked.map((argv) => ({ argv, optional: true as const })),
  );
  return written?.stdout.trim() === '0' && below?.stdout.trim() === name;
}

async function run(
  world: World,
  host: string,
  commands: readonly Command[],
): Promise<readonly CommandResult[]> {
  return (await world.hosts.run({ host, commands }, { signal: world.signal })).results;
}

async function must(
  world: World,
  host: string,
  lines: readonly (readonly string[])[],
  doing: string,
): Promise<void> {
  const results = await run(
    world,
    host,
    lines.map((argv) => ({ argv })),
  );
  const failed = firstFailure(results);
  if (failed) throw commandError(host, failed, doing);
}
