/**
 * What `zfs` and `zpool` print when something is wrong, turned into a stable code and words that help.
 *
 * One table. A row that comes earlier wins, so a precise text stands before a general one; texts can be spread over
 * two lines, so patterns run over the whole of stderr. Each row carries a captured sample, and a test holds every
 * sample to its row.
 */
export type ZfsErrorCode =
  | 'bad-name'
  | 'bad-property'
  | 'bad-stream'
  | 'bad-token'
  | 'bookmark-elsewhere'
  | 'bookmark-exists'
  | 'bookmarks-off'
  | 'busy'
  | 'cloned'
  | 'damaged-stream'
  | 'dataset-exists'
  | 'dedup-stream'
  | 'delegation-off'
  | 'diverged'
  | 'embedded-into-encrypted'
  | 'encrypted-in-the-way'
  | 'exists'
  | 'has-children'
  | 'held'
  | 'incomplete-stream'
  | 'internal-error'
  | 'interrupted-receive'
  | 'io-error'
  | 'key-not-loaded'
  | 'key-unreadable'
  | 'killed'
  | 'large-blocks-needed'
  | 'large-microzap'
  | 'list-too-large'
  | 'modified'
  | 'module-too-old'
  | 'newer-in-the-way'
  | 'no-base'
  | 'no-memory'
  | 'no-mountpoint'
  | 'no-origin'
  | 'no-parent'
  | 'no-resume-state'
  | 'no-space'
  | 'no-such-dataset'
  | 'no-such-pool'
  | 'no-such-property'
  | 'no-such-tag'
  | 'no-zfs'
  | 'no-zfs-module'
  | 'not-at-once'
  | 'not-from-raw'
  | 'may-not-hold'
  | 'not-permitted'
  | 'not-raw'
  | 'not-root'
  | 'old-raw-stream'
  | 'old-stream-feature'
  | 'other-encryption'
  | 'other-key'
  | 'parent-is-volume'
  | 'plain-target'
  | 'pool-needs-upgrade'
  | 'pool-readonly'
  | 'pool-suspended'
  | 'property-not-set'
  | 'quota'
  | 'receiver-died'
  | 'sender-died'
  | 'snapshot-exists'
  | 'snapshot-gone'
  | 'state-mismatch'
  | 'tag-exists'
  | 'target-is-clone'
  | 'to-terminal'
  | 'wrong-type';

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
    // It ends by SIGABRT then. Its words may hold those of a row below.
    code: 'internal-error',
    pattern: /internal error: (?<why>[^\n]*)/,
    meaning: ({ why }) => `zfs met an error that it has no words for (${why})`,
    next: () => 'compare `zfs version` on both sides, and look at what `dmesg` says there',
    sample: "internal error: warning: cannot send 'src/a@s1': Bad file descriptor\nAborted",
    seen: ['2.1', '2.3', '2.4'],
  },
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
      /cannot open '(?<name>[^']+)': dataset does not exist\s+cannot receive[^\n]*: unable to restore to destination|specified fs \((?<given>[^)]+)\) does not exist|cannot create '(?<child>[^']+)': (?:parent does not exist|no such parent)/,
    meaning: ({ name, given, child }) => `the parent "${name || given || parentOf(child)}" does not exist`,
    next: () => 'create the parent first',
    sample:
      "cannot open 'dst/x/y': dataset does not exist\ncannot receive new filesystem stream: unable to restore to destination",
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'diverged',
    pattern: /most recent snapshot of (?<name>.+?) does not\s+match incremental source/,
    meaning: ({ name }) => `the newest snapshot of "${name}" is not the one that the increment starts from`,
    next: () => 'run the same command again: it plans anew from what is there now',
    sample:
      'cannot receive incremental stream: most recent snapshot of dst/nc does not\nmatch incremental source',
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'modified',
    pattern: /destination (?<name>.+?) has been modified\s+since most recent snapshot/,
    meaning: ({ name }) => `"${name}" was written to since its newest snapshot`,
    next: ({ name }) => `see what was written: zfs diff ${name}@NEWEST ${name}`,
    sample:
      'cannot receive incremental stream: destination dst/r1 has been modified\nsince most recent snapshot',
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'snapshot-exists',
    pattern: /cannot restore to (?<name>[^\n]+@[^\n]+): destination already exists/,
    meaning: ({ name }) => `"${name}" exists already, with other contents`,
    next: ({ name }) => `rename it and run again: zfs rename ${name} ${name}_other`,
    sample: 'cannot receive incremental stream: cannot restore to dst/r2@s2: destination already exists',
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'interrupted-receive',
    pattern: /destination '?(?<name>[^'\n]+?)'? contains partially-complete state/,
    meaning: ({ name }) => `"${name}" holds the rest of an interrupted receive, or one is running there`,
    next: ({ name }) => `if none is running, let go of the rest: zfs receive -A ${name}`,
    sample:
      'cannot receive incremental stream: destination dst/f1 contains partially-complete state from "zfs receive -s".',
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'target-is-clone',
    pattern: /destination '(?<name>[^']+)' is a clone/,
    meaning: ({ name }) => `"${name}" is a clone, which a stream cannot overwrite`,
    next: () => 'choose another target, or rename what is there',
    sample:
      "cannot receive new filesystem stream: destination 'dst/clone' is a clone\nmust destroy it to overwrite it",
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'encrypted-in-the-way',
    pattern: /zfs receive -F cannot be used to destroy an encrypted filesystem/,
    meaning: () => 'what is there is encrypted, or would be, and ZFS does not replace that in its place',
    next: () => 'choose another target, or rename what is there',
    sample:
      'cannot receive new filesystem stream: zfs receive -F cannot be used to destroy an encrypted filesystem or overwrite an unencrypted one with an encrypted one',
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'dataset-exists',
    pattern:
      /(?:destination|Resuming recv on existing destination) '(?<name>[^']+)'(?: exists)?\s+must specify -F to overwrite it|destination has (?:snapshots|children) \(eg\. (?<inside>[^)]+)\)|destination (?<root>\S+) is the root dataset|cannot resume recv (?<resumed>[^\n]+?): Resuming recv on existing dataset/,
    meaning: ({ name, inside, root, resumed }) =>
      `"${name || inside || root || resumed}" exists already and would be overwritten`,
    next: () => 'choose another target, or rename what is there',
    sample:
      "cannot receive new filesystem stream: destination 'dst/r1' exists\nmust specify -F to overwrite it",
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'no-origin',
    pattern:
      /local origin for clone (?<name>[^\n]+?) does not exist|specified origin fs \((?<origin>[^)]+)\) does not exist/,
    meaning: ({ name, origin }) =>
      origin
        ? `the origin "${origin}" does not exist`
        : `what "${name}" was cloned from is not on the target`,
    next: () => 'send what it was cloned from first',
    sample: 'cannot receive: local origin for clone dst/branch@s1 does not exist',
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'no-base',
    pattern: /destination '(?<name>[^']+)' does not exist/,
    meaning: ({ name }) => `"${name}", which the stream goes onto, does not exist`,
    next: () => 'run the same command again: it plans anew from what is there now',
    sample: "cannot receive incremental stream: destination 'dst/none' does not exist",
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'parent-is-volume',
    pattern:
      /parent '(?<name>[^']+)' is not a filesystem|cannot create '(?<child>[^']+)': parent is not a filesystem/,
    meaning: ({ name, child }) =>
      `"${name || parentOf(child)}" is a volume, and nothing can lie below a volume`,
    next: () => 'choose a target below a filesystem',
    sample: "cannot receive new filesystem stream: parent 'dst/v' is not a filesystem",
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'quota',
    pattern: /(?:destination (?<name>.+?) )?space quota exceeded|: disk quota exceeded/i,
    meaning: ({ name }) => `a quota${name ? ` on or above "${name}"` : ''} has no room for it`,
    next: () => 'raise the quota, or free space below it',
    sample: 'cannot receive new filesystem stream: destination dst/q/x space quota exceeded.',
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    // A limit that is reached has no words of its own here.
    code: 'no-space',
    pattern: /cannot create snapshot '(?<name>[^']+)': out of space/,
    meaning: ({ name }) => `the pool is full, or a snapshot_limit on or above "${name}" is reached`,
    next: () => 'free space in the pool, or raise the limit, and run again',
    sample: "cannot create snapshot 'src/limited': out of space",
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'no-space',
    pattern: /: out of space|No space left on device/,
    meaning: () => 'the pool is full',
    next: () => 'free space in the pool, or add to it, and run again',
    sample: 'cannot receive new filesystem stream: out of space',
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'bad-token',
    pattern: /resume token is corrupt \((?<why>[^)]*)\)/,
    meaning: ({ why }) => `the resume token that the target keeps cannot be read: ${why}`,
    next: () => 'run the same command again: it plans anew from what is there now',
    sample: 'cannot resume send: resume token is corrupt (incorrect checksum)',
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'no-resume-state',
    pattern: /'(?<name>[^']+)' does not have any resumable receive state to abort/,
    meaning: ({ name }) => `"${name}" holds no rest of an interrupted receive`,
    next: () => 'nothing needs to be done',
    sample: "'dst/i' does not have any resumable receive state to abort",
    seen: ['2.1', '2.3', '2.4'],
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
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'dedup-stream',
    pattern:
      /stream has deprecated feature: dedup|stream has unsupported feature, feature flags = [\da-f]*[13579bdf]\b|no longer supports\s+deduplicated send streams/,
    meaning: () => 'the stream is deduplicated, which OpenZFS no longer takes',
    next: () => 'send it without -D, or let it through `zstream redup FILE` first',
    sample:
      "cannot receive: stream has deprecated feature: dedup, try 'zstream redup [send in a file] | zfs recv [...]'",
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'old-raw-stream',
    pattern: /Spill block flag missing for raw send|IV set guid missing\. See errata/,
    meaning: () => 'the raw stream comes from an OpenZFS or a dataset that is too old to be received raw',
    next: () =>
      'update OpenZFS on the source, and see https://openzfs.github.io/openzfs-docs/msg/ZFS-8000-ER',
    sample:
      'cannot receive incremental stream: IV set guid missing. See errata 4 at https://openzfs.github.io/openzfs-docs/msg/ZFS-8000-ER.',
    seen: ['source'],
  },
  {
    code: 'module-too-old',
    pattern: /the loaded zfs\s+module does not support|operation not supported by zfs kernel module/,
    meaning: () => "the kernel's module there is older than its zfs command",
    next: () => 'start that host anew, so that it loads the module that belongs to its zfs command',
    sample:
      'cannot receive new filesystem stream: the loaded zfs module does not support this operation. A reboot may be required to enable this operation.',
    seen: ['source'],
  },
  {
    code: 'old-stream-feature',
    pattern: /stream has unsupported feature/,
    meaning: () => 'the stream has a feature that the OpenZFS of the target does not know',
    next: () => 'update OpenZFS on the target',
    sample:
      'cannot receive: stream has unsupported feature, feature flags = 1000024 (unknown flags = 1000000)',
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'large-blocks-needed',
    pattern: /incremental send stream requires -L \(--large-block\)/,
    meaning: () => 'the target was first filled with large blocks, and ZFS does not go back from that',
    next: () => "enable the feature large_blocks on the source's pool",
    sample:
      'cannot receive incremental stream: incremental send stream requires -L (--large-block), to match previous receive.',
    seen: ['2.1', '2.3', '2.4'],
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
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'state-mismatch',
    pattern: /cannot receive (?:resume|incremental) stream: invalid backup stream/,
    meaning: () =>
      'the target is not as it was when the stream was begun (despite its words the stream itself can be whole)',
    next: () => 'run the same command again: it plans anew from what is there now',
    sample: 'cannot receive resume stream: invalid backup stream',
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'state-mismatch',
    pattern: /kernel modules must be upgraded to receive this stream/,
    meaning: () =>
      'the target changed between the parts of a receive (despite its words this is rarely about kernel modules)',
    next: () => 'run the same command again: it plans anew from what is there now',
    sample: 'cannot receive resume stream: kernel modules must be upgraded to receive this stream.',
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'list-too-large',
    pattern:
      /cannot send '?(?<name>[^'\n]+?)'?: the size of the list of snapshots and properties|cannot receive[^\n]*: nvlist too large/,
    meaning: ({ name }) =>
      `${name ? `"${name}" has` : 'the stream has'} more snapshots and properties than one stream can list`,
    next: () => 'send fewer snapshots at once, or set ZFS_SENDRECV_MAX_NVLIST on both sides to more bytes',
    sample:
      "warning: cannot send src/a@s1: the size of the list of snapshots and properties is too large to be received successfully.\nSelect a smaller number of snapshots to send.\nwarning: cannot send 'src/a@s1': backup failed",
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'no-memory',
    pattern:
      /zfs receive required kernel memory allocation\s+larger than the system can support|: out of memory/,
    meaning: () => 'that host has not enough memory for it',
    next: () => 'let something else end there, or give it more memory, and run again',
    sample:
      'cannot receive new filesystem stream: zfs receive required kernel memory allocation larger than the system can support.',
    seen: ['source'],
  },
  {
    code: 'receiver-died',
    pattern: /cannot send '[^']+'[^\n]*: Broken pipe/,
    meaning: () => 'the receiver stopped reading',
    next: () => "look at the receiver's own error",
    sample: "warning: cannot send 'src/a@s3': Broken pipe",
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'to-terminal',
    pattern: /[Ss]tream can not be (?:written to|read from) a terminal/,
    meaning: () => 'a stream goes from `zfs send` to `zfs receive` or a file, not to a terminal',
    next: () => 'lead it there with a pipe, or with > or <',
    sample: 'Error: Stream can not be written to a terminal.\nYou must redirect standard output.',
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'sender-died',
    pattern: /cannot receive: failed to read from stream/,
    meaning: () => 'nothing came from the sender',
    next: () => "look at the sender's own error",
    sample: 'cannot receive: failed to read from stream',
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'damaged-stream',
    pattern: /: checksum mismatch(?! or incomplete stream)/,
    meaning: () => 'what arrived is not what was sent',
    next: () =>
      'run the same command again; if it happens again, test the memory of both hosts and what lies between them',
    sample: 'cannot receive new filesystem stream: checksum mismatch',
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'bad-stream',
    pattern:
      /invalid stream \((?:bad magic number|bad snapshot name|malformed nvlist)\)|invalid backup stream/,
    meaning: () => 'what arrived was not what `zfs send` makes',
    next: () =>
      'find out what else writes to the output of that host, for instance a greeting in a shell profile',
    sample: 'cannot receive: invalid stream (bad magic number)',
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'incomplete-stream',
    pattern: /incomplete stream/,
    meaning: () => 'the stream ended before it was complete',
    next: () => 'run the same command again',
    sample: 'cannot receive new filesystem stream: incomplete stream',
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'snapshot-gone',
    pattern:
      /cannot send '(?<name>[^']+)'[^\n]*: incremental source \([^)]*\) does not exist|cannot send '(?<lost>[^']+)': not an earlier snapshot from the same fs|cannot send [^\n]+ recursively: snapshot (?<missing>[^\n]+?) does not exist|no longer exists|is no longer the same snapshot|cannot (?:open|hold snapshot|release hold from snapshot) '(?<gone>[^']+@[^']+)': dataset does not exist|bookmark '(?<mark>[^']+)' does not exist|could not find any snapshots to destroy/,
    meaning: ({ name, lost, missing, gone, mark }) => {
      const itself = missing || gone || mark;
      return `${itself ? `"${itself}"` : `a snapshot${name || lost ? ` of "${name || lost}"` : ''}`}, there a moment ago, is gone`;
    },
    next: () => 'run the same command again: it plans anew from what is there now',
    sample: "warning: cannot send 'src/a@s2': incremental source (src/a#nope) does not exist",
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'key-unreadable',
    pattern:
      /Failed to open key material file: (?<why>[^\n]+)|(?<fault>(?:Raw key|Hex key|Passphrase) too (?:short|long) \([^)]*\))/,
    meaning: ({ why, fault }) =>
      why ? `the file with the key cannot be read there: ${why}` : `that is no key of its format: ${fault}`,
    next: () =>
      'see that the file with the key is on that host and has what --encrypt says: 32 bytes (raw), 64 hexadecimal digits (hex), or a passphrase of 8 characters or more',
    sample:
      'cannot receive new filesystem stream: Failed to open key material file: No such file or directory',
    seen: ['2.1', '2.3'],
  },
  {
    code: 'key-not-loaded',
    pattern:
      /(?:dataset|source|inherited) key must be loaded|encryption key not loaded|encryption root's key is not loaded/i,
    meaning: () => 'the encryption key is not loaded',
    next: () => 'load it: zfs load-key DATASET, for its encryption root',
    sample: "warning: cannot send 'src/e@s1': dataset key must be loaded",
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'not-raw',
    pattern: /encrypted dataset (?<name>[^\n]+?) may not be sent with properties without the raw flag/,
    meaning: ({ name }) => `"${name}" is encrypted, and goes with its properties only as it is stored`,
    next: () => 'send it raw, or without its properties',
    sample:
      "cannot send src/e@s1: encrypted dataset src/e may not be sent with properties without the raw flag\nwarning: cannot send 'src/e@s1': backup failed",
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'not-from-raw',
    pattern: /IV set guid mismatch/,
    meaning: () => 'the newest snapshot on the target did not arrive raw, so nothing raw goes onto it',
    next: () => 'choose another target, or rename what is there',
    sample:
      "cannot receive incremental stream: IV set guid mismatch. See the 'zfs receive' man page section\n discussing the limitations of raw encrypted send streams.",
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'other-key',
    pattern: /encryption key does not match\s+existing key|failed to create encryption key/,
    meaning: () => 'the target is encrypted with another key than the stream',
    next: () => 'choose another target, or rename what is there',
    sample: 'cannot receive incremental stream: encryption key does not match existing key',
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'other-encryption',
    pattern: /stream uses crypto parameters not compatible with\s+this pool/,
    meaning: () => 'the stream is encrypted in a way that the pool of the target does not know',
    next: () => 'update OpenZFS on the target',
    sample:
      'cannot receive new filesystem stream: stream uses crypto parameters not compatible with this pool',
    seen: ['source'],
  },
  {
    code: 'held',
    pattern: /cannot destroy snapshot (?<name>\S[^\n]*?): (?:it's being held|dataset is busy)/,
    meaning: ({ name }) => `"${name}" is held, or is being sent`,
    next: ({ name }) => `see who holds it: zfs holds ${name}`,
    sample: "cannot destroy snapshot src/a@s1: it's being held. Run 'zfs holds -r src/a@s1' to see holders.",
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    // What has arrived of an increment is a hidden clone of its base.
    code: 'interrupted-receive',
    pattern: /has dependent clones\s+use '-R' to destroy the following datasets:\s+(?<name>[^\n]+?)\/%recv/,
    meaning: ({ name }) => `"${name}" holds the rest of an interrupted receive, or one is running there`,
    next: ({ name }) => `if none is running, let go of the rest: zfs receive -A ${name}`,
    sample:
      "cannot destroy 'dst/part@s1': snapshot has dependent clones\nuse '-R' to destroy the following datasets:\ndst/part/%recv",
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'cloned',
    pattern: /cannot rollback to '(?<name>[^']+)': clones of previous snapshots exist/,
    meaning: ({ name }) => `snapshots that are newer than "${name}" have clones`,
    next: () => 'keep them, or promote the clones',
    sample:
      "cannot rollback to 'src/o@s1': clones of previous snapshots exist\nuse '-R' to force deletion of the following clones and dependents:\nsrc/c2",
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'newer-in-the-way',
    pattern:
      /cannot rollback to '(?<name>[^']+)': more recent snapshots\s+or bookmarks exist|there is a snapshot or bookmark more recent than '(?<late>[^']+)'/,
    meaning: ({ name, late }) => `going back to "${name || late}" would destroy newer snapshots or bookmarks`,
    next: ({ name, late }) =>
      `keep them, and look at the older state in a clone: zfs clone ${name || late} NEW`,
    sample:
      "cannot rollback to 'src/a@s1': more recent snapshots or bookmarks exist\nuse '-r' to force deletion of the following snapshots and bookmarks:\nsrc/a@s2",
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'has-children',
    pattern: /cannot destroy '(?<name>[^']+)': (?:filesystem|volume) has children/,
    meaning: ({ name }) => `"${name}" has others below it`,
    next: ({ name }) => `see what they are: zfs list -r -t all ${name}`,
    sample:
      "cannot destroy 'src/p': filesystem has children\nuse '-r' to destroy the following datasets:\nsrc/p/q",
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'cloned',
    pattern:
      /cannot destroy (?:snapshot )?'?(?<name>[^'\n]+?)'?: (?:(?:snapshot|filesystem|volume) has dependent clones|snapshot is cloned)/,
    meaning: ({ name }) => `"${name}" has clones`,
    next: () => 'keep it, or promote or destroy the clones',
    sample:
      "cannot destroy 'src/a@s1': snapshot has dependent clones\nuse '-R' to destroy the following datasets:\nsrc/c",
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'exists',
    pattern:
      /cannot create (?:snapshot )?'(?<name>[^']+)': dataset already exists|cannot rename '(?<old>[^']+)': dataset already exists/,
    meaning: ({ name, old }) =>
      old ? `the new name of "${old}" exists already` : `"${name}" exists already`,
    next: () => 'run the same command again',
    sample: "cannot create snapshot 'src/a@s1': dataset already exists\nno snapshots were created",
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'bookmark-exists',
    pattern: /cannot create bookmark '(?<name>[^']+)': bookmark exists/,
    meaning: ({ name }) => `the bookmark "${name}" exists already`,
    next: ({ name }) => `see what it stands for: zfs get guid '${name}'`,
    sample: "cannot create bookmark 'src/a#mark': bookmark exists",
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'bookmarks-off',
    pattern: /cannot create bookmark '(?<name>[^']+)': bookmark feature not enabled/,
    meaning: () => 'its pool has bookmarks not enabled',
    next: ({ name }) => `enable them: zpool set feature@bookmarks=enabled ${poolOf(name)}`,
    sample: "cannot create bookmark 'old#s1': bookmark feature not enabled",
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'bookmark-elsewhere',
    pattern:
      /cannot create bookmark '(?<name>[^']+)': (?:bookmark is in a different pool|source is not an ancestor)/,
    meaning: ({ name }) => `the bookmark "${name}" would not lie beside its snapshot`,
    next: () => 'give it the name of the dataset that its snapshot is of',
    sample: "cannot create bookmark 'dst#mark': bookmark is in a different pool",
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'tag-exists',
    pattern: /cannot hold snapshot '(?<name>[^']+)': tag already exists/,
    meaning: ({ name }) => `"${name}" is held with this tag already`,
    next: ({ name }) => `see since when: zfs holds ${name}`,
    sample: "cannot hold snapshot 'src/a@s1': tag already exists on this dataset",
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'no-such-tag',
    pattern: /cannot release hold from snapshot '(?<name>[^']+)': no such tag/,
    meaning: ({ name }) => `"${name}" is not held with this tag`,
    next: ({ name }) => `see what holds it: zfs holds ${name}`,
    sample: "cannot release hold from snapshot 'src/a@s1': no such tag on this dataset",
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'not-at-once',
    pattern: /multiple snapshots of same fs not allowed/,
    meaning: () => 'snapshots of one filesystem, or of two pools, cannot be made by one command',
    next: () => 'make them one after the other',
    sample: 'cannot create snapshots : multiple snapshots of same fs not allowed\nno snapshots were created',
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'bad-name',
    pattern:
      /(?:cannot (?:create|hold|receive|snapshot|open|rename)[^'\n]*(?:'(?<name>[^'\n]+)')?: )?(?<why>invalid name$|invalid name(?=\s)|invalid character \S+ in name|(?:dataset )?name is too long|tag too long|tag may not start with '\.'|multiple '@' and\/or '#' delimiters in name|empty component or misplaced '@' or '#' delimiter in name|(?:leading|trailing) slash in name|(?:self|parent) reference, '\.+' is found in name)/,
    meaning: ({ name, why }) => `${name ? `"${name}"` : 'that'} cannot be a name: ${why}`,
    next: () => 'choose a shorter name, of letters, digits and the characters - _ . :',
    sample: "cannot create snapshot 'src/a@a+b': invalid character '+' in name",
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'wrong-type',
    pattern:
      /'(?<name>[^']+)' is not a snapshot|cannot (?:open|hold|release)[^'\n]*(?:'(?<other>[^']+)')?: operation not applicable to datasets of this type/,
    meaning: ({ name, other }) =>
      `${name || other ? `"${name || other}"` : 'it'} is of a type for which there is no such thing`,
    next: () => 'see what it is: zfs list -t all',
    sample: "'src/a' is not a snapshot",
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'property-not-set',
    pattern: /cannot receive (?<property>\S+) property on (?<name>[^\n]+?): (?<why>[^\n]+)/,
    meaning: ({ property, name, why }) => `the property ${property} of "${name}" could not be set: ${why}`,
    next: ({ property, name }) => `set it by hand, or allow it: zfs allow USER ${property} ${name}`,
    sample: 'cannot receive compression property on dst/r1: permission denied',
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'no-such-property',
    pattern: /invalid property '(?<property>[^']+)'/,
    meaning: ({ property }) => `the ZFS there has no property "${property}"`,
    next: () => 'leave it out, or update ZFS there',
    sample: "cannot set property for 'dst/w': invalid property 'overlay'",
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'property-not-set',
    pattern: /Warning: failed to (?:clear unreceived|restore original) properties on (?<name>[^\n]+)/,
    meaning: ({ name }) => `properties of "${name}" are not all as they should be`,
    next: ({ name }) => `look at them: zfs get -s local,received all ${name}`,
    sample: 'Warning: failed to clear unreceived properties on dst/r1',
    seen: ['source'],
  },
  {
    code: 'no-mountpoint',
    pattern:
      /failed to create mountpoint|cannot mount '[^']*': Not a directory|mountpoint or dataset is busy|directory is not empty/,
    meaning: () => 'there is no empty folder to mount it on',
    next: () => 'make an empty folder where its property mountpoint says, or mount it elsewhere by hand',
    sample: "cannot mount '/dst/w/c': failed to create mountpoint: Read-only file system",
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'plain-target',
    pattern: /cannot perform raw receive on top of existing unencrypted dataset/,
    meaning: () => 'the target was received in plain, and an encrypted stream does not go onto that',
    next: () => 'choose another target, or rename what is there',
    sample:
      'cannot receive incremental stream: cannot perform raw receive on top of existing unencrypted dataset',
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'pool-readonly',
    pattern: /pool is read-only/,
    meaning: () => 'the pool is imported read-only',
    next: () => 'export it and import it without `-o readonly=on`',
    sample: 'cannot receive new filesystem stream: pool is read-only',
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'pool-suspended',
    pattern: /pool I\/O is currently suspended/,
    meaning: () => 'the pool lost its disks and waits for them',
    next: () => 'look at `zpool status`; when the disks are back, `zpool clear`',
    sample: 'cannot receive new filesystem stream: pool I/O is currently suspended',
    seen: ['2.3', '2.4'],
  },
  {
    code: 'may-not-hold',
    pattern: /^cannot hold: permission denied\ncannot send /m,
    meaning: () => 'that user may not hold snapshots, which `zfs send -I` does while it sends',
    next: () => 'let that user do it: zfs allow USER hold DATASET; one snapshot after the other goes without',
    sample: "cannot hold: permission denied\ncannot send 'src/a': permission denied",
    seen: ['2.3'],
  },
  {
    code: 'delegation-off',
    pattern: /delegated administration is disabled on pool/,
    meaning: () => 'that user is not allowed to do it: nobody but root is in that pool',
    next: () => 'connect as root, or let `zfs allow` count there: zpool set delegation=on POOL',
    sample: 'cannot create snapshots : delegated administration is disabled on pool',
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'not-permitted',
    pattern: /permission denied/i,
    meaning: () => 'that user is not allowed to do it',
    next: () => 'let that user do it with `zfs allow`, or connect as root',
    sample: 'cannot create snapshots : permission denied',
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'io-error',
    pattern: /I\/O error|Input\/output error|: insufficient replicas/,
    meaning: () => 'the pool could not read or write its data',
    next: () => 'look at `zpool status -v`',
    sample: "warning: cannot send 'src/a@s1': Input/output error",
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'killed',
    pattern: /: signal received/,
    meaning: () => 'it was ended there by a signal',
    next: () => 'run the same command again',
    sample: 'cannot receive incremental stream: signal received',
    seen: ['source'],
  },
  {
    code: 'busy',
    pattern: /dataset is busy|target is busy|pool or dataset is busy/,
    meaning: () => 'something else is using it right now',
    next: () => 'wait until that has ended and run again',
    sample: 'cannot receive incremental stream: dataset is busy',
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'bad-property',
    pattern:
      /property '(?<name>[^']+)' cannot be (?<why>[^\n.]+)|cannot set property for '(?<dataset>[^']+)': (?<wrong>[^\n]+)|cannot receive [^'\n]*(?<fault>'[a-z_]+' (?:must be|does not apply to) [^\n]+)/,
    meaning: ({ name, why, dataset, wrong, fault }) => {
      if (dataset) return `a property of "${dataset}" cannot be set: ${wrong}`;
      return fault ? `the property ${fault}` : `the property ${name} cannot be ${why}`;
    },
    next: () => 'leave it out, or give it another value: `man zfsprops` says which it can have',
    sample:
      "cannot receive incremental stream: encryption property 'encryption' cannot be set for incremental streams.",
    seen: ['2.1', '2.3', '2.4'],
  },
  {
    code: 'no-such-dataset',
    pattern:
      /cannot (?:open|hold|release|send|receive) '?(?<name>[^'\n]+)'?: dataset does not exist|dataset does not exist/,
    meaning: ({ name }) => (name ? `there is no "${name}" there` : 'it does not exist there'),
    next: () => 'look at `zfs list`',
    sample: "cannot open 'src/none': dataset does not exist",
    seen: ['2.1', '2.3', '2.4'],
  },
];

function parentOf(name = ''): string {
  return name.slice(0, Math.max(name.lastIndexOf('/'), 0));
}

function poolOf(name = ''): string {
  return name.replace(/[/@#].*/, '');
}

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
