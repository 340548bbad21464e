import type { Place } from '../plan/place.ts';
import { onHost } from '../plan/place.ts';
import type { Side } from '../plan/side.ts';
import { ZferryError } from '../zfs/failure.ts';
import { poolArgs } from '../zfs/list-args.ts';
import { parsePool } from '../zfs/pool.ts';
import type { World } from './world.ts';

type Ends = { readonly source: Place; readonly target: Place; readonly direct: boolean };

/**
 * Whether the data goes from the source to the target without coming through this machine, where neither is this machine: asked for,
 * or both are one host.
 */
export function goesDirect({ source, target, direct }: Ends): boolean {
  if (source.host === '' || target.host === '') return false;
  return direct || source.host === target.host;
}

/**
 * Tries the way before anything is changed: that the source's host reaches the target's by its own ssh, and that what it reaches by that name has
 * the very pool that we listed.
 * @throws ZferryError where it does not
 */
export async function tryDirect(world: World, source: Side, target: Side): Promise<void> {
  const [from, host] = [source.place.host, target.place.host];
  if (from === host) return;
  const commands = [{ argv: poolArgs(target.pool.name), optional: true as const }];
  const { results } = await world.hosts.run({ host, from, commands }, { signal: world.signal });
  const { status, stdout = '' } = results[0] ?? {};
  if (status === 0 && parsePool(target.pool.name, stdout).guid === target.pool.guid) return;
  throw new ZferryError({
    code: 'direct-other-host',
    host: from,
    message: `${from} reaches another machine under the name ${host}: its pool ${target.pool.name} is not the one ${onHost(host)}`,
    meaning: 'or that pool is hidden from the user that it logs in as; nothing was sent',
    next: `give ${host} a "Host" entry in ~/.ssh/config on ${from} that leads to the same machine, or leave --direct out`,
  });
}
