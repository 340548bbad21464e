import { garblesCompressed } from './known-faults.ts';
import { hasFeature, type Pool } from './pool.ts';
import type { ZfsVersion } from './version.ts';

/** What a stream is made with. Raw brings large blocks, embedded and compressed along by itself. */
export type StreamFlags = {
  readonly largeBlocks: boolean;
  readonly compressed: boolean;
  readonly embedded: boolean;
  readonly raw: boolean;
};

/** Compressions that are features of a pool; the others are in every pool that has features at all. */
const compressions = ['lz4_compress', 'zstd_compress'];

/**
 * What both ends can take. A stream keeps blocks as they lie on the source's disks, so the target must know what
 * is in use there.
 * `largeBlocksBefore` is what the target remembers of the first send, and stays so: ZFS refuses to go back from `-L`, since that once zeroed
 * files (openzfs/zfs#6224).
 */
export function chooseStreamFlags(facts: {
  readonly source: Pool;
  readonly sourceVersion: ZfsVersion | undefined;
  readonly target: Pool;
  /** Encrypted blocks travel as they are. */
  readonly raw: boolean;
  readonly targetEncrypted: boolean;
  readonly largeBlocksBefore: boolean | undefined;
}): StreamFlags {
  const { source, target } = facts;
  const both = (feature: string) => hasFeature(source, feature) && hasFeature(target, feature);
  return {
    largeBlocks: facts.largeBlocksBefore ?? both('large_blocks'),
    compressed:
      !garblesCompressed(facts.sourceVersion) &&
      compressions.every((name) => source.features.get(name) !== 'active' || hasFeature(target, name)),
    // An encrypted target refuses embedded blocks: "incompatible embedded data stream feature with encrypted receive".
    embedded: both('embedded_data') && !facts.targetEncrypted,
    raw: facts.raw,
  };
}

/** Features of the source that a stream carries whatever its flags are. */
const carriedFeatures = ['large_dnode', 'large_microzap', 'longname'];

/** Features in use on the source, needed in a stream, that the target's pool has not enabled. */
export function missingFeatures(source: Pool, target: Pool, flags: StreamFlags): string[] {
  const needed = [
    ...carriedFeatures,
    ...(flags.raw ? ['encryption', 'large_blocks', ...compressions] : []),
    ...(flags.largeBlocks ? ['large_blocks'] : []),
  ];
  return [...new Set(needed)].filter(
    (name) => source.features.get(name) === 'active' && !hasFeature(target, name),
  );
}
