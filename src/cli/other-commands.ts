import { Command } from 'commander';
import type { Area } from '../engine/holdings.ts';
import { parsePlace } from '../plan/place.ts';
import { usageError } from '../zfs/failure.ts';
import type { AdoptInput } from './adopt.ts';
import { type CommonOptions, collect, withCommonOptions } from './common-options.ts';
import type { HoldsInput } from './holds.ts';
import type { ResetInput } from './reset.ts';

/** `zferry reset`, `run` is called with what its options mean. */
export function resetCommand(run: (input: ResetInput) => Promise<void>): Command {
  const command = new Command('reset')
    .description(
      'Start one replica anew: what is there is set aside under another name, and the next sync sends a full copy.',
    )
    .argument('<target>', 'the dataset that is to be copied anew')
    .option('--yes', 'do it; without this it is only said what would be done')
    .addHelpText(
      'after',
      `
Examples:
  zferry reset nas:backup/home          what would be done
  zferry reset --yes nas:backup/home    <name>_diverged_<UTC> keeps all of it; nothing is destroyed

Where source and copy still have a snapshot in common, "zferry sync --on-divergence set-aside" sends much less.`,
    );
  return withCommonOptions(command).action(
    async (target: string, options: CommonOptions & { yes?: true }) => {
      await run({ target: parsePlace(target), yes: options.yes ?? false, common: options });
    },
  );
}

/** `zferry adopt` */
export function adoptOptions(run: (input: AdoptInput) => Promise<void>): Command {
  const command = new Command('adopt')
    .description(
      'Take over a copy that something else has made: if both have a snapshot with the same GUID, sync goes on from it.',
    )
    .argument('<source>', 'where the data is')
    .argument('<target>', 'its copy')
    .option('-r, --recursive', 'the datasets below, too')
    .option('-n, --dry-run', 'say what would be done and change nothing')
    .addHelpText(
      'after',
      `
Examples:
  zferry adopt -n -r tank/home nas:backup/home    what would be set, and why not where it cannot
  zferry adopt -r tank/home nas:backup/home       what syncoid, zrepl, zrep or a hand has made

It sets properties on the copy (readonly=on, canmount=noauto, zferry:*) and touches no data and no snapshot.
Exit codes: 0 done, 3 some could not, 4 none could.`,
    );
  return withCommonOptions(command).action(
    async (source: string, target: string, options: CommonOptions & { recursive?: true; dryRun?: true }) => {
      const depth = options.recursive ? 'tree' : 'dataset';
      const request = { source: parsePlace(source), target: parsePlace(target), depth } as const;
      await run({ request, dryRun: options.dryRun ?? false, common: options });
    },
  );
}

type HoldsOptions = CommonOptions & { release?: true; id?: readonly string[]; yes?: true };

/** `zferry holds` */
export function holdsCommand(run: (input: HoldsInput) => Promise<void>): Command {
  const command = new Command('holds')
    .description(
      'List what zferry has put on hosts (holds, bookmarks, properties, what was set aside), and let go of what is of no use.',
    )
    .argument(
      '[places...]',
      'host: for a whole host, [host:]dataset for a tree; without any: all of this machine',
    )
    .option('--release', 'what may be let go of: what is superseded, and all of the replicas given by --id')
    .option('--id <replica>', 'with --release: a replica that is given up (repeatable)', collect)
    .option('--yes', 'do it; without this it is only said what would be done')
    .addHelpText(
      'after',
      `
Examples:
  zferry holds                                   all of this machine
  zferry holds tank/home nas: offsite:           a tree here, two whole hosts
  zferry holds --release tank nas:               what could be let go of
  zferry holds --release --id a8fvo9 --yes tank nas:   give the replica a8fvo9 up: its data stays, nothing of ours does

What other tools and people have put there is neither shown nor touched.`,
    );
  return withCommonOptions(command).action(async (places: readonly string[], options: HoldsOptions) => {
    if (!options.release && (options.yes || options.id)) {
      throw usageError(
        '--id and --yes only mean something with --release',
        'add --release, or leave them out',
      );
    }
    await run({
      areas: places.length === 0 ? [{ host: '', dataset: undefined }] : places.map(parseArea),
      release: options.release ?? false,
      ids: options.id ?? [],
      yes: options.yes ?? false,
      common: options,
    });
  });
}

/** `host:` is all of a host, anything else a place. */
function parseArea(text: string): Area {
  const whole = /^([^/:]+):$/.exec(text);
  return whole?.[1] === undefined ? parsePlace(text) : { host: whole[1], dataset: undefined };
}
