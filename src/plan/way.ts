import type { DatasetPlan } from './decision.ts';
import { onHost, type Place } from './place.ts';

/** What a stream goes through between `zfs send` and `zfs receive`, from the outside in: filter, compression, network. */
export type Way = {
  readonly compress: 'off' | 'zstd' | 'lz4';
  /** The words of a command on the source's host and of one on the target's. */
  readonly filter: {
    readonly send: readonly string[] | undefined;
    readonly receive: readonly string[] | undefined;
  };
};

export type Ends = { readonly source: Place; readonly target: Place };

/** The way as it serves: without a network between the ends there is nothing to compress for. */
export function wayBetween({ source, target }: Ends, asked: Way): Way {
  return source.host === target.host ? { ...asked, compress: 'off' } : asked;
}

/** Where less is compressed than was asked for. */
export function wayNotes(ends: Ends, asked: Way, plans: readonly DatasetPlan[]): string[] {
  if (asked.compress === 'off') return [];
  if (wayBetween(ends, asked).compress === 'off')
    return ['nothing is compressed on its way: both ends are on one host, without a network between them'];
  const raw = plans.some(({ decision }) => decision.kind === 'send' && decision.flags.raw);
  return raw ? ['what is sent raw is not compressed on its way: encrypted, it would not get smaller'] : [];
}

/** The way as a person reads it, `undefined` where it is as usual. Not the filters' words: a key may be among them. */
export function wayText({ source, target }: Ends, { compress, filter }: Way): string | undefined {
  const parts = [
    ...(filter.send ? [`filtered ${onHost(source.host)} (--filter-send)`] : []),
    ...(compress === 'off' ? [] : [`compressed with ${compress} on its way`]),
    ...(filter.receive ? [`filtered ${onHost(target.host)} (--filter-receive)`] : []),
  ];
  return parts.length === 0 ? undefined : parts.join(', ');
}
