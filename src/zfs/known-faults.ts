/**
 * Faults of released OpenZFS that what is about to be done can meet. The releases are those whose sources have the fault:
 * the first with the commit that brought it, the first of each series with the one that mends it.
 *
 * Left out is what is never sent (-R, -h, -F, -X, redacted: #10787, #16929, #18278, #18477), what the plan prevents (-L
 * toggled: #6224; `-c` where it garbles: #12762; increments into an encrypted dataset whose key is not loaded: #14119), what the check of GUIDs finds
 * (#12661), what only stops or slows a receive (#11353, #14358, #15039, #18105), what was in the source before it was
 * sent (#15526), and what depends on something that is not known here and would be told to everyone (#12614: a changed
 * key; #18143: large microzaps; #18663: files written with another record size on both sides; #18773: an old filesystem version).
 * What is older than 0.8 has no `zfs version`.
 *
 * A distribution can have mended a release that still calls itself the same. So a row is as narrow as its facts allow,
 * and none says anything about a plain or raw copy between the releases that Debian 12 and 13 and Ubuntu 22.04 and 24.04 have.
 */
import { isBetween, type Release, type ZfsVersion } from './version.ts';

export type FaultFacts = {
  readonly source: ZfsVersion | undefined;
  readonly target: ZfsVersion | undefined;
  /** The source dataset is encrypted. */
  readonly encrypted: boolean;
  readonly raw: boolean;
  /** The source is itself a replica that was received raw. */
  readonly sourceIsRawReplica: boolean;
  readonly increment: boolean;
};

export type KnownFault = {
  readonly id: string;
  readonly link: string;
  readonly applies: (facts: FaultFacts) => boolean;
  /** One sentence: what it does to the user's data. */
  readonly meaning: string;
  /** The next thing to try. */
  readonly next: string;
};

export const knownFaults: readonly KnownFault[] = [
  {
    // Brought by redacted streams (30af21b025, 2.0.0), mended by ea74cdedda; 2.1 never got that.
    ...issue(12014),
    applies: ({ source, encrypted, raw }) =>
      encrypted &&
      !raw &&
      isOneOf(
        source,
        [
          [2, 0, 0],
          [2, 2, 8],
        ],
        [
          [2, 3, 0],
          [2, 3, 3],
        ],
      ),
    meaning:
      'sending an encrypted dataset in plain can leave its snapshots with permanent errors, or stop its host with a panic',
    next: 'update OpenZFS on the source to 2.2.8, 2.3.3 or later, or send it raw',
  },
  {
    // Brought by fd92825445 (2.1.1), mended by bcddb18bae.
    ...issue(13067),
    applies: ({ target, raw }) =>
      raw &&
      isOneOf(target, [
        [2, 1, 1],
        [2, 1, 3],
      ]),
    meaning:
      'what is received raw from a pool with smaller sectors cannot be mounted, and nobody learns it before he tries',
    next: 'update OpenZFS on the target to 2.1.3 or later, and send it anew to another target',
  },
  {
    // Mended by e257bd481b, which is in no 2.0.
    ...issue(12594),
    applies: ({ target, raw, increment, sourceIsRawReplica }) =>
      raw &&
      increment &&
      sourceIsRawReplica &&
      isOneOf(target, [
        [0, 8, 0],
        [2, 1, 3],
      ]),
    meaning:
      'a dataset that gets a raw increment back from its own replica often cannot be mounted after it ("Input/output error")',
    next: 'update OpenZFS on the target to 2.1.3 or later',
  },
];

/**
 * Whether `zfs send -c` of that release can garble what came to the source by a compressed stream, in a way that no scrub finds: it took a
 * compressed block for a plain one where both sizes were the same. 2.1.1 and later make such blocks of what comes from a
 * pool with smaller sectors (fd92825445), and send them on, to older ones too (openzfs/zfs#14188). Mended by 57f6a050e6.
 * @see https://github.com/openzfs/zfs/issues/12762
 */
export function garblesCompressed(source: ZfsVersion | undefined): boolean {
  return isOneOf(
    source,
    [
      [0, 7, 0],
      [2, 0, 7],
    ],
    [
      [2, 1, 0],
      [2, 1, 2],
    ],
  );
}

/** Those that concern this; none for a version that is not known. */
export function faultsFor(facts: FaultFacts): readonly KnownFault[] {
  return knownFaults.filter(({ applies }) => applies(facts));
}

type Affected = readonly [first: Release, mended: Release];

function isOneOf(version: ZfsVersion | undefined, ...affected: readonly Affected[]): boolean {
  return version !== undefined && affected.some(([first, mended]) => isBetween(version, first, mended));
}

function issue(number: number): Pick<KnownFault, 'id' | 'link'> {
  return { id: `openzfs/zfs#${number}`, link: `https://github.com/openzfs/zfs/issues/${number}` };
}
