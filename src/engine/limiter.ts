import { formatBytes } from '../plan/format.ts';
import { onHost } from '../plan/place.ts';
import { ZferryError } from '../zfs/failure.ts';
import type { World } from './world.ts';

/** Programs that let a stream through at a set rate (bytes a second), the smoother one first. */
const limiters: readonly {
  readonly probe: readonly string[];
  readonly words: (rate: number) => readonly string[];
}[] = [
  { probe: ['pv', '--version'], words: (rate) => ['pv', '-q', '-L', String(rate)] },
  {
    probe: ['mbuffer', '--version'],
    words: (rate) => ['mbuffer', '-q', '-m', '4M', '-R', String(rate)],
  },
];

/**
 * What limits a stream on its way through a host; nothing where no limit is wanted.
 * @throws ZferryError `no-limiter`: a limit was asked for and cannot be kept
 */
export async function findLimiter(
  world: World,
  host: string,
  bytesPerSecond: number | undefined,
): Promise<readonly string[] | undefined> {
  if (bytesPerSecond === undefined) return undefined;
  const commands = limiters.map(({ probe }) => ({ argv: probe, optional: true as const }));
  const { results } = await world.hosts.run({ host, commands }, { signal: world.signal });
  const found = limiters.find((_, index) => results[index]?.status === 0);
  if (found) return found.words(bytesPerSecond);
  throw new ZferryError({
    code: 'no-limiter',
    host,
    message: `Cannot keep to ${formatBytes(bytesPerSecond)} a second: there is neither pv nor mbuffer ${onHost(host)}`,
    meaning: 'nothing was sent: without a limit it would take all of the line',
    next: 'install one of them (apt install pv), or leave --bwlimit out',
  });
}
