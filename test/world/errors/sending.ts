import type { ErrorSection } from './error-case.ts';

export const sending: ErrorSection = {
  setup: `zfs create src/a
echo one > /src/a/f; zfs snapshot src/a@s1
echo two > /src/a/f; zfs snapshot src/a@s2; zfs bookmark src/a@s2 src/a#s2
head -c 2000000 /dev/urandom > /src/a/f; zfs snapshot src/a@s3
zfs create src/b; zfs snapshot src/b@s1
zfs send src/a@s1 | zfs receive -u dst/a; zfs send -i @s1 src/a@s2 | zfs receive -u dst/a
zfs send -i @s2 src/a@s3 | { head -c 1000000 | zfs receive -s -u dst/a; } 2> /dev/null
token=$(zfs get -Ho value receive_resume_token dst/a)
`,
  cases: [
    {
      title: 'no such filesystem',
      run: 'zfs send src/none',
      code: 'no-such-dataset',
      meaning: /"src\/none"/,
    },
    {
      title: 'no such snapshot',
      run: 'zfs send src/a@none',
      code: 'snapshot-gone',
      meaning: /"src\/a@none"/,
    },
    {
      title: 'no such pool',
      run: 'zfs send nosuch/a@none',
      code: 'snapshot-gone',
    },
    {
      title: 'a base that is newer',
      run: 'zfs send -i @s2 src/a@s1',
      code: 'snapshot-gone',
      meaning: /"src\/a@s1"/,
    },
    {
      title: "another filesystem's snapshot as the base",
      run: 'zfs send -i src/b@s1 src/a@s1',
      code: 'snapshot-gone',
    },
    {
      title: 'its own bookmark as the base',
      run: "zfs send -i '#s2' src/a@s2",
      code: 'snapshot-gone',
    },
    {
      title: 'no such base',
      run: 'zfs send -i @nope src/a@s2',
      code: 'snapshot-gone',
    },
    {
      title: 'no such bookmark as the base',
      run: "zfs send -i '#nope' src/a@s2",
      code: 'snapshot-gone',
    },
    {
      title: 'no such base of several',
      run: 'zfs send -I @nope src/a@s2',
      code: 'snapshot-gone',
    },
    {
      title: 'the size of an increment without its base',
      run: 'zfs send -nvP -i @nope src/a@s2',
      code: 'snapshot-gone',
    },
    {
      title: 'a filesystem that is mounted',
      run: 'zfs send src/a',
      code: 'busy',
    },
    {
      title: 'a tree in which one has no such snapshot',
      before: 'zfs create -p src/tree/leaf; zfs snapshot src/tree@s1',
      run: 'zfs send -R src/tree@s1',
      code: 'snapshot-gone',
    },
    {
      title: 'without its key',
      before:
        'zfs create $(raw_key e) src/e; zfs snapshot src/e@s1; zfs snapshot src/e@s2; zfs snapshot src/e@s3; zfs unmount src/e; zfs unload-key src/e',
      run: 'zfs send src/e@s1',
      code: 'key-not-loaded',
    },
    {
      title: 'several without its key',
      run: 'zfs send -I @s1 src/e@s3',
      code: 'key-not-loaded',
      // 2.1 says so and ends with status 0.
      succeeds: true,
    },
    {
      title: 'with properties and not raw',
      run: 'zfs send -p src/e@s1',
      code: 'not-raw',
    },
    {
      title: 'not allowed',
      run: 'as_nobody zfs send src/a@s1',
      code: 'not-permitted',
    },
    {
      title: 'several, and holds are not allowed',
      before: 'zfs allow -u nobody send src/a',
      run: 'as_nobody zfs send -I @s1 src/a@s3',
      after: 'zfs unallow -u nobody src/a',
      code: 'may-not-hold',
    },
    {
      title: 'to a terminal',
      run: "script -qec 'zfs send src/a@s1' /dev/null >&2",
      code: 'to-terminal',
    },
    {
      title: 'from a terminal',
      run: "script -qec 'zfs receive dst/terminal' /dev/null >&2",
      code: 'to-terminal',
    },
    {
      title: 'more properties than a receiver would take',
      run: 'ZFS_SENDRECV_MAX_NVLIST=10 zfs send -p src/a@s1',
      code: 'list-too-large',
      meaning: /"src\/a@s1"/,
    },
    {
      title: 'more properties than this receiver takes',
      run: 'zfs send -p src/a@s1 | ZFS_SENDRECV_MAX_NVLIST=10 zfs receive -u dst/properties',
      code: 'list-too-large',
    },
    {
      title: 'damaged on disk',
      before: `zfs create -o compression=off -o primarycache=metadata src/broken
yes WillBeOverwritten | head -c 600000 > /src/broken/f; zfs snapshot src/broken@s1
for at in $(grep -abo WillBeOverwritten $t/src.img | sed -n 's/:.*//; 1~1000p'); do patch damage $at $t/src.img; done`,
      run: 'zfs send src/broken@s1',
      code: 'io-error',
    },
    {
      title: 'the receiver is gone',
      run: "trap '' PIPE; zfs send src/a@s3 | true; exec 9>&1; { zfs send src/a@s3; echo $? > rc; } | true; exit $(cat rc)",
      code: 'receiver-died',
    },
    {
      title: 'nothing to write to',
      run: 'mkfifo fifo; exec 9<> fifo; zfs send src/a@s1 1< fifo',
      code: 'internal-error',
    },
    {
      title: 'no token at all',
      run: 'zfs send -t what',
      code: 'bad-token',
    },
    {
      title: 'a token of a later time',
      run: 'zfs send -t 2-1-1-00',
      code: 'bad-token',
    },
    {
      title: 'a token that is not hexadecimal',
      run: 'zfs send -t 1-1-1-zz',
      code: 'bad-token',
    },
    {
      title: 'a token that is damaged',
      run: 'zfs send -t 1-1-1-00',
      code: 'bad-token',
    },
    {
      title: 'a token whose snapshot is gone',
      before: 'zfs rename src/a@s3 src/a@moved; zfs create src/hidden; zfs destroy src/a@moved',
      run: 'zfs send -t $token',
      code: 'snapshot-gone',
    },
    {
      title: 'a token whose snapshot is another one now',
      before: 'zfs snapshot src/a@s3',
      run: 'zfs send -t $token',
      code: 'snapshot-gone',
    },
    {
      title: 'a token whose base is gone',
      before: `zfs snapshot src/b@s2; head -c 2000000 /dev/urandom > /src/b/f; zfs snapshot src/b@s3
zfs send src/b@s2 | zfs receive -u dst/b
zfs send -i @s2 src/b@s3 | { head -c 1000000 | zfs receive -s -u dst/b || true; } 2> /dev/null
zfs destroy src/b@s2`,
      run: 'zfs send -t $(zfs get -Ho value receive_resume_token dst/b)',
      code: 'snapshot-gone',
    },
    {
      title: 'a pool that lost its disk',
      before: `mkdir disk; mount -t tmpfs -o size=70M none disk; truncate -s 128M disk/img
losetup -f --show disk/img > loop
zpool create -f -O sync=disabled lost $(cat loop); zfs create lost/x; zfs snapshot lost/x@s1
head -c 100000000 /dev/zero > disk/fill || true
head -c 1000000 /dev/urandom > /lost/x/f
zpool sync lost & in_time '[ $(zpool list -Ho health lost) = SUSPENDED ]'`,
      run: 'zfs snapshot lost/x@s2',
      after: `rm disk/fill; mount -o remount,size=200M disk; zpool clear lost
in_time 'zpool destroy -f lost'; in_time 'losetup -d $(cat loop)'; in_time 'umount disk'`,
      code: 'pool-suspended',
      not: { '2.1': 'does not give such a pool up: it waits in its writes for ever' },
    },
  ],
};
