import { versionText } from '../zfs/version.ts';
import { isPlaceholder, quotedName } from './conflict.ts';
import type { Facts } from './dataset-facts.ts';
import type { Decision } from './decision.ts';
import { onHost } from './place.ts';

/** What the source's encryption, and what was asked for about it, stand in the way of. */
export function cannotBeSent({ source, target, policy, sourceHost }: Facts): Decision | undefined {
  if (policy.raw === 'yes' && !source.encrypted) {
    return {
      kind: 'blocked',
      reason: `${source.name} is not encrypted, and only what is may be sent (--raw yes)`,
      next: 'leave it out with --exclude, or leave --raw out',
    };
  }
  if (policy.encrypt && target && !target.encrypted && !isPlaceholder(target)) {
    return {
      kind: 'blocked',
      reason: `${target.name} is there already, and is not encrypted`,
      next: 'it cannot be encrypted afterwards: leave --encrypt out, or choose another target for an encrypted copy',
    };
  }
  if (policy.raw !== 'no' || !source.encrypted || source.keyLoaded) return undefined;
  return {
    kind: 'blocked',
    reason: `${source.name} is to be sent in plain, and its key is not loaded ${onHost(sourceHost)}`,
    next: `load it there: zfs load-key ${quotedName(source.key?.root ?? source.name)}; or leave --raw out: it is then sent raw, without its key`,
  };
}

export function lacks({ targetPool: pool, targetVersion }: Facts, features: readonly string[]): Decision {
  const unknown = features.filter((name) => !pool.features.has(name));
  if (unknown.length > 0) {
    return {
      kind: 'blocked',
      reason: `OpenZFS ${versionText(targetVersion)} of the target does not know ${unknown.join(', ')}, which the stream needs`,
      next: 'update OpenZFS on the target, or copy it to a host with a newer one',
    };
  }
  return {
    kind: 'blocked',
    reason: `the pool ${pool.name} has not enabled ${features.join(', ')}, which the stream needs`,
    next: `enable it on the target: ${features.map((name) => `zpool set feature@${name}=enabled ${pool.name}`).join('; ')}`,
  };
}
