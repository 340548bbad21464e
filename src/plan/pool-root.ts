import { localOwn, ownProperties } from '../zfs/dataset.ts';
import { parentOf } from '../zfs/dataset-name.ts';
import { hasFeature } from '../zfs/pool.ts';
import { findBase } from './base.ts';
import { formatBytes } from './format.ts';
import { placeText } from './place.ts';
import type { Side } from './side.ts';

/** What is done with a source's top dataset whose target is the root of a pool, which is always there already. */
export type PoolRoot =
  /** What is always done: it is no pool's root, or is the replica already, or nothing can be done about it. */
  | { readonly kind: 'usual' }
  /** Nothing is in that pool: the copy takes the place of its root. */
  | { readonly kind: 'replaced' }
  /** A whole pool goes into one that is in use: the root itself is left out, all below it goes on. */
  | { readonly kind: 'left'; readonly reason: string };

/** @param comes whether a snapshot of the source's top dataset is to be sent */
export function judgePoolRoot(source: Side, target: Side, comes: boolean, encrypts = false): PoolRoot {
  const [from] = source.datasets;
  const [root] = target.datasets;
  if (from === undefined || root === undefined || parentOf(target.place.dataset) !== undefined) {
    return { kind: 'usual' };
  }
  if (localOwn(root, ownProperties.id) !== undefined || findBase(from, root) !== undefined) {
    return { kind: 'usual' };
  }
  // "zfs receive -F cannot be used to destroy an encrypted filesystem or overwrite an unencrypted one with an encrypted one"
  const encrypted = from.encrypted || root.encrypted || encrypts;
  const empty = target.emptyRoot && root.snapshots.length === 0;
  if (empty && comes && !encrypted && from.type === 'filesystem') return { kind: 'replaced' };
  if (parentOf(source.place.dataset) !== undefined || source.datasets.length < 2) return { kind: 'usual' };
  const size = formatBytes(from.referenced);
  const what = `${placeText(source.place)} itself (${size}) is not copied, only what is below it`;
  const rest =
    root.resumeToken === undefined
      ? ''
      : `. What an interrupted receive left there holds room: zfs receive -A ${root.name} frees it`;
  return { kind: 'left', reason: `${what}: ${whyLeft()}${rest}` };

  function whyLeft(): string {
    if (!empty && !hasFeature(target.pool, 'userobj_accounting')) {
      return `whether ${placeText(target.place)} is empty cannot be told without the feature userobj_accounting`;
    }
    if (!empty) return `${placeText(target.place)} is a pool with something of its own in it`;
    return encrypted
      ? 'ZFS does not let an encrypted root take the place of another'
      : 'none of its snapshots is chosen';
  }
}
