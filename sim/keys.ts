import { find, type Pools } from './list.ts';
import { type Change, fail } from './means.ts';
import type { SimDataset } from './state.ts';

/** The encryption root of that name, to be opened, closed or given another passphrase. */
function rootNamed(pools: Pools, words: readonly string[]): SimDataset {
  const { dataset } = find(pools, words.at(-1) ?? '');
  if (dataset.crypt === undefined) return fail(`Key error: '${dataset.name}' is not encrypted.`);
  if (dataset.crypt.root !== dataset)
    fail(
      `Key error: Keys must be loaded for encryption root of '${dataset.name}' (${dataset.crypt.root.name}).`,
    );
  return dataset;
}

export const loadKey: Change = ({ pools }, words) => {
  const { name, crypt, local } = rootNamed(pools, words);
  if (crypt?.loaded === true) fail(`Key load error: Key already loaded for '${name}'.`);
  // What came raw asks for its passphrase.
  if (!words.includes('-L') && !local.has('keylocation')) fail('Key load error: encryption failure');
  if (crypt) crypt.loaded = true;
};

export const unloadKey: Change = ({ pools }, words) => {
  const root = rootNamed(pools, words);
  const opened = find(pools, root.name)
    .pool.tree(root.name)
    .filter(({ crypt }) => crypt?.root === root);
  if (root.crypt?.loaded !== true) fail(`Key unload error: Key already unloaded for '${root.name}'.`);
  if (opened.some(({ mounted }) => mounted)) fail(`Key unload error: '${root.name}' is busy.`);
  if (root.crypt) root.crypt.loaded = false;
};

/** Another passphrase: of the root, and so of all that it opens. */
export const changeKey: Change = ({ pools, random }, words) => {
  const root = rootNamed(pools, words);
  if (root.crypt?.loaded !== true) fail('Key change error: Key must be loaded.');
  const salt = random.guid();
  const { pool } = find(pools, root.name);
  for (const { crypt } of pool.datasets.values()) if (crypt?.root === root) crypt.salt = salt;
  pool.txg++;
};
