import type { DatasetName } from './dataset-name.ts';

/**
 * Receives one stream. Always `-u`: a stream can bring a mountpoint that lies over a live path.
 * `properties` go with the first stream only: each later `-o` would cost a transaction group.
 */
export function receiveArgs(target: DatasetName, properties: Readonly<Record<string, string>>): string[] {
  const set = Object.entries(properties).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  return ['zfs', 'receive', '-u', ...set, target];
}
