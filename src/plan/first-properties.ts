import { ownProperties } from '../zfs/dataset.ts';
import type { StreamFlags } from '../zfs/stream-flags.ts';
import { isPlaceholder } from './conflict.ts';
import type { Facts } from './dataset-facts.ts';
import { encryptProperties } from './encrypt.ts';

/** What the first receive sets: the rest is inherited from the replica's top dataset. */
export function firstProperties(facts: Facts, flags: StreamFlags): Record<string, string> {
  const { source, policy, top, targetVersion } = facts;
  // What has no `zfs version` (illumos) has no volmode either, and looks for no partitions in a volume.
  const volume = targetVersion === undefined ? {} : { volmode: 'none' };
  return {
    ...(top ? topProperties(policy.id) : {}),
    ...(source.type === 'filesystem' ? { canmount: 'noauto' } : volume),
    [ownProperties.source]: source.guid,
    [ownProperties.mode]: flags.raw ? 'raw' : 'plain',
    [ownProperties.largeBlocks]: flags.raw || flags.largeBlocks ? 'on' : 'off',
    ...(facts.rebuilding === undefined ? {} : { [ownProperties.rebuilding]: facts.rebuilding }),
    ...(top && policy.encrypt && !flags.raw ? encryptProperties(policy.encrypt) : {}),
    ...(facts.clone ? { origin: facts.clone.origin } : {}),
    ...(facts.target && isPlaceholder(facts.target) ? { [ownProperties.placeholder]: 'off' } : {}),
  };
}

/** What a replica's top dataset has, and those below inherit. */
export function topProperties(id: string): Record<string, string> {
  return { readonly: 'on', 'com.sun:auto-snapshot': 'false', [ownProperties.id]: id };
}
