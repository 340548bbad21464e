import { type Adopted, type AdoptRequest, adopt, planAdopt } from '../engine/adopt.ts';
import type { Adoption } from '../plan/adopt.ts';
import { count } from '../plan/format.ts';
import { placeText } from '../plan/place.ts';
import { type ExitCode, exitCodes } from '../zfs/failure.ts';
import type { CommonOptions } from './common-options.ts';
import type { Io } from './io.ts';
import { talk } from './talk.ts';
import { inWorld, printJson } from './world.ts';

export type AdoptInput = {
  readonly request: AdoptRequest;
  readonly dryRun: boolean;
  readonly common: CommonOptions;
};

/** `zferry adopt`. @throws ZferryError */
export async function adoptCommand(io: Io, { request, dryRun, common }: AdoptInput): Promise<ExitCode> {
  const { report } = talk(io, 'none', false);
  const world = { sshConfig: common.sshConfig, verbose: common.verbose ?? false };
  const adopted = await inWorld(io, world, report, async (opened) =>
    dryRun ? await planAdopt(opened, request) : await adopt(opened, request),
  );
  if (common.json) printJson(io, adoptedJson(adopted, dryRun));
  else io.out(adoptedText(adopted, dryRun));
  return exitCodeOf(adopted.datasets);
}

function exitCodeOf(datasets: readonly Adoption[]): ExitCode {
  const refused = datasets.filter(({ kind }) => kind === 'refused').length;
  const good = datasets.filter(({ kind }) => kind === 'adopt' || kind === 'ours').length;
  if (good === 0) return exitCodes.refused;
  return refused > 0 ? exitCodes.partly : exitCodes.done;
}

function adoptedText({ source, target, id, datasets }: Adopted, dryRun: boolean): string {
  const did = datasets.filter(({ kind }) => kind === 'adopt').length;
  const lines = datasets.map(lineOf);
  const where = `${placeText(source)} → ${placeText(target)}`;
  const some = datasets.some(({ kind }) => kind === 'adopt' || kind === 'ours');
  const missing = datasets.every(({ kind }) => kind === 'missing');
  const last = missing
    ? `${where}: nothing is there that could be taken over; "zferry sync" makes a copy`
    : !some
      ? `${where}: not a copy that could be gone on with; nothing was changed. For a new copy beside it choose another name, or "zferry reset" sets it aside`
      : dryRun
        ? `${where}: would take ${count(did, 'dataset')} over as replica ${id}. Nothing was changed.`
        : `${where}: ${count(did, 'dataset')} taken over as replica ${id}; "zferry sync" goes on with it`;
  return `${[...lines, last].join('\n')}\n`;
}

function lineOf(one: Adoption): string {
  switch (one.kind) {
    case 'adopt': {
      const set = Object.entries(one.properties).map(([name, value]) => `${name}=${value}`);
      const newer =
        one.newer === 0
          ? ''
          : `; has ${count(one.newer, 'snapshot')} since then, at which the next sync stops and says what can be done`;
      return `  adopt     ${one.target}: has @${one.base} in common with ${one.source}; sets ${set.join(' ')}${newer}`;
    }
    case 'ours':
      return `  nothing   ${one.target}: is a replica of ${one.source} already`;
    case 'missing':
      return `  nothing   ${one.target}: is not there; the next sync makes a full copy`;
    case 'beside':
      return `  beware    ${one.target}: is no copy of this source, and inherits readonly=on as soon as what is above it is taken over (before that: zfs set readonly=off ${one.target})`;
    case 'refused':
      return `  refused   ${one.target}: ${one.reason}`;
  }
}

function adoptedJson({ source, target, id, datasets }: Adopted, dryRun: boolean) {
  return { source: placeText(source), target: placeText(target), replica: id, done: !dryRun, datasets };
}
