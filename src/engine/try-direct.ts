import { onHost } from '../plan/place.ts';
import type { Side } from '../plan/side.ts';
import { ZferryError } from '../zfs/failure.ts';
import { poolArgs } from '../zfs/list-args.ts';
import { parsePool } from '../zfs/pool.ts';
import type { World } from './world.ts';

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
