import { SimError } from './errors.ts';
import type { Random } from './random.ts';
import type { SimDataset } from './state.ts';

/** The key is loaded, or none is needed. */
export function isOpen({ crypt }: SimDataset): boolean {
  return crypt === undefined || crypt.root.crypt?.loaded === true;
}

/** A dataset that has a passphrase of its own, which is loaded. */
export function makeRoot(dataset: SimDataset, random: Random): void {
  dataset.crypt = { keyGuid: random.guid(), root: dataset, salt: random.guid(), loaded: true };
}

/** One with a key of its own, that is opened by another's. */
export function openBy(dataset: SimDataset, root: SimDataset, keyGuid: string): void {
  dataset.crypt = { keyGuid, root, salt: root.crypt?.salt ?? '0', loaded: false };
}

/** With which set of initialisation vectors a snapshot is written that is made here. */
export function freshIvSet({ crypt }: SimDataset, random: Random): string | undefined {
  return crypt && random.guid();
}

/** What is not an encryption root itself is only moved to where its root is that of the parent, too. @throws SimError */
export function mayMove(dataset: SimDataset, parent: SimDataset | undefined): void {
  const { crypt, name } = dataset;
  if (crypt === undefined || crypt.root === dataset || crypt.root === parent?.crypt?.root) return;
  throw new SimError(`cannot rename '${name}': cannot move encrypted child outside of its encryption root`);
}

/** The clone of an encryption root that is promoted becomes that root. Whether its key is loaded is another matter: as it was when it was one before. */
export function promoteRoot(clone: SimDataset, owner: SimDataset, all: Iterable<SimDataset>): void {
  if (clone.crypt === undefined || clone.crypt.root !== owner) return;
  for (const { crypt } of all) if (crypt?.root === owner) crypt.root = clone;
}
