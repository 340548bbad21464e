import { asideText } from '../plan/aside.ts';
import { destroyEmptyArgs, inheritArgs, setArgs, syncPoolArgs, unmountArgs } from '../zfs/change-args.ts';
import { ownProperties } from '../zfs/dataset.ts';
import { type DatasetName, poolOf } from '../zfs/dataset-name.ts';
import {
  countHoldsArgs,
  holdTag,
  listHoldsArgs,
  parseHeldNames,
  parseHolds,
  releaseArgs,
} from '../zfs/hold-args.ts';
import { countObjectsArgs, listBelowArgs, propertyValueArgs } from '../zfs/list-args.ts';
import { type Child, isEmptyRoot } from '../zfs/list-output.ts';
import { type Going, isOurs, must, run } from './aside-steps.ts';
import { localProperties } from './local-properties.ts';
import { commandError } from './problem.ts';
import type { World } from './world.ts';

/** The copy carries no role, takes no room but its own, and is not mounted. An empty placeholder is not worth keeping. @returns whether it is kept */
export async function makeHarmless(
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
