import { type Dataset, ownProperties, valueOwn } from '../zfs/dataset.ts';
import type { DatasetName } from '../zfs/dataset-name.ts';
import { quotedName } from './conflict.ts';
import { formatBytes } from './format.ts';
import { onHost, type Place, placeText } from './place.ts';

/** A source dataset of which a run takes no snapshot, because it is a replica of something else. */
export type Unsnapshotted = {
  readonly name: DatasetName;
  readonly reason: string;
  /** How it becomes an original, of which snapshots are taken: a command to type. */
  readonly next: string;
  /** Bytes that nothing will copy: written since the newest snapshot, to a dataset that is not read-only. 0 where none are. */
  readonly atRisk: number;
};

/**
 * Why no snapshot is taken of a dataset that is itself a replica; `undefined` for any other.
 * @param received read-only datasets whose history came from elsewhere
 */
export function replicaReason(dataset: Dataset, received: ReadonlySet<DatasetName>): string | undefined {
  const id = valueOwn(dataset, ownProperties.id);
  if (id !== undefined) return `${dataset.name} is itself a replica (${id})`;
  if (received.has(dataset.name))
    return `${dataset.name} is itself a replica: read-only, with a received history`;
  return undefined;
}

/** Those of the datasets that are replicas, parents first. @param place the top of the source */
export function findUnsnapshotted(
  datasets: readonly Dataset[],
  place: Place,
  received: ReadonlySet<DatasetName>,
): Unsnapshotted[] {
  return datasets.flatMap((dataset) => {
    const reason = replicaReason(dataset, received);
    if (reason === undefined) return [];
    const id = valueOwn(dataset, ownProperties.id);
    const next = id === undefined ? writableCommand(dataset, place) : releaseCommand(id, place);
    return [{ name: dataset.name, reason, next, atRisk: dataset.readonly ? 0 : dataset.written }];
  });
}

/** Whether the run leaves writes behind that no later run would copy either. */
export function losesWrites({
  unsnapshotted,
}: {
  readonly unsnapshotted: readonly Unsnapshotted[];
}): boolean {
  return unsnapshotted.some(({ atRisk }) => atRisk > 0);
}

/** What has to be heard: data that no run will ever copy. */
export function unsnapshottedWarnings(found: readonly Unsnapshotted[], host: string): string[] {
  return found
    .filter(({ atRisk }) => atRisk > 0)
    .map(
      ({ name, reason, next, atRisk }) =>
        `${formatBytes(atRisk)} written to ${name} ${onHost(host)} since its newest snapshot are not copied, because no snapshot of it is taken: ${reason}. If it is an original again: ${next}`,
    );
}

/** Worth knowing where other datasets of the same tree do get a snapshot. */
export function unsnapshottedNotes(found: readonly Unsnapshotted[]): string[] {
  return found
    .filter(({ atRisk }) => atRisk === 0)
    .map(
      ({ name, reason, next }) =>
        `no snapshot of ${name} is taken: ${reason}. If it is an original again: ${next}`,
    );
}

function writableCommand({ name }: Dataset, { host }: Place): string {
  return `zfs set readonly=off ${quotedName(name)}, ${onHost(host)}`;
}

function releaseCommand(id: string, place: Place): string {
  return `zferry holds --release --id ${id} --yes ${quotedName(placeText(place))}`;
}
