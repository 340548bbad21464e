import type { HostName } from './hosts.ts';

/**
 * Neighbours on one remote host are a chain: one session there, joined by pipes of that host, so that nothing but what leaves it
 * travels. Each stage of this machine is a process by itself.
 */
export function chainsOf<S extends { readonly host: HostName }>(stages: readonly S[]): (readonly S[])[] {
  const chains: S[][] = [];
  for (const stage of stages) {
    const last = chains.at(-1);
    if (stage.host !== '' && last?.[0]?.host === stage.host) last.push(stage);
    else chains.push([stage]);
  }
  return chains;
}
