import { type Aside, asideText, isMeantFor, parseAside, type Unfinished } from '../plan/aside.ts';
import { onHost } from '../plan/place.ts';
import {
  cloneArgs,
  inheritArgs,
  loadKeyArgs,
  mountArgs,
  promoteArgs,
  renameArgs,
  setArgs,
  unmountArgs,
} from '../zfs/change-args.ts';
import { ownProperties } from '../zfs/dataset.ts';
import { type DatasetName, rebase } from '../zfs/dataset-name.ts';
import { ZferryError } from '../zfs/failure.ts';
import { listChildrenArgs, listPointsOfArgs } from '../zfs/list-args.ts';
import { type Child, parseChildren } from '../zfs/list-output.ts';
import { parsePoints } from '../zfs/points-output.ts';
import { localValueArgs } from '../zfs/property-args.ts';
import { abortReceiveArgs } from '../zfs/receive-args.ts';
import { makeHarmless } from './aside-copy.ts';
import { isMovable, moveOver, staysBelow, tellStaying } from './aside-moves.ts';
import { type Going, must, run } from './aside-steps.ts';
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
    const noted = parseAside((mark ?? '').trim());
    const aside = noted && isMeantFor(noted, { copy, original }) ? { ...noted, original } : undefined;
    const [self, ...children] = parseChildren(below ?? '');
    const [place] = parseChildren(there ?? '');
    const isOver = aside === undefined || aside.state === 'done';
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

/** Whether what has the name now was put there for this, or by a later run that set it aside again: a copy of the same source. */
async function isOurPlace(
  world: World,
  host: string,
  { copy, original }: Going,
  { origin }: Child,
): Promise<boolean> {
  if (origin?.startsWith(`${original}@`) === true) return true;
  const asked = [
    localValueArgs(original, ownProperties.rebuilding),
    localValueArgs(original, ownProperties.source),
    localValueArgs(copy, ownProperties.source),
  ];
  const answers = await run(
    world,
    host,
    asked.map((argv) => ({ argv, optional: true as const })),
  );
  const [mark, here, there] = answers.map(({ stdout }) => stdout.trim());
  return mark === copy || (here !== '' && here === there);
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

/** A clone of what both sides have, promoted, so that it is the clone's history and no longer the copy's. @returns `false` where that snapshot is gone, and all is as it was */
async function takePlace(
  world: World,
  host: string,
  { copy, original, aside, self, points }: Going & { readonly self: Child; readonly points: string },
): Promise<boolean> {
  const base = [...parsePoints(points).values()].flat().find(({ guid }) => guid === aside.base);
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
