import { type Unfinished, unfinished, unfinishedIn } from '../plan/aside.ts';
import { isPlaceholder } from '../plan/conflict.ts';
import { placeText } from '../plan/place.ts';
import type { Side } from '../plan/side.ts';
import type { SyncOptions } from '../plan/sync-plan.ts';
import { type Dataset, localOwn, ownProperties } from '../zfs/dataset.ts';
import { type DatasetName, isWithin, rebase } from '../zfs/dataset-name.ts';
import { exitCodes, ZferryError } from '../zfs/failure.ts';
import { listChildrenArgs } from '../zfs/list-args.ts';
import { parseChildren } from '../zfs/list-output.ts';
import { staysBelow } from './aside-moves.ts';
import type { Problem } from './problem.ts';
import type { Marks } from './replica-id.ts';
import { type Finished, finishAside } from './set-aside.ts';
import type { World } from './world.ts';

/** Set-asides of earlier runs that are not done. */
export type Standing = Pick<SyncOptions, 'displaced' | 'rebuilding'> & {
  /** Those with which the next thing to do is not to send. */
  readonly toFinish: readonly Unfinished[];
};

/**
 * What earlier runs have begun to set aside and not finished. Costs a command only where there is any.
 * @param marks of the whole pool, where the replica itself is not there
 * @throws ZferryError `set-aside-above`: the replica went along with one that was set aside
 */
export async function findUnfinished(world: World, target: Side, marks: Marks): Promise<Standing> {
  const { host, dataset: root } = target.place;
  const open = marks
    .filter(({ property }) => property === ownProperties.aside)
    .flatMap(({ name, value }) => unfinished(name, value) ?? []);
  refuseBelowDisplaced(target, marks, open);
  const marked = open.filter(({ original }) => isWithin(original, root));
  const found = [...unfinishedIn(target.datasets, target.ancestors), ...marked];
  // Cut off before it began: nothing but the mark is to go.
  const never = found.filter(({ copy, original }) => copy === original);
  const all = found.filter(({ copy, original }) => copy !== original);
  const displaced = new Map<DatasetName, DatasetName>();
  const rebuilding = new Map<DatasetName, DatasetName>();
  if (all.length === 0) return { displaced, rebuilding, toFinish: never };
  const commands = all.flatMap(({ copy, original }) =>
    [copy, original].map((name) => ({ argv: listChildrenArgs(name), optional: true as const })),
  );
  const { results } = await world.hosts.run({ host, commands }, { signal: world.signal });
  const rows = results.map(({ stdout }) => parseChildren(stdout));
  const toFinish = all.filter(({ copy, original }, i) => {
    const [, ...children] = rows[2 * i] ?? [];
    const [place] = rows[2 * i + 1] ?? [];
    const whole = target.datasets.find(({ name }) => name === original);
    const arrived =
      place !== undefined &&
      !place.inconsistent &&
      (place.origin !== undefined || (whole !== undefined && isWhole(whole, copy)));
    if (arrived || needsNoCopy(marks, target, copy)) return true;
    rebuilding.set(original, copy);
    for (const { name } of children.filter((child) => !staysBelow(child, copy)))
      displaced.set(rebase(name, copy, original), copy);
    return false;
  });
  return { displaced, rebuilding, toFinish: [...never, ...toFinish] };
}

/** A replica that lies below another one is below the copy of that until that has arrived: it is there, and not to be sent anew. */
function refuseBelowDisplaced({ place }: Side, marks: Marks, open: readonly Unfinished[]): void {
  for (const { copy, original } of open) {
    if (original === copy || original === place.dataset || !isWithin(place.dataset, original)) continue;
    const now = rebase(place.dataset, original, copy);
    if (!marks.some(({ name }) => isWithin(name, now))) continue;
    throw new ZferryError({
      code: 'set-aside-above',
      host: place.host,
      exitCode: exitCodes.refused,
      message: `${placeText(place)} is ${now} until ${original}, which was set aside with all below it, has arrived again`,
      next: `run the sync to ${original} first; it brings this one back to its place`,
    });
  }
}

/** Whether it has arrived; a placeholder that was made for what comes back to it is all that there will be. */
function isWhole(place: Dataset, copy: DatasetName): boolean {
  return (
    place.snapshots.length > 0 || (isPlaceholder(place) && localOwn(place, ownProperties.rebuilding) === copy)
  );
}

/** Whether a clone takes the place, and no full copy. */
function needsNoCopy(marks: Marks, target: Side, copy: DatasetName): boolean {
  const listed = target.datasets.find(({ name }) => name === copy)?.own.get(ownProperties.aside)?.value;
  const mark =
    listed ?? marks.find(({ name, property }) => name === copy && property === ownProperties.aside)?.value;
  return mark !== undefined && !/ open - /.test(mark);
}

/** Goes on with them. @returns what is stuck, by the name that was to be free */
export async function finishAll(
  world: World,
  host: string,
  all: readonly Unfinished[],
): Promise<{ readonly stuck: Map<DatasetName, Problem>; readonly finished: number }> {
  const stuck = new Map<DatasetName, Problem>();
  let finished = 0;
  for (const one of all) {
    const end: Finished = await finishAside(world, host, one);
    if (end.kind === 'failed') stuck.set(one.original, end.problem);
    if (end.kind === 'undone') {
      finished++;
      const message = `${one.original} was being set aside, and the snapshot from which it was to be made again is gone: it has its name again`;
      world.report({ kind: 'warning', message });
    }
    if (end.kind !== 'done' || one.copy === one.original) continue;
    finished++;
    world.report({
      kind: 'note',
      message: end.kept
        ? `${one.copy} is set aside now, and ${one.original} is in its place`
        : `${one.original} is in its place; nothing was in ${one.copy}, and it is gone`,
    });
  }
  return { stuck, finished };
}
