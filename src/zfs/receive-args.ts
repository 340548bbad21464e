import type { DatasetName } from './dataset-name.ts';

/**
 * Receives one stream. Always `-u`: a stream can bring a mountpoint that lies over a live path.
 * `properties` go with the first stream only: each later `-o` would cost a transaction group.
 * `replaces` (`-F`) lets it take the place of a dataset that is there; only ever for the root of an empty pool.
 * `resumable` (`-s`) keeps what has arrived when it is cut off; the target's pool needs the feature extensible_dataset.
 */
export function receiveArgs(
  target: DatasetName,
  properties: Readonly<Record<string, string>>,
  { resumable, replaces }: { readonly resumable: boolean; readonly replaces: boolean },
): string[] {
  const set = Object.entries(properties).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  return ['zfs', 'receive', ...(resumable ? ['-s'] : []), ...(replaces ? ['-F'] : []), '-u', ...set, target];
}

/** Lets go of what an interrupted receive left. Refused by ZFS while the receive runs. */
export function abortReceiveArgs(target: DatasetName): string[] {
  return ['zfs', 'receive', '-A', target];
}

/** What receives into these change from time to time: how far they are, and how much they have written. */
export function receiveStateArgs(targets: readonly DatasetName[]): string[] {
  const properties = 'receive_resume_token,used,referenced';
  return ['zfs', 'get', '-Hp', '-o', 'value', properties, ...targets.flatMap((one) => [one, `${one}/%recv`])];
}
