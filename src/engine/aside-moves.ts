import { asideText } from '../plan/aside.ts';
import { inheritBelowArgs, renameArgs, setArgs } from '../zfs/change-args.ts';
import { ownProperties } from '../zfs/dataset.ts';
import { type DatasetName, isWithin, rebase } from '../zfs/dataset-name.ts';
import { copyDelegationsArgs, listDelegationsArgs } from '../zfs/delegations.ts';
import type { Child } from '../zfs/list-output.ts';
import { type Going, isOurs, must, run } from './aside-steps.ts';
import { localProperties } from './local-properties.ts';
import { commandError } from './problem.ts';
import type { World } from './world.ts';

/**
 * ZFS moves no encrypted dataset out of its encryption root. What takes the place by a promote is in the same one; a full copy that came raw, or with
 * a key of its own, is another. A clone's root is its origin, wherever that is.
 * @param root of what is in the place
 */
export function isMovable({ name, encryptionRoot }: Child, root: string | undefined): boolean {
  return encryptionRoot === undefined || encryptionRoot === name || encryptionRoot === root;
}

/** Whether it is known before a full copy arrives that it will not be moved back: its root is what was set aside, or in it. */
export function staysBelow({ name, encryptionRoot: root }: Child, copy: DatasetName): boolean {
  return root !== undefined && root !== name && isWithin(root as DatasetName, copy);
}

/** What stays below the copy is no part of the replica any more, and is sent again. */
export async function tellStaying(
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
export async function moveOver(
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
