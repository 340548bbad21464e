import type { Command, CommandResult } from '../host/hosts.ts';
import { type Aside, asideText, parseAside, type Unfinished } from '../plan/aside.ts';
import { onHost } from '../plan/place.ts';
import {
  cloneArgs,
  destroyEmptyArgs,
  inheritArgs,
  inheritBelowArgs,
  loadKeyArgs,
  mountArgs,
  promoteArgs,
  renameArgs,
  setArgs,
  syncPoolArgs,
  unmountArgs,
} from '../zfs/change-args.ts';
import { ownProperties } from '../zfs/dataset.ts';
import { type DatasetName, isWithin, poolOf, rebase } from '../zfs/dataset-name.ts';
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
  /** `kept`: whether what was set aside is still there; where nothing was in it, it is not. */
  | { readonly kind: 'done'; readonly kept: boolean }
  /** A full copy has to arrive in its place first; `children` are targets that are below the copy until then. */
  | { readonly kind: 'waits'; readonly children: readonly DatasetName[] }
  /** What it was to go from is gone; it has its name again, and what it needs is to be planned anew. */
  | { readonly kind: 'undone' }
  | { readonly kind: 'failed'; readonly problem: Problem };

/**
 * Renames a dataset that has diverged, with all that is below it. What it is for stands in a property of it before it is renamed, so that
 * whatever comes, the next run finds it.
 * @param mounted of it and all that is below it, parents first
 */
export async function beginAside(
  world: World,
  host: string,
  { copy, ...aside }: Omit<Aside, 'state'> & { readonly copy: DatasetName },
  { partial, mounted }: { readonly partial: boolean; readonly mounted: readonly DatasetName[] },
): Promise<Problem | undefined> {
  const { original } = aside;
  const busy = await unmountAll(world, host, mounted, `Setting ${original} aside`);
  if (busy) return busy;
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

/** Those below first. Where one is in use, all are as they were. */
async function unmountAll(
  world: World,
  host: string,
  mounted: readonly DatasetName[],
  doing: string,
): Promise<Problem | undefined> {
  if (mounted.length === 0) return undefined;
  const results = await run(
    world,
    host,
    mounted.toReversed().map((name) => ({ argv: unmountArgs(name) })),
  );
  const failed = firstFailure(results);
  if (failed === undefined) {
    const message = `unmounted ${mounted.join(', ')} ${onHost(host)}, to set aside what has diverged`;
    world.report({ kind: 'warning', message });
    return undefined;
  }
  await run(
    world,
    host,
    mounted.map((name) => ({ argv: mountArgs(name), optional: true })),
  );
  return problemOf(commandError(host, failed, doing));
}

/**
 * Goes on with a set-aside from wherever it stands, to its end or as far as it can: the clone of the common snapshot, promoted into place,
 * its properties, permissions and children, then the copy made harmless.
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
    const isOver = aside === undefined || aside.original !== original || aside.state === 'done';
    if (isOver || self === undefined || copy === original) {
      const left = [ownProperties.rebuilding, ...(copy === original ? [ownProperties.aside] : [])];
      await run(
        world,
        host,
        left.map((name) => ({ argv: inheritArgs(name, original), optional: true })),
      );
      return { kind: 'done', kept: true };
    }
    const root = aside.base === undefined ? place?.encryptionRoot : self.encryptionRoot;
    const movable = children.filter((child) => isMovable(child, root));
    const back = children
      .filter((child) => !staysBelow(child, copy))
      .map(({ name }) => rebase(name, copy, original));
    if (place === undefined && aside.base === undefined) return { kind: 'waits', children: back };
    if (place?.inconsistent === true) return { kind: 'waits', children: back };
    if (place !== undefined && !(await isOurPlace(world, host, { copy, original, aside }, self)))
      throw foreignPlace(host, copy, original);
    if (place === undefined) {
      const going = { copy, original, aside, self, points: points ?? '' };
      if (!(await takePlace(world, host, going))) return { kind: 'undone' };
    } else if (place.origin?.startsWith(`${copy}@`))
      await must(world, host, [promoteArgs(original)], 'Promoting');
    if (aside.base !== undefined && self.keyLoaded) await keepKey(world, host, original);
    if (aside.state === 'open') await moveOver(world, host, { copy, original, aside, children: movable });
    const staying = children.filter((child) => !movable.includes(child)).map(({ name }) => name);
    if (staying.length > 0) await tellStaying(world, host, copy, staying);
    return { kind: 'done', kept: await makeHarmless(world, host, { copy, original, aside, self }) };
  } catch (error) {
    if (!(error instanceof ZferryError) || error.code === 'cancelled') throw error;
    return { kind: 'failed', problem: problemOf(error) };
  }
}

/**
 * ZFS moves no encrypted dataset out of its encryption root. What takes the place by a promote is in the same one; a full copy that came raw, or with
 * a key of its own, is another. A clone's root is its origin, wherever that is.
 * @param root of what is in the place
 */
function isMovable({ name, encryptionRoot }: Child, root: string | undefined): boolean {
  return encryptionRoot === undefined || encryptionRoot === name || encryptionRoot === root;
}

/** Whether it is known before a full copy arrives that it will not be moved back: its root is what was set aside, or in it. */
export function staysBelow({ name, encryptionRoot: root }: Child, copy: DatasetName): boolean {
  return root !== undefined && root !== name && isWithin(root as DatasetName, copy);
}

/** Whether what has the name now was put there for this. */
async function isOurPlace(
  world: World,
  host: string,
  { copy, original }: Going,
  { origin }: Child,
): Promise<boolean> {
  if (origin?.startsWith(`${original}@`) === true) return true;
  const argv = localValueArgs(original, ownProperties.rebuilding);
  const [mark] = await run(world, host, [{ argv, optional: true }]);
  return mark?.stdout.trim() === copy;
}

function foreignPlace(host: string, copy: DatasetName, original: DatasetName): ZferryError {
  return new ZferryError({
    code: 'place-taken',
    host,
    message: `${original} was set aside as ${copy}, and before its place was filled, something else was made there by that name`,
    next: `rename what is there (zfs rename ${original} NAME), then run this again: it goes on with what was begun`,
  });
}

/** A promote unloads the key; one that comes from a file can be had again. */
async function keepKey(world: World, host: string, original: DatasetName): Promise<void> {
  const [now] = await run(world, host, [{ argv: listChildrenArgs(original), optional: true }]);
  const [place] = parseChildren(now?.stdout ?? '');
  const root = place?.encryptionRoot;
  if (place === undefined || root === undefined || place.keyLoaded) return;
  const [loaded] = await run(world, host, [{ argv: loadKeyArgs(root as DatasetName), optional: true }]);
  if (loaded?.status === 0) return;
  const message = `the key of ${root} was loaded ${onHost(host)}, and setting ${original} aside has unloaded it: zfs load-key ${root}`;
  world.report({ kind: 'warning', message });
}

/** What stays below the copy is no part of the replica any more, and is sent again. */
async function tellStaying(
  world: World,
  host: string,
  copy: DatasetName,
  names: readonly DatasetName[],
): Promise<void> {
  const own = Object.values(ownProperties).filter((name) => isOurs(name));
  const commands = names.flatMap((name) =>
    own.map((property) => ({ argv: inheritBelowArgs(property, name), optional: true as const })),
  );
  await run(world, host, commands);
  const message = `${names.join(', ')} stays below ${copy}: ZFS moves no encrypted dataset out of its encryption root; it is sent again`;
  world.report({ kind: 'warning', message });
}

type Going = { readonly copy: DatasetName; readonly original: DatasetName; readonly aside: Aside };

/** A clone of what both sides have, promoted, so that it is the clone's history and no longer the copy's. @returns `false` where that snapshot is gone, and all is as it was */
async function takePlace(
  world: World,
  host: string,
  { copy, original, aside, self, points }: Going & { readonly self: Child; readonly points: string },
): Promise<boolean> {
  const base = parsePoints(points).find(({ point }) => point.guid === aside.base)?.point;
  if (base === undefined) {
    // Nothing has taken its name yet, so it can have it again, with all that is below it.
    const undo = [renameArgs(copy, original), inheritArgs(ownProperties.aside, original)];
    await must(world, host, undo, `Giving ${copy} its name again`);
    return false;
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
  return true;
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
    ([name, value]) =>
      !notCopied.has(name) &&
      !(full && (isOurs(name) || isShape(name))) &&
      // It may be how it came apart.
      !(name === 'readonly' && value === 'off'),
  );
  const [allowed] = await run(world, host, [{ argv: listDelegationsArgs(copy), optional: true }]);
  const delegations = copyDelegationsArgs(allowed?.stdout ?? '', copy, original);
  const setting = wanted.map(([name, value]) => setArgs(original, { [name]: value }));
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

/** The copy carries no role, takes no room but its own, and is not mounted. An empty placeholder is not worth keeping. @returns whether it is kept */
async function makeHarmless(
  world: World,
  host: string,
  { copy, original, aside, self }: Going & { readonly self: Child },
): Promise<boolean> {
  const local = await localProperties(world, host, copy);
  const isPlaceholder = local.get(ownProperties.placeholder) === 'on';
  if (isPlaceholder ? await holdsNothing(world, host, copy) : await isBareClone(world, host, self, local)) {
    await must(
      world,
      host,
      [destroyEmptyArgs(copy), inheritArgs(ownProperties.rebuilding, original)],
      `Destroying ${copy}, in which nothing is`,
    );
    return false;
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
  return true;
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
