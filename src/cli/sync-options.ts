import { Command, InvalidArgumentError, Option } from 'commander';
import type { SyncRequest } from '../engine/prepare-sync.ts';
import { parseSnapshotChoice } from '../plan/own-snapshot.ts';
import { parsePlace } from '../plan/place.ts';
import { usageError } from '../zfs/failure.ts';
import type { ProgressMode } from './talk.ts';

type Parsed = {
  readonly recursive?: true;
  readonly exclude?: readonly string[];
  readonly snapshots: string;
  readonly snapshot?: boolean;
  readonly initial: 'all' | 'newest' | 'fail';
  readonly keep?: number;
  readonly mount?: true;
  readonly dryRun?: true;
  readonly json?: true;
  readonly progress: ProgressMode;
  readonly quiet?: true;
  readonly verbose?: true;
  readonly sshConfig?: string;
};

export type SyncInput = {
  readonly request: SyncRequest;
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
  zferry sync -r --exclude '*/cache' tank/home nas:backup/home
  zferry sync --dry-run tank/home nas:backup/home  what would be done, and why
  zferry sync --keep 24 tank/home nas:backup/home  at most 24 own snapshots stay on the source

Own snapshots are those that zferry takes for this copy, zferry_<id>_<UTC>Z; all stay without --keep.
The copy arrives read-only and unmounted; nothing on the target is ever rolled back or destroyed.

Exit codes: 0 done or nothing to do, 1 failed, 2 usage, 3 partly failed, 4 refused (diverged, unsafe),
5 busy (a copy is being received there), 130 interrupted.`;

/** `zferry sync`, with all its options; `run` is called with what they mean. */
export function syncCommand(run: (input: SyncInput) => Promise<void>): Command {
  const command = new Command('sync')
    .description('Replicate a dataset or a tree now: snapshot, plan, send what the target lacks, verify.')
    .argument('<source>', 'where the data is')
    .argument('<target>', 'the dataset that is to be its copy')
    .option('-r, --recursive', 'the datasets below the source, too')
    .option('--exclude <pattern>', 'leave out datasets that fit, and all below them (repeatable)', collect)
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
    .option('--mount', 'mount the copy (read-only) for whoever wants to look inside')
    .option('-n, --dry-run', 'print the plan with its reasons and change nothing')
    .option('--json', 'print plan and result as JSON')
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
      mount: options.mount ?? false,
    },
    dryRun: options.dryRun ?? false,
    json: options.json ?? false,
    progress: options.progress,
    quiet: options.quiet ?? false,
    verbose: options.verbose ?? false,
    sshConfig: options.sshConfig,
  };
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

function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('Give a whole number, 0 or more.');
  return Number(text);
}
