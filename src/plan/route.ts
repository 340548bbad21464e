import type { Place } from './place.ts';

type Ends = { readonly source: Place; readonly target: Place; readonly direct: boolean };

/**
 * Whether the data goes from the source to the target without coming through this machine, where neither is this machine: asked for,
 * or both are one host.
 */
export function goesDirect({ source, target, direct }: Ends): boolean {
  if (source.host === '' || target.host === '') return false;
  return direct || source.host === target.host;
}
