import type { ErrorSection } from './error-case.ts';

/** Snapshots, bookmarks, holds, and what destroys. */
export const keeping: ErrorSection = {
  setup: `zfs create src/a; zfs snapshot src/a@s1; zfs snapshot src/a@s2
`,
  cases: [
    {
      title: 'destroying what is held',
      before: 'zfs hold keep src/a@s1',
      run: 'zfs destroy src/a@s1',
      code: 'held',
      meaning: /"src\/a@s1"/,
    },
    {
      title: 'destroying several, one is held',
      run: 'zfs destroy src/a@s1,s2',
      code: 'held',
      meaning: /"src\/a@s1"/,
    },
    {
      title: 'holding twice with the same tag',
      run: 'zfs hold keep src/a@s1',
      code: 'tag-exists',
      meaning: /"src\/a@s1"/,
    },
    {
      title: 'releasing what has no such tag',
      run: 'zfs release nosuch src/a@s1',
      code: 'no-such-tag',
      meaning: /"src\/a@s1"/,
    },
    {
      title: 'holding what is not there',
      run: 'zfs hold keep src/a@none',
      code: 'snapshot-gone',
      meaning: /"src\/a@none"/,
    },
    {
      title: 'releasing what is not there',
      run: 'zfs release keep src/a@none',
      code: 'snapshot-gone',
      meaning: /"src\/a@none"/,
    },
    {
      title: 'listing the holds of what is not there',
      run: 'zfs holds src/a@none',
      code: 'snapshot-gone',
      meaning: /"src\/a@none"/,
    },
    {
      title: 'a tag that begins with a dot',
      run: 'zfs hold .keep src/a@s1',
      code: 'bad-name',
    },
    {
      title: 'a tag that is too long',
      run: 'zfs hold $(printf %0300d 0) src/a@s1',
      code: 'bad-name',
    },
    {
      title: 'holding what is no snapshot',
      run: 'zfs hold keep src/a',
      code: 'wrong-type',
      meaning: /"src\/a"/,
    },
    {
      title: 'holding without being allowed to',
      run: 'as_nobody zfs hold mine src/a@s1',
      code: 'not-permitted',
    },
    {
      title: 'releasing without being allowed to',
      run: 'as_nobody zfs release keep src/a@s1',
      after: 'zfs release keep src/a@s1',
      code: 'not-permitted',
    },
    {
      title: 'destroying what is being sent',
      before: `zfs create src/sent; head -c 2000000 /dev/urandom > /src/sent/f; zfs snapshot src/sent@s1
mkfifo gate2; zfs send src/sent@s1 > gate2 &
exec 8< gate2; head -c 10 <&8 > /dev/null; sleep 100 <&8 8<&- & echo $! > reader`,
      run: 'zfs destroy src/sent@s1',
      after: 'kill $(cat reader)',
      code: 'held',
      meaning: /"src\/sent@s1"/,
    },
    {
      title: 'destroying what has a clone',
      before: 'zfs create src/o; zfs snapshot src/o@s1; zfs clone src/o@s1 src/c',
      run: 'zfs destroy src/o@s1',
      code: 'cloned',
      meaning: /"src\/o@s1"/,
    },
    {
      title: 'rolling back past what has a clone',
      before: 'zfs snapshot src/o@s0; zfs snapshot src/o@s2',
      run: 'zfs destroy src/o@s0; zfs snapshot src/c@s1; zfs clone src/o@s2 src/c2; zfs rollback -r src/o@s1',
      code: 'cloned',
      meaning: /"src\/o@s1"/,
    },
    {
      title: 'destroying what has children',
      before: 'zfs create -p src/p/q',
      run: 'zfs destroy src/p',
      code: 'has-children',
      meaning: /"src\/p"/,
    },
    {
      title: 'destroying a filesystem with a clone elsewhere',
      run: 'zfs destroy -r src/o',
      code: 'cloned',
      meaning: /"src\/o"/,
    },
    {
      title: 'destroying what is in use',
      before: 'zfs create src/used; cd /src/used; sleep 100 > /dev/null 2>&1 & echo $! > $t/user',
      run: 'cd /src/used; zfs destroy src/used',
      after: 'kill $(cat user)',
      code: 'busy',
    },
    {
      title: 'destroying snapshots that are not there',
      run: 'zfs destroy src/a@none',
      code: 'snapshot-gone',
    },
    {
      title: 'destroying a filesystem that is not there',
      run: 'zfs destroy src/none',
      code: 'no-such-dataset',
      meaning: /"src\/none"/,
    },
    {
      title: 'destroying a bookmark that is not there',
      run: "zfs destroy 'src/a#none'",
      code: 'snapshot-gone',
    },
    {
      title: 'destroying without being allowed to',
      run: 'as_nobody zfs destroy src/a@s1',
      code: 'not-permitted',
    },
    {
      title: 'rolling back past a newer snapshot',
      run: 'zfs rollback src/a@s1',
      code: 'newer-in-the-way',
      meaning: /"src\/a@s1"/,
    },
    {
      title: 'rolling back past a newer bookmark',
      before:
        'zfs bookmark src/a@s2 src/a#later; zfs create src/bm; zfs snapshot src/bm@s1; zfs snapshot src/bm@s2; zfs bookmark src/bm@s2 src/bm#s2; zfs destroy src/bm@s2',
      run: 'zfs rollback src/bm@s1',
      code: 'newer-in-the-way',
      meaning: /"src\/bm@s1"/,
    },
    {
      title: 'rolling back to what is not there',
      run: 'zfs rollback src/a@none',
      code: 'snapshot-gone',
      meaning: /"src\/a@none"/,
    },
    {
      title: 'a snapshot that exists',
      run: 'zfs snapshot src/a@s1',
      code: 'exists',
      meaning: /"src\/a@s1"/,
    },
    {
      title: 'several snapshots, one exists',
      run: 'zfs snapshot src/p@s1 src/a@s1',
      code: 'exists',
      meaning: /"src\/a@s1"/,
    },
    {
      title: 'two snapshots of one filesystem at once',
      run: 'zfs snapshot src/a@x src/a@y',
      code: 'not-at-once',
    },
    {
      title: 'snapshots of two pools at once',
      run: 'zfs snapshot src/a@x dst@x',
      code: 'not-at-once',
    },
    {
      title: 'a snapshot of what is not there',
      run: 'zfs snapshot src/none@s1',
      code: 'no-such-dataset',
      meaning: /"src\/none"/,
    },
    {
      title: 'a snapshot without being allowed to',
      run: 'as_nobody zfs snapshot src/a@x',
      code: 'not-permitted',
    },
    {
      title: 'a snapshot above a limit',
      before:
        'zfs create src/limited; zfs set snapshot_limit=0 src/limited; zfs allow -u nobody snapshot,mount src/limited',
      run: 'as_nobody zfs snapshot src/limited@s1',
      code: 'no-space',
    },
    {
      title: 'a filesystem that exists',
      run: 'zfs create src/a',
      code: 'exists',
      meaning: /"src\/a"/,
    },
    {
      title: 'a filesystem without its parent',
      run: 'zfs create src/none/x',
      code: 'no-parent',
    },
    {
      title: 'a rename to what exists',
      run: 'zfs rename src/a@s2 src/a@s1',
      code: 'exists',
    },
    {
      title: 'a bookmark that exists',
      before: 'zfs bookmark src/a@s1 src/a#mark',
      run: 'zfs bookmark src/a@s2 src/a#mark',
      code: 'bookmark-exists',
      meaning: /"src\/a#mark"/,
    },
    {
      title: 'a bookmark of what is not there',
      run: 'zfs bookmark src/a@none src/a#none',
      code: 'snapshot-gone',
      meaning: /"src\/a@none"/,
    },
    {
      title: 'a bookmark in another place',
      run: 'zfs bookmark src/a@s1 src/p#mark',
      code: 'bookmark-elsewhere',
    },
    {
      title: 'a bookmark in another pool',
      run: 'zfs bookmark src/a@s1 dst#mark',
      code: 'bookmark-elsewhere',
    },
    {
      title: 'a bookmark without being allowed to',
      run: 'as_nobody zfs bookmark src/a@s1 src/a#theirs',
      code: 'not-permitted',
    },
    {
      title: 'a bookmark in a pool that has none',
      before: 'pool old -d; zfs snapshot old@s1',
      run: 'zfs bookmark old@s1 old#s1',
      after: 'zpool destroy old',
      code: 'bookmarks-off',
    },
    {
      title: 'a name with a character that names cannot have',
      run: "zfs snapshot 'src/a@a+b'",
      code: 'bad-name',
    },
    {
      title: 'a snapshot with a name that is too long',
      run: 'zfs snapshot src/a@$(printf %0300d 0)',
      code: 'bad-name',
    },
    {
      title: 'a filesystem with a name that is too long',
      run: 'zfs create src/$(printf %0300d 0)',
      code: 'bad-name',
    },
    {
      title: 'a name with two delimiters',
      run: 'zfs snapshot src/a@b@c',
      code: 'bad-name',
    },
    {
      title: 'mounting what is a volume',
      before: 'zfs create -s -V 1M src/v',
      run: 'zfs mount src/v',
      code: 'wrong-type',
    },
    {
      title: 'a filesystem below a volume',
      run: 'zfs create src/v/x',
      code: 'parent-is-volume',
    },
    {
      title: 'a value that a property cannot have',
      run: 'zfs set compression=nosuch src/a',
      code: 'bad-property',
    },
    {
      title: 'a quota below what is used',
      before: 'head -c 500000 /dev/urandom > /src/a/f; zpool sync src',
      run: 'zfs set refquota=100K src/a',
      code: 'bad-property',
    },
  ],
};
