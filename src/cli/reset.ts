import { planReset, type Reset, resetTarget } from '../engine/reset.ts';
import { count, formatBytes } from '../plan/format.ts';
import { type Place, placeText } from '../plan/place.ts';
import { type ExitCode, exitCodes } from '../zfs/failure.ts';
import type { CommonOptions } from './common-options.ts';
import type { Io } from './io.ts';
import { talk } from './talk.ts';
import { inWorld, printJson } from './world.ts';

export type ResetInput = {
  readonly target: Place;
  /** Do it, and not only say what would be done. */
  readonly yes: boolean;
  readonly common: CommonOptions;
};

/** `zferry reset`. @throws ZferryError */
export async function reset(io: Io, { target, yes, common }: ResetInput): Promise<ExitCode> {
  const { report } = talk(io, 'none', false);
  const world = { sshConfig: common.sshConfig, verbose: common.verbose ?? false };
  const done = await inWorld(io, world, report, async (opened) =>
    yes ? await resetTarget(opened, target) : await planReset(opened, target),
  );
  if (common.json) printJson(io, resetJson(done, yes));
  else io.out(resetText(done, yes));
  return exitCodes.done;
}

function resetText({ target, copy, dataset, below, others }: Reset, yes: boolean): string {
  const what = `${count(dataset.snapshots.length, 'snapshot')}, ${formatBytes(dataset.used)} with all that is below it`;
  const lines = [
    yes
      ? `${placeText(target)} is set aside as ${copy} (${what})`
      : `Would set ${placeText(target)} aside as ${copy} (${what}); nothing of it is destroyed`,
    `  The next sync to ${placeText(target)} sends a full copy, for which there must be room beside it`,
    ...(below.length > 0
      ? [
          `  ${count(below.length, 'dataset')} below it ${below.length === 1 ? 'goes' : 'go'} with it, and ${below.length === 1 ? 'comes' : 'come'} back to ${below.length === 1 ? 'its place' : 'their places'} once that has arrived`,
        ]
      : []),
    ...(others.length > 0
      ? [`  Other replicas are among them, and are not there until then: ${others.join(', ')}`]
      : []),
    yes
      ? `  Keep ${copy} until then: what is below it comes back from there. After that "zferry holds" shows it, with the command that destroys it`
      : 'Nothing was changed. To do it: the same with --yes',
  ];
  return `${lines.join('\n')}\n`;
}

function resetJson({ target, copy, dataset, below, others }: Reset, yes: boolean) {
  const { used, snapshots } = dataset;
  return { target: placeText(target), copy, done: yes, used, snapshots: snapshots.length, below, others };
}
