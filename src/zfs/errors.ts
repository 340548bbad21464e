/**
 * What `zfs` and `zpool` print when something is wrong, turned into a stable code and words that help.
 *
 * One table. A row that comes earlier wins, so a precise text stands before a general one; texts can be spread over
 * two lines, so patterns run over the whole of stderr. Each row carries a captured sample, and a test holds every
 * sample to its row.
 */
export type ZfsErrorCode =
  | 'bad-stream'
  | 'bad-token'
  | 'busy'
  | 'cloned'
  | 'dataset-exists'
  | 'diverged'
  | 'embedded-into-encrypted'
  | 'exists'
  | 'held'
  | 'incomplete-stream'
  | 'interrupted-receive'
  | 'io-error'
  | 'key-not-loaded'
  | 'large-blocks-needed'
  | 'large-microzap'
  | 'modified'
  | 'no-base'
  | 'no-mountpoint'
  | 'no-parent'
  | 'no-resume-state'
  | 'no-space'
  | 'no-such-dataset'
  | 'no-such-pool'
  | 'no-such-property'
  | 'no-zfs'
  | 'no-zfs-module'
  | 'not-permitted'
  | 'not-root'
  | 'old-stream-feature'
  | 'parent-is-volume'
  | 'plain-target'
  | 'pool-needs-upgrade'
  | 'pool-readonly'
  | 'pool-suspended'
  | 'property-not-set'
  | 'quota'
  | 'sender-died'
  | 'snapshot-exists'
  | 'snapshot-gone'
  | 'state-mismatch';

export type ZfsErrorRow = {
  readonly code: ZfsErrorCode;
  readonly pattern: RegExp;
  /** One sentence; the groups of the pattern are handed in. */
  readonly meaning: (groups: Readonly<Record<string, string>>) => string;
  /** The next thing to try. */
  readonly next: (groups: Readonly<Record<string, string>>) => string;
  readonly sample: string;
  /** Releases of OpenZFS it was seen to print this; `source` where it was only read there. */
  readonly seen: readonly string[];
};

export const zfsErrors: readonly ZfsErrorRow[] = [
  {
    code: 'no-zfs',
    pattern: /(?:zfs|zpool): (?:command )?not found|(?:zfs|zpool): No such file or directory/,
    meaning: () => 'there is no zfs command there',
    next: () => 'install OpenZFS, or put the folder of zfs and zpool on the PATH of non-interactive shells',
    sample: 'sh: 1: zfs: not found',
    seen: ['2.3'],
  },
  {
    code: 'no-zfs-module',
    pattern:
      /ZFS modules (?:are not loaded|cannot be auto-loaded)|\/dev\/zfs and \/proc\/self\/mounts are required/,
    meaning: () => "OpenZFS is installed there, but the kernel's module is not loaded",
    next: () => 'run `modprobe zfs` there as root',
    sample:
      "The ZFS modules cannot be auto-loaded.\nTry running 'modprobe zfs' as root to manually load them.",
    seen: ['2.3'],
  },
  {
    code: 'not-root',
    pattern: /Permission denied the ZFS utilities must be run as root/,
    meaning: () => 'that user may not use ZFS at all',
    next: () => 'make /dev/zfs readable and writable for that user, or connect as root',
    sample: 'Permission denied the ZFS utilities must be run as root.',
    seen: ['2.3'],
  },
  {
    code: 'no-such-pool',
    pattern: /cannot (?:open|get properties of) '?(?<name>[^'/@#:\n]+)'?: no such pool/i,
    meaning: ({ name }) => `there is no pool "${name}" there`,
    next: () => 'look at `zpool list` and, if the pool should be there, at `zpool import`',
    sample: 'Cannot get properties of nosuch: no such pool available.',
    seen: ['2.3'],
  },
  {
    code: 'no-parent',
    pattern:
      /cannot open '(?<name>[^']+)': dataset does not exist\n?cannot receive[^\n]*: unable to restore to destination/,
    meaning: ({ name }) => `the parent "${name}" does not exist`,
    next: () => 'create the parent first',
    sample:
      "cannot open 'dst/x/y': dataset does not exist\ncannot receive new filesystem stream: unable to restore to destination",
    seen: ['2.3'],
  },
  {
    code: 'diverged',
    pattern: /most recent snapshot of (?<name>.+?) does not\s+match incremental source/,
    meaning: ({ name }) => `the newest snapshot of "${name}" is not the one that the increment starts from`,
    next: () => 'run the same command again: it plans anew from what is there now',
    sample:
      'cannot receive incremental stream: most recent snapshot of dst/nc does not\nmatch incremental source',
    seen: ['2.3'],
  },
  {
    code: 'modified',
    pattern: /destination (?<name>.+?) has been modified\s+since most recent snapshot/,
    meaning: ({ name }) => `"${name}" was written to since its newest snapshot`,
    next: ({ name }) => `see what was written: zfs diff ${name}@NEWEST ${name}`,
    sample:
      'cannot receive incremental stream: destination dst/r1 has been modified\nsince most recent snapshot',
    seen: ['2.3'],
  },
  {
    code: 'snapshot-exists',
    pattern: /cannot restore to (?<name>[^\n]+@[^\n]+): destination already exists/,
    meaning: ({ name }) => `"${name}" exists already, with other contents`,
    next: ({ name }) => `rename it and run again: zfs rename ${name} ${name}_other`,
    sample: 'cannot receive incremental stream: cannot restore to dst/r2@s2: destination already exists',
    seen: ['2.3'],
  },
  {
    code: 'interrupted-receive',
    pattern: /destination '?(?<name>[^'\n]+?)'? contains partially-complete state/,
    meaning: ({ name }) => `"${name}" holds the rest of an interrupted receive, or one is running there`,
    next: ({ name }) => `if none is running, let go of the rest: zfs receive -A ${name}`,
    sample:
      'cannot receive incremental stream: destination dst/f1 contains partially-complete state from "zfs receive -s".',
    seen: ['2.3'],
  },
  {
    code: 'dataset-exists',
    pattern:
      /destination '(?<name>[^']+)' exists\s+must specify -F to overwrite it|destination has snapshots \(eg\. (?<snapshot>[^)]+)\)/,
    meaning: ({ name, snapshot }) => `"${name || snapshot}" exists already and would be overwritten`,
    next: () => 'choose another target, or rename what is there',
    sample:
      "cannot receive new filesystem stream: destination 'dst/r1' exists\nmust specify -F to overwrite it",
    seen: ['2.3'],
  },
  {
    code: 'no-base',
    pattern: /destination '(?<name>[^']+)' does not exist/,
    meaning: ({ name }) => `"${name}", which the stream goes onto, does not exist`,
    next: () => 'run the same command again: it plans anew from what is there now',
    sample: "cannot receive incremental stream: destination 'dst/none' does not exist",
    seen: ['2.3'],
  },
  {
    code: 'parent-is-volume',
    pattern: /parent '(?<name>[^']+)' is not a filesystem/,
    meaning: ({ name }) => `"${name}" is a volume, and nothing can lie below a volume`,
    next: () => 'choose a target below a filesystem',
    sample: "cannot receive new filesystem stream: parent 'dst/v' is not a filesystem",
    seen: ['2.3'],
  },
  {
    code: 'quota',
    pattern: /(?:destination (?<name>.+?) )?space quota exceeded|: disk quota exceeded/i,
    meaning: ({ name }) => `a quota${name ? ` on or above "${name}"` : ''} has no room for it`,
    next: () => 'raise the quota, or free space below it',
    sample: 'cannot receive new filesystem stream: destination dst/q/x space quota exceeded.',
    seen: ['2.3'],
  },
  {
    code: 'no-space',
    pattern: /: out of space|No space left on device/,
    meaning: () => 'the pool is full',
    next: () => 'free space in the pool, or add to it, and run again',
    sample: 'cannot receive new filesystem stream: out of space',
    seen: ['2.3'],
  },
  {
    code: 'bad-token',
    pattern: /resume token is corrupt \((?<why>[^)]*)\)/,
    meaning: ({ why }) => `the resume token that the target keeps cannot be read: ${why}`,
    next: () => 'run the same command again: it plans anew from what is there now',
    sample: 'cannot resume send: resume token is corrupt (incorrect checksum)',
    seen: ['2.3'],
  },
  {
    code: 'no-resume-state',
    pattern: /'(?<name>[^']+)' does not have any resumable receive state to abort/,
    meaning: ({ name }) => `"${name}" holds no rest of an interrupted receive`,
    next: () => 'nothing needs to be done',
    sample: "'dst/i' does not have any resumable receive state to abort",
    seen: ['2.3'],
  },
  {
    // Of every stream with embedded blocks that cannot be resumed, OpenZFS 2.3 says that they are incompatible with encryption.
    code: 'state-mismatch',
    pattern: /cannot receive resume stream: incompatible embedded data stream feature/,
    meaning: () =>
      'the target changed between the parts of a receive (whatever its words say of embedded data)',
    next: () => 'run the same command again: it plans anew from what is there now',
    sample: 'cannot receive resume stream: incompatible embedded data stream feature with encrypted receive.',
    seen: ['2.3'],
  },
  {
    code: 'pool-needs-upgrade',
    pattern: /pool must be upgraded to receive this stream/,
    meaning: () => "the stream needs a feature that the target's pool has not enabled",
    next: () =>
      'compare `zpool get all POOL | grep feature@` on both sides; `zpool upgrade POOL` enables what is missing',
    sample: 'cannot receive new filesystem stream: pool must be upgraded to receive this stream.',
    seen: ['2.3'],
  },
  {
    code: 'old-stream-feature',
    pattern: /stream has unsupported feature/,
    meaning: () => 'the stream has a feature that the OpenZFS of the target does not know',
    next: () => 'update OpenZFS on the target',
    sample:
      'cannot receive: stream has unsupported feature, feature flags = 1000024 (unknown flags = 1000000)',
    seen: ['source'],
  },
  {
    code: 'large-blocks-needed',
    pattern: /incremental send stream requires -L \(--large-block\)/,
    meaning: () => 'the target was first filled with large blocks, and ZFS does not go back from that',
    next: () => "enable the feature large_blocks on the source's pool",
    sample:
      'cannot receive incremental stream: incremental send stream requires -L (--large-block), to match previous receive.',
    seen: ['2.3'],
  },
  {
    code: 'large-microzap',
    pattern: /source snapshot contains large microzaps/,
    meaning: () => 'the source has large microzaps, which need a stream with large blocks',
    next: () => "enable the feature large_blocks on the target's pool",
    sample:
      "warning: cannot send 'src/a@s1': source snapshot contains large microzaps, need -L (--large-block) or -w (--raw) to generate stream",
    seen: ['source'],
  },
  {
    code: 'embedded-into-encrypted',
    pattern: /incompatible embedded data stream feature with encrypted receive/,
    meaning: () => 'the stream has embedded blocks, which an encrypted target does not take',
    next: () => 'report this: zferry should have sent without them',
    sample:
      'cannot receive new filesystem stream: incompatible embedded data stream feature with encrypted receive.',
    seen: ['2.3'],
  },
  {
    code: 'state-mismatch',
    pattern: /kernel modules must be upgraded to receive this stream/,
    meaning: () =>
      'the target changed between the parts of a receive (despite its words this is rarely about kernel modules)',
    next: () => 'run the same command again: it plans anew from what is there now',
    sample: 'cannot receive resume stream: kernel modules must be upgraded to receive this stream.',
    seen: ['2.3'],
  },
  {
    code: 'sender-died',
    pattern: /cannot receive: failed to read from stream/,
    meaning: () => 'nothing came from the sender',
    next: () => "look at the sender's own error",
    sample: 'cannot receive: failed to read from stream',
    seen: ['2.3'],
  },
  {
    code: 'bad-stream',
    pattern: /invalid stream \(bad magic number\)|invalid backup stream|: checksum mismatch$/m,
    meaning: () => 'what arrived was not what `zfs send` makes',
    next: () =>
      'find out what else writes to the output of that host, for instance a greeting in a shell profile',
    sample: 'cannot receive: invalid stream (bad magic number)',
    seen: ['2.3'],
  },
  {
    code: 'incomplete-stream',
    pattern: /incomplete stream/,
    meaning: () => 'the stream ended before it was complete',
    next: () => 'run the same command again',
    sample: 'cannot receive new filesystem stream: incomplete stream',
    seen: ['2.3'],
  },
  {
    code: 'snapshot-gone',
    pattern:
      /cannot send '(?<name>[^']+)'[^\n]*: incremental source \([^)]*\) does not exist|cannot send '(?<lost>[^']+)': not an earlier snapshot from the same fs|no longer exists|is no longer the same snapshot|cannot open '(?<gone>[^']+@[^']+)': dataset does not exist|could not find any snapshots to destroy/,
    meaning: ({ name, lost, gone }) =>
      `${gone ? `"${gone}"` : `a snapshot${name || lost ? ` of "${name || lost}"` : ''}`}, there a moment ago, is gone`,
    next: () => 'run the same command again: it plans anew from what is there now',
    sample: "warning: cannot send 'src/a@s2': incremental source (src/a#nope) does not exist",
    seen: ['2.3'],
  },
  {
    code: 'key-not-loaded',
    pattern: /(?:dataset|source|inherited) key must be loaded|encryption key not loaded/i,
    meaning: () => 'the encryption key is not loaded',
    next: () => 'load it: zfs load-key DATASET, for its encryption root',
    sample: "warning: cannot send 'src/e@s1': dataset key must be loaded",
    seen: ['2.3'],
  },
  {
    code: 'held',
    pattern: /cannot destroy snapshot (?<name>\S[^\n]*?): (?:it's being held|dataset is busy)/,
    meaning: ({ name }) => `"${name}" is held, or is being sent`,
    next: ({ name }) => `see who holds it: zfs holds ${name}`,
    sample: "cannot destroy snapshot src/a@s1: it's being held. Run 'zfs holds -r src/a@s1' to see holders.",
    seen: ['2.3'],
  },
  {
    code: 'cloned',
    pattern: /cannot destroy '?(?<name>[^'\n]+?)'?: snapshot has dependent clones/,
    meaning: ({ name }) => `"${name}" has clones`,
    next: () => 'keep it, or promote or destroy the clones',
    sample:
      "cannot destroy 'src/a@s1': snapshot has dependent clones\nuse '-R' to destroy the following datasets:\nsrc/c",
    seen: ['2.3'],
  },
  {
    code: 'exists',
    pattern: /cannot create (?:snapshot )?'(?<name>[^']+)': dataset already exists/,
    meaning: ({ name }) => `"${name}" exists already`,
    next: () => 'run the same command again',
    sample: "cannot create snapshot 'src/a@s1': dataset already exists\nno snapshots were created",
    seen: ['2.3'],
  },
  {
    code: 'property-not-set',
    pattern: /cannot receive (?<property>\S+) property on (?<name>[^\n]+?): (?<why>[^\n]+)/,
    meaning: ({ property, name, why }) => `the property ${property} of "${name}" could not be set: ${why}`,
    next: ({ property, name }) => `set it by hand, or allow it: zfs allow USER ${property} ${name}`,
    sample: 'cannot receive compression property on dst/r1: permission denied',
    seen: ['2.3'],
  },
  {
    code: 'no-such-property',
    pattern: /: invalid property '(?<property>[^']+)'/,
    meaning: ({ property }) => `the ZFS there has no property ${property}`,
    next: () => 'update ZFS there',
    sample: "cannot set property for 'dst/w': invalid property 'overlay'",
    seen: ['source'],
  },
  {
    code: 'no-mountpoint',
    pattern: /failed to create mountpoint|mountpoint or dataset is busy|directory is not empty/,
    meaning: () => 'there is no empty folder to mount it on',
    next: () => 'make an empty folder where its property mountpoint says, or mount it elsewhere by hand',
    sample: "cannot mount '/dst/w/c': failed to create mountpoint: Read-only file system",
    seen: ['2.3'],
  },
  {
    code: 'plain-target',
    pattern: /cannot perform raw receive on top of existing unencrypted dataset/,
    meaning: () => 'the target was received in plain, and an encrypted stream does not go onto that',
    next: () => 'choose another target, or rename what is there',
    sample:
      'cannot receive incremental stream: cannot perform raw receive on top of existing unencrypted dataset',
    seen: ['2.3'],
  },
  {
    code: 'pool-readonly',
    pattern: /pool is read-only/,
    meaning: () => 'the pool is imported read-only',
    next: () => 'export it and import it without `-o readonly=on`',
    sample: 'cannot receive new filesystem stream: pool is read-only',
    seen: ['source'],
  },
  {
    code: 'pool-suspended',
    pattern: /pool I\/O is currently suspended/,
    meaning: () => 'the pool lost its disks and waits for them',
    next: () => 'look at `zpool status`; when the disks are back, `zpool clear`',
    sample: 'cannot receive new filesystem stream: pool I/O is currently suspended',
    seen: ['source'],
  },
  {
    code: 'not-permitted',
    pattern: /permission denied/i,
    meaning: () => 'that user is not allowed to do it',
    next: () => 'let that user do it with `zfs allow`, or connect as root',
    sample: 'cannot create snapshots : permission denied',
    seen: ['2.3'],
  },
  {
    code: 'io-error',
    pattern: /I\/O error|Input\/output error/,
    meaning: () => 'the pool could not read or write its data',
    next: () => 'look at `zpool status -v`',
    sample: "warning: cannot send 'src/a@s1': Input/output error",
    seen: ['source'],
  },
  {
    code: 'busy',
    pattern: /dataset is busy|target is busy|pool or dataset is busy/,
    meaning: () => 'something else is using it right now',
    next: () => 'wait until that has ended and run again',
    sample: 'cannot receive incremental stream: dataset is busy',
    seen: ['2.3'],
  },
  {
    code: 'no-such-dataset',
    pattern:
      /cannot (?:open|hold|release|send|receive)[^\n]*?'?(?<name>[^'\n]*?)'?: dataset does not exist|could not find any snapshots|dataset does not exist/,
    meaning: ({ name }) => (name ? `there is no "${name}" there` : 'it does not exist there'),
    next: () => 'look at `zfs list`',
    sample: "cannot open 'src/none': dataset does not exist",
    seen: ['2.3'],
  },
];

export type ZfsErrorText = {
  readonly code: ZfsErrorCode;
  readonly meaning: string;
  readonly next: string;
};

/** What the stderr of a `zfs` or `zpool` command means; `undefined` for a text that no row knows. */
export function explainZfsError(stderr: string): ZfsErrorText | undefined {
  for (const row of zfsErrors) {
    const found = row.pattern.exec(stderr);
    if (found) {
      const groups = found.groups ?? {};
      return { code: row.code, meaning: row.meaning(groups), next: row.next(groups) };
    }
  }
  return undefined;
}
