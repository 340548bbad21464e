import type { ErrorSection } from './error-case.ts';

/** `src/a` has s1, s2, s3; `alt` went another way after s1; `big` is large enough to be cut. */
export const receiving: ErrorSection = {
  setup: `zfs create src/a
echo one > /src/a/f; zfs snapshot src/a@s1
echo two > /src/a/f; zfs snapshot src/a@s2
echo three > /src/a/f; zfs snapshot src/a@s3
zfs send src/a@s1 > a1; zfs send -i @s1 src/a@s2 > a2; zfs send -i @s2 src/a@s3 > a3
zfs receive src/alt < a1
echo other > /src/alt/f; zfs snapshot src/alt@s2; zfs send -i @s1 src/alt@s2 > alt2
zfs snapshot src/alt@new; zfs send -i @s1 src/alt@new > altnew
zfs create src/big
head -c 2000000 /dev/urandom > /src/big/f; zfs snapshot src/big@s1; zfs send src/big@s1 > big1
head -c 2000000 /dev/urandom > /src/big/f; zfs snapshot src/big@s2; zfs send -i @s1 src/big@s2 > big2
`,
  cases: [
    {
      title: 'full, and the target exists',
      before: 'zfs create dst/there',
      run: 'zfs receive -u dst/there < a1',
      code: 'dataset-exists',
      meaning: /"dst\/there"/,
    },
    {
      title: 'full, by force, and the target has snapshots',
      before: 'zfs receive -u dst/has < a1',
      run: 'zfs receive -F -u dst/has < big1',
      code: 'dataset-exists',
      meaning: /"dst\/has@s1"/,
    },
    {
      title: 'full, by force, and the target is a clone',
      before: 'zfs create dst/o; zfs snapshot dst/o@x; zfs clone dst/o@x dst/clone',
      run: 'zfs receive -F -u dst/clone < a1',
      code: 'target-is-clone',
      meaning: /"dst\/clone"/,
    },
    {
      title: 'a volume, by force, over what has children',
      before:
        'zfs create -p dst/parent/child; zfs create -V 1M src/vol; zfs snapshot src/vol@s1; zfs send src/vol@s1 > vol1',
      run: 'zfs receive -F -u dst/parent < vol1',
      code: 'dataset-exists',
      meaning: /"dst\/parent/,
    },
    {
      title: 'increment, and no target',
      run: 'zfs receive -u dst/none < a2',
      code: 'no-base',
      meaning: /"dst\/none"/,
    },
    {
      title: 'increment, and no pool',
      run: 'zfs receive -u nosuch/none < a2',
      code: 'no-base',
      meaning: /"nosuch\/none"/,
    },
    {
      title: 'full, and no pool',
      run: 'zfs receive -u nosuch/none < a1',
      code: 'no-parent',
      meaning: /"nosuch"/,
    },
    {
      title: 'no parent',
      run: 'zfs receive -u dst/x/y < a1',
      code: 'no-parent',
      meaning: /"dst\/x"/,
    },
    {
      title: 'the target of -d is missing',
      run: 'zfs receive -d dst/x < a1',
      code: 'no-parent',
      meaning: /"dst\/x"/,
    },
    {
      title: 'below a volume',
      before: 'zfs create -s -V 1M dst/v',
      run: 'zfs receive -u dst/v/x < a1',
      code: 'parent-is-volume',
      meaning: /"dst\/v"/,
    },
    {
      title: 'no snapshot in common',
      before: 'zfs receive -u dst/other < big1',
      run: 'zfs receive -u dst/other < a2',
      code: 'diverged',
      meaning: /"dst\/other"/,
    },
    {
      title: 'no snapshot in common, by force',
      run: 'zfs receive -F -u dst/other < a2',
      code: 'diverged',
      meaning: /"dst\/other"/,
    },
    {
      title: 'no snapshot at all',
      before: 'zfs create dst/empty',
      run: 'zfs receive -u dst/empty < a2',
      code: 'diverged',
      meaning: /"dst\/empty"/,
    },
    {
      title: 'written to',
      before: 'zfs receive dst/written < a1; echo mine > /dst/written/f',
      run: 'zfs receive -u dst/written < a2',
      code: 'modified',
      meaning: /"dst\/written"/,
    },
    {
      title: 'a newer snapshot with changes',
      before: 'zfs receive dst/newer < a1; echo mine > /dst/newer/f; zfs snapshot dst/newer@mine',
      run: 'zfs receive -u dst/newer < a2',
      code: 'modified',
      meaning: /"dst\/newer"/,
    },
    {
      title: 'another snapshot of that name',
      before: 'zfs receive -u dst/same < a1; zfs receive -u dst/same < a2',
      run: 'zfs receive -u dst/same < alt2',
      code: 'snapshot-exists',
      meaning: /"dst\/same@s2"/,
    },
    {
      title: 'another snapshot of that name, by force',
      run: 'zfs receive -F -u dst/same < alt2',
      code: 'snapshot-exists',
      meaning: /"dst\/same@s2"/,
    },
    {
      title: 'by force, and a newer snapshot is held',
      before: 'zfs receive -u dst/held < a1; zfs receive -u dst/held < a2; zfs hold keep dst/held@s2',
      run: 'zfs receive -F -u dst/held < altnew',
      after: 'zfs release keep dst/held@s2',
      code: 'busy',
    },
    {
      title: 'by force, and a newer snapshot has a clone',
      before:
        'zfs receive -u dst/cloned < a1; zfs receive -u dst/cloned < a2; zfs clone dst/cloned@s2 dst/itsclone',
      run: 'zfs receive -F -u dst/cloned < altnew',
      code: 'snapshot-exists',
    },
    {
      title: 'an increment onto the rest of a full one',
      before: 'partial 1000000 big1 dst/rest',
      run: 'zfs receive -s -u dst/rest < big2',
      code: 'interrupted-receive',
      meaning: /"dst\/rest"/,
    },
    {
      title: 'from the beginning onto the rest of a full one',
      run: 'zfs receive -s -u dst/rest < big1',
      code: 'dataset-exists',
      meaning: /"dst\/rest"/,
    },
    {
      title: 'from the beginning onto the rest of a full one, by force',
      run: 'zfs receive -s -F -u dst/rest < big1',
      code: 'interrupted-receive',
      meaning: /"dst\/rest"/,
    },
    {
      title: 'a snapshot of the rest of a full one',
      run: 'zfs snapshot dst/rest@mine',
      code: 'busy',
    },
    {
      title: 'onto the rest of an increment',
      before: 'zfs receive -u dst/part < big1; partial 1000000 big2 dst/part',
      run: 'zfs receive -s -u dst/part < big2',
      code: 'interrupted-receive',
      meaning: /"dst\/part"/,
    },
    {
      title: 'destroying the base of an interrupted increment',
      run: 'zfs destroy dst/part@s1',
      code: 'interrupted-receive',
      meaning: /"dst\/part"/,
    },
    {
      title: 'another snapshot between the parts of an increment',
      before: `zfs receive -u dst/between < big1; partial 1000000 big2 dst/between
zfs send -t $(zfs get -Ho value receive_resume_token dst/between) > rest
zfs snapshot dst/between@mine; zfs destroy dst/between@s1 || true; zfs receive -A dst/between`,
      run: 'zfs receive -s -u dst/between < rest',
      code: 'state-mismatch',
    },
    {
      title: 'another snapshot between the parts of an increment, not to be resumed',
      run: 'zfs receive -u dst/between < rest',
      code: 'state-mismatch',
    },
    {
      title: 'the rest of a full one onto what exists',
      before: `partial 1000000 big1 dst/resumed
zfs send -t $(zfs get -Ho value receive_resume_token dst/resumed) > resumed
zfs receive -A dst/resumed; zfs create dst/resumed`,
      run: 'zfs receive -s -u dst/resumed < resumed',
      code: 'dataset-exists',
      meaning: /"dst\/resumed"/,
      not: { '2.1': 'resumes such a stream only into what is incomplete itself' },
    },
    {
      title: 'while another one receives',
      before: `zfs receive -u dst/running < big1
mkfifo gate
{ head -c 1000000 big2; read -r _ < gate; } | zfs receive -s -u dst/running > /dev/null 2>&1 &
in_time '[ "$(zfs get -Ho value receive_resume_token dst/running)" != - ]'`,
      run: 'zfs receive -s -u dst/running < big2',
      code: 'interrupted-receive',
      meaning: /"dst\/running"/,
    },
    {
      title: 'letting go while it is received',
      run: 'zfs receive -A dst/running',
      after: 'echo > gate; in_time "! pgrep -f \'receive -s -u dst/running\'"',
      code: 'busy',
    },
    {
      title: 'nothing to let go of',
      run: 'zfs receive -A dst/running; zfs receive -A dst/running',
      code: 'no-resume-state',
      meaning: /"dst\/running"/,
    },
    {
      title: 'a quota above it',
      before: 'zfs create -o quota=1M dst/quota',
      run: 'zfs receive -u dst/quota/x < big1',
      code: 'quota',
      meaning: /"dst\/quota\/x"/,
    },
    {
      title: 'a quota above it, to be resumed',
      before: 'zfs create -o quota=1M dst/squota',
      run: 'zfs receive -s -u dst/squota/x < big1',
      after: 'zfs receive -A dst/squota/x',
      code: 'quota',
      meaning: /"dst\/squota\/x"/,
    },
    {
      title: 'a full pool',
      before:
        'pool tiny; zfs create -o reservation=$(($(zfs get -Hpo value available tiny) - 1000000)) tiny/hog',
      run: 'zfs receive -u tiny/x < big1',
      after: 'zpool destroy tiny',
      code: 'no-space',
    },
    {
      title: 'a quota that what arrives is above',
      before:
        'zfs create src/refquota; head -c 1000000 /dev/urandom > /src/refquota/f; zfs snapshot src/refquota@s1',
      run: 'zfs send src/refquota@s1 | zfs receive -u -o refquota=500K dst/refquota',
      code: 'property-not-set',
      succeeds: true,
    },
    {
      title: 'a feature that the pool has not',
      before:
        'pool old -d; zfs create -o compression=lz4 src/lz4; yes | head -c 200000 > /src/lz4/f; zfs snapshot src/lz4@s1',
      run: 'zfs send -c src/lz4@s1 | zfs receive -u old/x',
      code: 'pool-needs-upgrade',
    },
    {
      title: 'to be resumed, in a pool that cannot note it',
      run: 'zfs receive -s -u old/x < a1',
      after: 'zpool destroy old',
      code: 'pool-needs-upgrade',
    },
    {
      title: 'a file with a key that is not there',
      run: 'zfs receive -u -o encryption=on -o keyformat=raw -o keylocation=file:///nokey dst/nokey < a1',
      code: 'key-unreadable',
      meaning: /No such file/,
    },
    {
      title: 'a file that is too short for a key',
      before: 'echo x > $t/short',
      run: 'zfs receive -u -o encryption=on -o keyformat=raw -o keylocation=file://$t/short dst/nokey < a1',
      code: 'key-unreadable',
      meaning: /Raw key too short/,
    },
    {
      title: 'a flag that nobody knows',
      before: "cp a1 flags; patch '\\061' 16 flags",
      run: 'zfs receive -u dst/flags < flags',
      code: 'old-stream-feature',
    },
    {
      title: 'a deduplicated stream',
      before: "cp a1 dedup; patch '\\005' 16 dedup",
      run: 'zfs receive -u dst/dedup < dedup',
      code: 'dedup-stream',
    },
    {
      title: 'small blocks after large ones',
      before: `zfs create -o recordsize=1M src/large; head -c 1000000 /dev/urandom > /src/large/f; zfs snapshot src/large@s1
zfs send -L src/large@s1 | zfs receive -u dst/large; zfs snapshot src/large@s2`,
      run: 'zfs send -i @s1 src/large@s2 | zfs receive -u dst/large',
      code: 'large-blocks-needed',
    },
    {
      title: 'embedded blocks into an encrypted target',
      before: `zfs create -o compression=lz4 src/embedded; echo tiny > /src/embedded/f; zfs snapshot src/embedded@s1
zfs create $(raw_key into) dst/encrypted`,
      run: 'zfs send -e src/embedded@s1 | zfs receive -u dst/encrypted/embedded',
      code: 'embedded-into-encrypted',
    },
    {
      title: 'into an encrypted target whose key is not loaded',
      before: 'zfs unmount dst/encrypted; zfs unload-key dst/encrypted',
      run: 'zfs receive -u dst/encrypted/a < a1',
      code: 'key-not-loaded',
    },
    {
      title: 'cut off',
      run: 'head -c 1000000 big1 | zfs receive -u dst/cut',
      code: 'incomplete-stream',
    },
    {
      title: 'cut off, to be resumed',
      run: 'head -c 1000000 big1 | zfs receive -s -u dst/scut',
      code: 'incomplete-stream',
    },
    {
      title: 'damaged on the way',
      before: "cp big1 damaged; patch 'damaged' 1000000 damaged",
      run: 'zfs receive -u dst/damaged < damaged',
      code: 'damaged-stream',
    },
    {
      title: 'damaged on the way, to be resumed',
      run: 'zfs receive -s -u dst/sdamaged < damaged',
      code: 'incomplete-stream',
    },
    {
      title: 'nothing from the sender',
      run: 'zfs receive -u dst/nothing < /dev/null',
      code: 'sender-died',
    },
    {
      title: 'a greeting before it',
      run: '{ seq 100; cat a1; } | zfs receive -u dst/greeting',
      code: 'bad-stream',
    },
    {
      title: 'a clone without its origin',
      before: `zfs create src/origin; zfs snapshot src/origin@s1; zfs clone src/origin@s1 src/branch; zfs snapshot src/branch@s1
zfs send -i src/origin@s1 src/branch@s1 > branch1`,
      run: 'zfs receive -u dst/branch < branch1',
      code: 'no-origin',
      meaning: /"dst\/branch/,
    },
    {
      title: 'an origin by name that is not there',
      run: 'zfs receive -u -o origin=dst/nosuch@s1 dst/branch < branch1',
      code: 'no-origin',
    },
    {
      title: 'a pool that is read-only',
      before: 'pool ro; zfs create ro/x; zpool export ro; zpool import -o readonly=on -d $t ro',
      run: 'zfs receive -u ro/y < a1',
      code: 'pool-readonly',
    },
    {
      title: 'a snapshot in a pool that is read-only',
      run: 'zfs snapshot ro/x@s1',
      after: 'zpool destroy ro',
      code: 'pool-readonly',
    },
    {
      title: 'a name that is too long',
      run: 'zfs receive -u dst/$(printf %0250d 0) < a1',
      code: 'bad-name',
    },
    {
      title: 'a name that cannot be one',
      run: "zfs receive -u 'dst/a+b' < a1",
      code: 'bad-name',
    },
    {
      title: 'not allowed',
      run: 'as_nobody zfs receive -u dst/forbidden < a1',
      code: 'not-permitted',
    },
    {
      title: 'a property that one may not set',
      before: 'zfs create dst/may; zfs allow -u nobody create,mount,receive dst/may',
      run: 'as_nobody zfs receive -u -o compression=gzip dst/may/x < a1',
      code: 'property-not-set',
      meaning: /compression of "dst\/may\/x" could not be set: permission denied/,
      succeeds: true,
    },
    {
      title: 'a folder that one may not make',
      run: 'as_nobody zfs receive dst/may/y < a1',
      code: 'no-mountpoint',
      succeeds: true,
    },
    {
      title: 'a file where it is to be mounted',
      before: 'echo > $t/file',
      run: 'zfs receive -o mountpoint=$t/file dst/onfile < a1',
      code: 'no-mountpoint',
      succeeds: true,
    },
    {
      title: 'delegation is off',
      before: 'pool strict; zpool set delegation=off strict; zfs create strict/x',
      run: 'as_nobody zfs snapshot strict/x@s1',
      after: 'zpool destroy strict',
      code: 'delegation-off',
    },
    {
      title: 'raw onto plain',
      before: `zfs create $(raw_key e) src/e; echo one > /src/e/f; zfs snapshot src/e@s1; echo two > /src/e/f; zfs snapshot src/e@s2
echo three > /src/e/f; zfs snapshot src/e@s3
zfs send -w src/e@s1 > e1w; zfs send -w -i @s1 src/e@s2 > e2w; zfs send -i @s1 src/e@s2 > e2; zfs send -w -i @s2 src/e@s3 > e3w
zfs send src/e@s1 > e1; zfs receive -u dst/plain < e1`,
      run: 'zfs receive -u dst/plain < e2w',
      code: 'plain-target',
    },
    {
      title: 'by force over what is encrypted',
      before: 'zfs create $(raw_key over) dst/over',
      run: 'zfs receive -F -u dst/over < a1',
      code: 'encrypted-in-the-way',
    },
    {
      title: 'raw, and a newer snapshot without changes',
      before: 'zfs receive -u dst/noop < e1w; zfs snapshot dst/noop@mine',
      run: 'zfs receive -u dst/noop < e2w',
      code: 'modified',
    },
    {
      title: 'raw, and the one before came in plain',
      before: `zfs receive -u dst/iv < e1w; zfs load-key -L file://$t/e.key dst/iv; zfs receive -u dst/iv < e2`,
      run: 'zfs receive -u dst/iv < e3w',
      code: 'not-from-raw',
    },
    {
      title: 'raw, onto another key',
      before:
        'zfs receive -u $(raw_key another) dst/key < e1; echo 1 > $parameters/zfs_disable_ivset_guid_check',
      run: 'zfs receive -u dst/key < e2w',
      after: 'echo 0 > $parameters/zfs_disable_ivset_guid_check',
      code: 'other-key',
    },
    {
      title: 'plain onto raw, without the key',
      before: 'zfs receive -u dst/locked < e1w',
      run: 'zfs receive -u dst/locked < e2',
      code: 'key-not-loaded',
    },
    {
      title: 'encryption for an increment',
      before: 'zfs receive -u dst/enc < a1',
      run: 'zfs receive -u -o encryption=on dst/enc < a2',
      code: 'bad-property',
    },
    {
      title: 'encryption for a raw stream',
      run: 'zfs receive -u -x encryption dst/enc2 < e1w',
      code: 'bad-property',
    },
    {
      title: 'a value that a property cannot have, for a receive',
      run: 'zfs receive -u -o compression=nosuch dst/enc3 < a1',
      code: 'bad-property',
      meaning: /the property 'compression' must be one of/,
    },
    {
      title: 'a property of a volume for a filesystem',
      before: 'zfs create -s -V 8M dst/vol8; zfs snapshot dst/vol8@1; zfs send dst/vol8@1 > v1',
      run: 'zfs receive -u -o atime=off dst/enc3 < v1',
      code: 'bad-property',
      meaning: /the property 'atime' does not apply to/,
    },
    {
      title: 'no such property',
      run: 'zfs receive -u -o nosuch=on dst/enc3 < a1',
      code: 'no-such-property',
    },
  ],
};
