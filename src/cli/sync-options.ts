import { Command, InvalidArgumentError, Option } from 'commander';
import type { SyncRequest } from '../engine/sync-request.ts';
import { splitWords } from '../host/split-words.ts';
import { parseEncrypt } from '../plan/encrypt.ts';
import { parseSnapshotChoice } from '../plan/own-snapshot.ts';
import { parsePlace } from '../plan/place.ts';
import { parsePropertyRequest } from '../plan/property-request.ts';
import type { OnDivergence } from '../plan/remedy.ts';
import type { Way } from '../plan/way.ts';
import { usageError } from '../zfs/failure.ts';
import { collect } from './common-options.ts';
import type { ProgressMode } from './talk.ts';

type Parsed = {
  readonly recursive?: true;
  readonly exclude?: readonly string[];
  readonly snapshots: string;
  readonly snapshot?: boolean;
  readonly initial: 'all' | 'newest' | 'fail';
  readonly keep?: number;
  readonly pruneVanished?: number;
  readonly volumes: 'sparse' | 'thick';
  readonly properties?: readonly string[];
  readonly override?: readonly string[];
  readonly mount?: true;
  readonly onDivergence: OnDivergence;
  readonly raw: 'auto' | 'yes' | 'no';
  readonly encrypt?: string;
  readonly wait?: number;
  readonly every?: number;
  readonly retries: number;
  readonly stall: number | 'never';
  readonly bwlimit?: number;
  readonly compress: Way['compress'];
  readonly filterSend?: string;
  readonly filterReceive?: string;
  readonly parallel?: number;
  readonly direct?: true;
  readonly dryRun?: true;
  readonly json?: true;
  readonly progress: ProgressMode;
  readonly quiet?: true;
  readonly verbose?: true;
  readonly sshConfig?: string;
};

export type SyncInput = {
  readonly request: SyncRequest;
  /** Again and again, so far apart (milliseconds). */
  readonly everyMs: number | undefined;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly progress: ProgressMode;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly sshConfig: string | undefined;
};

const examples = `
A place is [[user@]host:]dataset; without a host it is on this machine.

Examples:
  zferry sync tank/home nas:backup/home            push: a copy of tank/home on nas
  zferry sync -r tank/home nas:backup/home         with everything below it
  zferry sync root@web:tank/www backup/www         pull: run where the copy is to be
  zferry sync tank/home usb/home                   from pool to pool on this machine
  zferry sync --direct web:tank/www nas:backup/www from host to host, not through here
  zferry sync -r --exclude cache tank/home nas:backup/home
  zferry sync --dry-run tank/home nas:backup/home  what would be done, and why
  zferry sync --bwlimit 20M --wait 1h tank/home nas:backup/home
  zferry sync --properties own --override compression=zstd tank/home nas:backup/home
  zferry sync --compress zstd tank/log nas:backup/log  over a slow line
  zferry sync --keep 24 tank/home nas:backup/home  at most 24 own snapshots stay on the source
  zferry sync -r --prune-vanished 30d tank/home nas:backup/home
  zferry sync --every 1s tank/db nas:backup/db     the copy follows, a second or two behind

Own snapshots are those that zferry takes for this copy, zferry_<id>_<UTC>Z; all stay without --keep.
Own properties are those set on a source dataset itself, without what could do harm on another machine: mountpoint, shares,
quotas, tags of snapshot tools and their like are given only where the name is written out. What is changed on the copy later stays.
The copy arrives read-only and unmounted; nothing on the target is ever rolled back or destroyed unasked.
Datasets whose source is gone stay, and are named with since when. --prune-vanished destroys them, with all below, once a run has known that for so
long and all else went well; never what is held, cloned or set aside, or has anything in it that is no copy of something gone.
A source dataset with the property zferry:sync=off is left out, and so is what inherits it; its copy stays.
With --every, connections and lock are kept: another run to that target has to wait, or ends with 5. What goes wrong is tried again, after pauses
of up to a minute, and said once an hour, but for the first run, whose failure ends it. Ctrl-C or SIGTERM ends it after the run that goes on and one
that tidies up, with the exit code of the last; what takes more than 30 s is cut off. Own snapshots less than a minute apart go again on both sides.
Stopped or cut off anywhere, the same command goes on from there. What may pass (a lost connection) is tried again.
Times are 30s, 10m, 2h or 1d; the age of --prune-vanished is 90m, 12h, 30d or 8w.

Exit codes: 0 done or nothing to do, 1 failed, 2 usage, 3 partly failed, 4 refused (diverged, unsafe),
5 busy (another run, or a receive, goes on there), 130 interrupted.`;

/** `zferry sync`, with all its options; `run` is called with what they mean. */
export function syncCommand(run: (input: SyncInput) => Promise<void>): Command {
  const command = new Command('sync')
    .description('Replicate a dataset or a tree now: snapshot, plan, send what the target lacks, verify.')
    .argument('<source>', 'where the data is')
    .argument('<target>', 'the dataset that is to be its copy')
    .option('-r, --recursive', 'the datasets below the source, too')
    .option(
      '--exclude <pattern>',
      'leave out datasets that fit, and all below them: a name at any depth (cache), or a path below the source (*/cache) (repeatable)',
      collect,
    )
    .option(
      '--snapshots <which>',
      'send "all" snapshots, only "own" ones, or those that fit a pattern',
      'all',
    )
    .option('--snapshot', 'insist on an own snapshot (refused on a replica)')
    .option('--no-snapshot', 'take no own snapshot, send what is there')
    .addOption(
      new Option(
        '--initial <what>',
        'when the target is not there yet: send all snapshots, the newest, or fail',
      )
        .choices(['all', 'newest', 'fail'])
        .default('all'),
    )
    .option(
      '--keep <n>',
      'own snapshots to keep on the source; the newest common one always stays',
      wholeNumber,
    )
    .option(
      '--prune-vanished <age>',
      'destroy copies whose source has been known to be gone for so long (12h, 30d, 8w)',
      age,
    )
    .addOption(
      new Option('--volumes <how>', 'on the target: as large as they are filled, or all their room reserved')
        .choices(['sparse', 'thick'])
        .default('sparse'),
    )
    .option(
      '--properties <which>',
      'give the copy, when it arrives first, "own" properties of the source, or those that fit (repeatable; default: none)',
      collect,
    )
    .option('--override <name=value>', 'set this on the copy when it arrives first (repeatable)', collect)
    .addOption(
      new Option(
        '--raw <how>',
        'encrypted datasets as they are ("auto"), IN PLAIN ("no"), or nothing that is not encrypted ("yes")',
      )
        .choices(['auto', 'yes', 'no'])
        .default('auto'),
    )
    .option(
      '--encrypt <key>',
      'encrypt the copy where it arrives, with a key there: file:///path of a passphrase, hex:file:///… or raw:file:///…',
    )
    .addOption(
      new Option(
        '--on-divergence <what>',
        'when the copy has what the source has not: stop, set it aside under another name, or roll it back and LOSE that',
      )
        .choices(['stop', 'set-aside', 'rollback'])
        .default('stop'),
    )
    .option('--mount', 'mount the copy (read-only) for whoever wants to look inside')
    .option(
      '--every <time>',
      'again and again until it is stopped: a run begins every so often (1s to 20d), or when the one before is done',
      interval,
    )
    .option(
      '--wait [time]',
      'wait for another run to the same target, for so long or (alone) as long as it takes',
      waitTime,
    )
    .option('--retries <n>', 'how often in a row to try again when nothing more arrives', wholeNumber, 3)
    .addOption(
      new Option(
        '--stall <time>',
        'end and retry a step when nothing arrives for so long (at least 10s), or never',
      )
        .argParser(stallTime)
        .default(600_000, '10m'),
    )
    .option('--bwlimit <rate>', 'send at most so much a second, 20M is 20 MiB (needs pv or mbuffer)', rate)
    .addOption(
      new Option('--compress <how>', 'compress the stream on its way (both hosts need that program)')
        .choices(['off', 'zstd', 'lz4'])
        .default('off'),
    )
    .option('--filter-send <command>', "a command on the source's host that the stream goes through")
    .option('--filter-receive <command>', "one on the target's host, which makes of it what was sent")
    .option(
      '--parallel <n>',
      `datasets to send at once, 1 to ${mostParallel} (default: ${usualParallel}; with --bwlimit 1)`,
      streams,
    )
    .option('--direct', "both ends remote: straight from host to host, by the source's own ssh")
    .option('-n, --dry-run', 'print the plan with its reasons and change nothing')
    .option('--json', 'print plan and result as JSON; with --every a line for each run')
    .addOption(
      new Option('--progress <how>', 'a moving line on a terminal, JSON lines on stderr, or none')
        .choices(['auto', 'json', 'none'])
        .default('auto'),
    )
    .option('-q, --quiet', 'say nothing but warnings and errors')
    .option('-v, --verbose', 'print each command as a line that can be pasted into a shell')
    .option('--ssh-config <file>', 'the configuration file for ssh (ssh -F)')
    .addHelpText('after', examples);
  command.action(async (source: string, target: string, options: Parsed) => {
    await run(inputOf(source, target, options));
  });
  return command;
}

function inputOf(source: string, target: string, options: Parsed): SyncInput {
  if (options.quiet && options.verbose) {
    throw usageError('--quiet and --verbose exclude each other', 'leave one of them out');
  }
  return {
    request: {
      source: parsePlace(source),
      target: parsePlace(target),
      depth: options.recursive ? 'tree' : 'dataset',
      exclude: excludes(options),
      choice: parseSnapshotChoice(options.snapshots),
      initial: options.initial,
      snapshot: options.snapshot === undefined ? 'auto' : options.snapshot ? 'yes' : 'no',
      keep: options.keep,
      pruneVanished: pruneAge(options),
      volumes: options.volumes,
      give: parsePropertyRequest(options.properties ?? [], options.override ?? []),
      mount: options.mount ?? false,
      onDivergence: options.onDivergence,
      raw: options.raw,
      encrypt: options.encrypt === undefined ? undefined : parseEncrypt(options.encrypt),
      waitMs: options.wait ?? 0,
      retries: options.retries,
      stallMs: options.stall === 'never' ? undefined : options.stall,
      bytesPerSecond: options.bwlimit,
      parallel: options.parallel ?? (options.bwlimit === undefined ? usualParallel : 1),
      direct: options.direct ?? false,
      way: { compress: options.compress, filter: filters(options) },
    },
    everyMs: every(options),
    dryRun: options.dryRun ?? false,
    json: options.json ?? false,
    progress: options.progress,
    quiet: options.quiet ?? false,
    verbose: options.verbose ?? false,
    sshConfig: options.sshConfig,
  };
}

function every({ every: everyMs, dryRun }: Parsed): number | undefined {
  if (everyMs !== undefined && dryRun) {
    throw usageError('--dry-run shows what one run would do, and --every makes many', 'leave --every out');
  }
  return everyMs;
}

function excludes({ exclude = [], recursive }: Parsed): readonly string[] {
  if (exclude.length > 0 && !recursive) {
    throw usageError(
      '--exclude leaves out datasets below the source, and only that one is replicated',
      'add -r',
    );
  }
  return exclude;
}

function pruneAge({ pruneVanished, recursive }: Parsed): number | undefined {
  if (pruneVanished !== undefined && !recursive) {
    throw usageError(
      '--prune-vanished is about datasets below the target, and only that one is looked at',
      'add -r',
    );
  }
  return pruneVanished;
}

function filters({ filterSend, filterReceive }: Parsed): Way['filter'] {
  const words = (text: string | undefined, option: string) =>
    text === undefined ? undefined : splitWords(text, option);
  return {
    send: words(filterSend, '--filter-send'),
    receive: words(filterReceive, '--filter-receive'),
  };
}

/** Their receives share transaction groups. More gained little, and disks that turn would have to seek. */
const usualParallel = 4;

/** A connection has eight sessions (sshd's MaxSessions); the lock has one, and one must be free for questions. */
const mostParallel = 6;

function streams(text: string): number {
  const n = /^\d$/.test(text) ? Number(text) : 0;
  if (n < 1 || n > mostParallel)
    throw new InvalidArgumentError(`Give a whole number from 1 to ${mostParallel}.`);
  return n;
}

const forever = 'forever';

/** `--wait` without a time stands before a place, which is not to be taken for its time. */
export function withPlainWait(args: readonly string[]): string[] {
  return args.map((word, i) => (word === '--wait' && !isWaitTime(args[i + 1]) ? `--wait=${forever}` : word));
}

function isWaitTime(word = ''): boolean {
  return word === forever || /^\d/.test(word);
}

const seconds = { s: 1, m: 60, h: 3600, d: 86_400 };
const sizes = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/** Milliseconds. */
function duration(text: string): number {
  const [, amount, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined) {
    throw new InvalidArgumentError('Give a whole number and its unit: 30s, 10m, 2h or 1d.');
  }
  return Number(amount) * seconds[unit as keyof typeof seconds] * 1000;
}

const ages = { m: 60, h: 3600, d: 86_400, w: 604_800 };

/** Milliseconds. */
function age(text: string): number {
  const [, amount, unit] = /^([1-9]\d{0,4})([mhdw])$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined) {
    throw new InvalidArgumentError('Give an age with its unit: 90m, 12h, 30d or 8w.');
  }
  return Number(amount) * ages[unit as keyof typeof ages] * 1000;
}

function waitTime(text: string): number {
  return text === forever ? Number.POSITIVE_INFINITY : duration(text);
}

/** Milliseconds. A timer cannot wait for more than 24 days. */
const longestEvery = 20 * 86_400_000;

function interval(text: string): number {
  const time = duration(text);
  if (time === 0 || time > longestEvery)
    throw new InvalidArgumentError('Give 1s to 20d: 1s, 30s, 10m or 1h.');
  return time;
}

function stallTime(text: string): number | 'never' {
  if (text === 'never') return text;
  const time = /^\d+[smhd]$/.test(text) ? duration(text) : 0;
  // A receive tells how far it is with each transaction group, which can take 5 seconds.
  if (time < 10_000) throw new InvalidArgumentError('Give at least 10s (30s, 10m, 2h), or never.');
  return time;
}

/** Bytes a second. */
function rate(text: string): number {
  const [, amount, unit = ''] = /^(\d{1,9}(?:\.\d{1,3})?)([KMG]?)$/i.exec(text) ?? [];
  const bytes = Math.round(Number(amount) * sizes[unit.toUpperCase() as keyof typeof sizes]);
  if (amount === undefined || bytes < 1024) {
    throw new InvalidArgumentError('Give bytes a second, at least 1K: 500K, 20M, 1.5G.');
  }
  return bytes;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Give a whole number, 0 or more.');
  return Number(text);
}
