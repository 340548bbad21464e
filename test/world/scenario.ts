import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import type { LabHost } from '../../lab/host.ts';
import { isFull } from '../variants.ts';
import { bringTools, cutPower, type Pair, sharedPair } from './pair.ts';
import { type Run, runHere, runOn } from './run-zferry.ts';
import { interceptor, openSide, type Side } from './side.ts';
import { openSimEnds } from './sim-ends.ts';

/**
 * Where zferry runs: `here`, on a machine without ZFS that reaches both ends by ssh; on the source (`push`), on the target
 * (`pull`), or on one host that has both pools (`local`). In `one host` it runs here, and that host is reached by ssh.
 */
export type Drive = 'here' | 'push' | 'pull' | 'local' | 'one host';

/** What a scenario has: two ends and zferry between them. It names no host. */
export type World = {
  /** With the pool `src`. */
  readonly source: Side;
  /** With the pool `dst`. */
  readonly target: Side;
  /** `zferry sync` from a dataset of the source to one of the target; the invariants are checked after it. */
  readonly sync: (from: string, to: string, ...options: string[]) => Promise<Run>;
  /** zferry with any arguments. `{source}` and `{target}` in them become the ends' hosts, as `host:` or nothing. */
  readonly zferry: (...args: string[]) => Promise<Run>;
  /** `zferry sync` by this machine, while something else goes on, which gets its process id. */
  readonly syncDuring: (
    meanwhile: (pid: number) => Promise<unknown>,
    from: string,
    to: string,
    ...options: string[]
  ) => Promise<Run>;
  /** Cuts the power of an end's host, and gives it back; its pool is imported again. */
  readonly cutPower: (end: 'source' | 'target') => Promise<void>;
  /** Takes an end's cable out, or puts it in again. The tests themselves still reach it. */
  readonly cable: (end: 'source' | 'target', state: 'out' | 'in') => Promise<void>;
  /** What the history says of each run `here`, oldest first. */
  readonly runStates: () => string[];
  /** A copy of the ssh configuration that is used here, changed. */
  readonly sshConfig: (change: (text: string) => string) => string;
  /** Both pools' contents, to be compared with themselves. */
  readonly everything: () => Promise<string[]>;
};

type Options = {
  readonly drive?: Drive;
  /** What it may take, where three are not enough. */
  readonly minutes?: number;
  /** Why it needs real hosts: the rest are told in the simulator, too. */
  readonly real?: string;
};

/** Whether scenarios are told in the simulator instead of on real hosts. */
const inSimulator = process.env['ZFERRY_WORLD'] === 'sim';

/** A test on real hosts with empty pools. The hosts themselves are left as they were found. */
export function scenario(title: string, body: (world: World) => Promise<void>): void;
export function scenario(title: string, options: Options, body: (world: World) => Promise<void>): void;
export function scenario(
  title: string,
  second: Options | ((world: World) => Promise<void>),
  third?: (world: World) => Promise<void>,
): void {
  const options = typeof second === 'function' ? {} : second;
  const body = typeof second === 'function' ? second : third;
  if (inSimulator && (options.real ?? options.drive) !== undefined) return;
  const run = async (): Promise<void> => {
    const state = mkdtempSync(join(tmpdir(), 'zferry-state-'));
    try {
      await body?.(await openWorld(options.drive ?? 'here', state));
    } finally {
      rmSync(state, { recursive: true, force: true });
    }
  };
  test(title, { timeout: (options.minutes ?? 3) * 60_000 }, run);
}

/** One that is left to the full run: what it shows is shown in short by another. */
export const fullScenario: typeof scenario = isFull ? scenario : () => undefined;

/** Another form of what one beside it shows: told in the simulator each time, on real hosts in the full run. */
export const furtherScenario: typeof scenario = inSimulator ? scenario : fullScenario;

/** What a world is made of: the ends, and what runs between them. */
export type Ends = Omit<World, 'sync' | 'runStates' | 'everything'> & {
  /** What stands before the names of the source's datasets, and of the target's. */
  readonly prefixes: readonly [from: string, to: string];
};

async function openWorld(drive: Drive, state: string): Promise<World> {
  const { prefixes, ...ends } = await (inSimulator ? openSimEnds(state) : openLabEnds(drive, state));
  const { source, target, zferry } = ends;
  const [from, to] = prefixes;
  return {
    ...ends,
    runStates: () => records(state).map((row) => row.state),
    everything: async () => (await Promise.all([source.everything(), target.everything()])).flat(),
    async sync(sourceName, targetName, ...options) {
      // Only a rotation destroys on the source; elsewhere its listing would just cost time.
      const rotates = options.includes('--keep');
      const sides = rotates ? [target, source] : [target];
      const before = await Promise.all(sides.map((side) => side.everything()));
      const clearBefore = new Set(await target.inClear());
      const verbose = options.includes('-q') ? [] : ['-v'];
      const result = await zferry(
        'sync',
        ...verbose,
        ...options,
        `${from}${sourceName}`,
        `${to}${targetName}`,
      );
      const after = await Promise.all(sides.map((side) => side.everything()));
      const clear = (await target.inClear()).filter((name) => !clearBefore.has(name));
      expect(clear, 'what arrives below an encrypted dataset is encrypted').toEqual([]);
      const moving = before[0]?.some((line) => line.includes('_diverged_')) === true;
      const moved = /^(?:warning: )?(?:renamed|moved|set) \S+ (?:to|out of the way|aside) /m.test(result.err);
      checkInvariants(before, after, moving || moved || options.includes('set-aside'));
      const dry = options.includes('--dry-run') || options.includes('-n');
      if (drive === 'here' && !dry) checkRecord(state, after[0] ?? []);
      return result;
    },
  };
}

async function openLabEnds(drive: Drive, state: string): Promise<Ends> {
  const pair = await sharedPair();
  const { a, b } = pair.hosts;
  const together = drive === 'local' || drive === 'one host';
  const targetHost = together ? a : b;
  await Promise.all(
    together
      ? [freshPools(a, { src: 'disk0', dst: 'disk1' })]
      : [freshPools(a, { src: 'disk0' }), freshPools(b, { dst: 'disk1' })],
  );
  if (drive !== 'here' && drive !== 'one host') await bringTools(pair);
  const prefixes = {
    here: ['a:', 'b:'],
    push: ['', 'b:'],
    pull: ['a:', ''],
    local: ['', ''],
    'one host': ['a:', 'a:'],
  } as const;
  const [from, to] = prefixes[drive];
  return {
    source: openSide(a, 'src'),
    target: openSide(targetHost, 'dst'),
    prefixes: [from, to],
    async zferry(...args) {
      const words = args.map((word) => word.replace('{source}', from).replace('{target}', to));
      return await run(drive, pair, words, state);
    },
    cable: async (end, plugged) => {
      const host = end === 'source' ? a : targetHost;
      await (plugged === 'out' ? host.unplug() : host.plug());
    },
    cutPower: async (end) => await cutPower(pair, end === 'source' ? 'a' : 'b'),
    syncDuring: async (meanwhile, sourceName, targetName, ...more) => {
      const words = ['sync', '--ssh-config', pair.sshConfig, ...more, `a:${sourceName}`, `b:${targetName}`];
      return await runHere(words, { ZFERRY_STATE: state }, meanwhile);
    },
    sshConfig(change) {
      const file = join(state, 'ssh_config');
      writeFileSync(file, change(readFileSync(pair.sshConfig, 'utf8')));
      return file;
    },
  };
}

async function run(drive: Drive, pair: Pair, args: readonly string[], state: string): Promise<Run> {
  if (drive === 'push' || drive === 'local') return await runOn(pair.hosts.a, args);
  if (drive === 'pull') return await runOn(pair.hosts.b, args);
  const [command = '', ...rest] = args;
  const reaches = ['sync', 'holds', 'reset', 'adopt'].includes(command);
  const words = reaches ? [command, '--ssh-config', pair.sshConfig, ...rest] : args;
  return await runHere(words, { ZFERRY_STATE: state });
}

type Listings = readonly (readonly string[])[];

/**
 * What must be true after anything that zferry did without being asked to destroy: target first, then the source.
 * @param renames it has renamed or set something aside, so what was there can have another name
 */
function checkInvariants(before: Listings, after: Listings, renames: boolean): void {
  const guid = (line: string): string => (renames ? line.slice(line.lastIndexOf(' ')) : line);
  const lost = (side: number) => {
    const there = new Set(after[side]?.map(guid));
    return (before[side] ?? []).filter((one) => !there.has(guid(one)));
  };
  expect(lost(0), 'nothing on the target is destroyed').toEqual([]);
  const foreign = lost(1).filter(
    (one) => !/(@zferry_[a-z0-9]+_\d{8}T\d{6}Z|#zferry_[a-z0-9]+_\d+) /.test(one),
  );
  expect(foreign, 'nothing that is not ours is destroyed on the source').toEqual([]);
}

/** Every run leaves one record that ended, and what it says was replicated is on the target by its GUID. */
function checkRecord(state: string, target: readonly string[]): void {
  const last = records(state).at(-1);
  expect(last?.state).toBe('ended');
  const detail = JSON.parse(last?.detail ?? '{}') as {
    datasets?: { target: string; snapshots?: { name: string; guid: string }[] }[];
  };
  for (const dataset of detail.datasets ?? []) {
    for (const { name, guid } of dataset.snapshots ?? [])
      expect(target).toContain(`${dataset.target}@${name} ${guid}`);
  }
}

function records(state: string): { state: string; detail: string }[] {
  const db = new DatabaseSync(join(state, 'zferry.db'), { readOnly: true });
  const rows = db.prepare('select state, detail from runs order by id').all();
  db.close();
  return rows.map((row) => ({ state: String(row['state']), detail: String(row['detail']) }));
}

/**
 * Leaves exactly these pools on a host, empty. One that a scenario before this left as it was made is emptied, which takes
 * a tenth of the time that a new one takes.
 */
async function freshPools(host: LabHost, pools: Readonly<Record<string, string>>): Promise<void> {
  const ready = Object.entries(pools).map(([pool, disk]) => `ready ${pool} /dev/disk/by-id/virtio-${disk}`);
  await host.exec(`set -e
rm -f ${interceptor}
mark=org.zferry.test:made
as_made() {
  [ "$(zfs get -Ho value $mark,mounted,readonly,zferry:id $1 2>&1 | xargs)" = 'yes yes off -' ] &&
    [ "$(zpool list -Ho health $1)" = ONLINE ]
}
release() {
  zfs list -H -r -t snapshot -o name,userrefs $1 | awk -F '\\t' '$2 > 0 { print $1 }' | while read -r name; do
    zfs holds -H "$name" </dev/null | cut -f 2 | while read -r tag; do zfs release "$tag" "$name" </dev/null; done
  done
}
empty() { release $1; zfs list -H -d 1 -t all -o name $1 | sed 1d | while read -r name; do zfs destroy -R "$name" </dev/null || exit 1; done; }
create() { zpool create -f -O $mark=yes $1 $2; }
ready() {
  as_made $1 && empty $1 2>/dev/null || { zpool destroy -f $1 2>/dev/null || true; create $1 $2 || { udevadm settle; sleep 1; create $1 $2; }; }
  find /$1 -mindepth 1 -delete
}
for pool in $(zpool list -Ho name); do
  case ' ${Object.keys(pools).join(' ')} ' in *" $pool "*) ;; *) zpool destroy -f $pool ;; esac
done
${ready.join('\n')}`);
}
