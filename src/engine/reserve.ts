import { reserveVolumeArgs } from '../zfs/change-args.ts';
import type { DatasetName } from '../zfs/dataset-name.ts';
import { volumeRoomArgs } from '../zfs/list-args.ts';
import { parseVolumeRoom } from '../zfs/list-output.ts';
import { portions } from '../zfs/portions.ts';
import { commandError, firstFailure } from './problem.ts';
import type { World } from './world.ts';

/**
 * Reserves all the room of volumes that have not got it yet, or have grown. Only after they have arrived: `-o refreservation=auto` on a receive does
 * nothing but print that the size is greater than the room there is (seen on 2.3.9). Where there is no room it is a warning: the
 * copy itself is good.
 */
export async function reserveVolumes(
  world: World,
  host: string,
  volumes: readonly DatasetName[],
): Promise<void> {
  if (volumes.length === 0) return;
  const asked = portions(volumes).map((part) => ({ argv: volumeRoomArgs(part) }));
  const { results } = await world.hosts.run({ host, commands: asked }, { signal: world.signal });
  const failed = firstFailure(results);
  if (failed) throw commandError(host, failed, 'Asking for the room of volumes');
  const short = [...parseVolumeRoom(results.map(({ stdout }) => stdout).join(''))].filter(
    ([, { size, reserved }]) => reserved < size,
  );
  if (short.length === 0) return;
  const commands = short.map(([name]) => ({ argv: reserveVolumeArgs(name), optional: true as const }));
  const reserved = await world.hosts.run({ host, commands }, { signal: world.signal });
  for (const result of reserved.results.filter(({ status }) => status !== 0)) {
    const { message, meaning } = commandError(
      host,
      result,
      `Reserving the room of ${result.argv.at(-1) ?? ''}`,
    );
    world.report({ kind: 'warning', message: meaning ? `${message} (${meaning})` : message });
  }
}
