import type { Dataset } from '../zfs/dataset.ts';
import { type DatasetName, isWithin, rebase } from '../zfs/dataset-name.ts';
import { pendingGuid } from '../zfs/guid.ts';
import type { Snapshot } from '../zfs/snapshot.ts';
import { arriving, type DatasetPlan } from './decision.ts';
import { formatBytes } from './format.ts';

/** How a first copy begins as a clone on the target, too, so that nothing is sent that it shares. */
export type CloneStart = {
  /** On the source; its own, where its history was promoted to it. */
  readonly from: Snapshot;
  /** `dataset@snapshot` on the target, the same by its GUID. */
  readonly origin: string;
  /** The source dataset that has to arrive first; `undefined` where the snapshot is there. */
  readonly after: DatasetName | undefined;
};

export type CloneFacts = {
  /** Selected ones. */
  readonly sources: ReadonlyMap<DatasetName, Dataset>;
  /** Those of them that are clones. */
  readonly clones: readonly Dataset[];
  /** Of the same datasets, by source. */
  readonly plans: ReadonlyMap<DatasetName, DatasetPlan>;
  readonly existing: ReadonlyMap<DatasetName, Dataset>;
  readonly root: DatasetName;
  readonly place: DatasetName;
};

/** The snapshot that a clone was made of, where the dataset that has it is listed. */
export function originOf(
  { origin }: Dataset,
  sources: ReadonlyMap<DatasetName, Dataset>,
): Snapshot | undefined {
  if (origin === undefined) return undefined;
  const [name, short] = origin.split('@');
  const owner = sources.get(name as DatasetName);
  const found = owner?.snapshots.find((one) => one.name === short);
  return owner && found ? { ...found, of: owner.name } : undefined;
}

/** From what a first copy can begin on the target; `undefined` where nothing that it shares is there, or comes with it. */
export function cloneStart(dataset: Dataset, facts: CloneFacts): CloneStart | undefined {
  const { sources, clones, plans, existing, root, place } = facts;
  const ownOrigin = originOf(dataset, sources);
  const candidates = [
    // Where its history was promoted to it, the copy of what was its origin has that history.
    ...clones
      .filter((one) => one.origin?.startsWith(`${dataset.name}@`))
      .flatMap((one) => dataset.snapshots.toReversed().map((from) => ({ from, other: one.name }))),
    ...(ownOrigin?.of ? [{ from: ownOrigin, other: ownOrigin.of }] : []),
  ];
  for (const { from, other } of candidates) {
    const target = rebase(other, root, place);
    // It would wait for what is received below it.
    if (isWithin(other, dataset.name)) continue;
    // What is yet to be taken is nobody else's, although all of those are known by one GUID until then.
    if (from.guid === pendingGuid) continue;
    const there = existing.get(target)?.snapshots.find(({ guid }) => guid === from.guid);
    if (there) return { from, origin: `${target}@${there.name}`, after: undefined };
    const plan = plans.get(other);
    const comes = plan && arriving(plan).find(({ guid }) => guid === from.guid);
    if (comes) return { from, origin: `${target}@${comes.name}`, after: other };
  }
  return undefined;
}

/** What it costs that a clone comes without its origin. @param sources of the same datasets as `plans` */
export function costOfClones(sources: readonly Dataset[], plans: readonly DatasetPlan[]): string[] {
  return plans.flatMap(({ source, decision }, index) => {
    const dataset = sources[index];
    const full = decision.kind === 'send' && decision.steps[0]?.stream.kind === 'full';
    if (!full || dataset?.origin === undefined) return [];
    return [
      `${source} is a clone of ${dataset.origin}, which does not come with it: it is sent in full (${formatBytes(dataset.referenced)}), and takes that room on the target`,
    ];
  });
}
