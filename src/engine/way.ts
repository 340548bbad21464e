/** What a stream goes through between `zfs send` and `zfs receive`, and whether the hosts have what it takes. */
import type { Stage } from '../host/hosts.ts';
import { onHost } from '../plan/place.ts';
import { goesDirect } from '../plan/route.ts';
import type { SyncPlan } from '../plan/sync-plan.ts';
import { wayBetween } from '../plan/way.ts';
import { ZferryError } from '../zfs/failure.ts';
import { both } from './both.ts';
import { findLimiter } from './limiter.ts';
import type { Turn } from './send-queue.ts';
import type { SyncRequest } from './sync-request.ts';
import type { World } from './world.ts';

/**
 * Fast levels of one thread: more than a slow line carries, and several streams go at once. And small blocks, since what a compressor still holds
 * is lost when the line is cut: measured 0.2 MB with zstd (of itself 2.3 MB, at its own level 10.7 MB) and 0.1 MB with lz4 (7.4 MB), as
 * fast and as small. `-q` comes first: lz4 talks of its blocks otherwise.
 */
const compressors = {
  zstd: { pack: ['zstd', '-q', '-1', '--single-thread', '-c'], unpack: ['zstd', '-q', '-d', '-c'] },
  lz4: { pack: ['lz4', '-q', '-1', '-B4', '-BD', '-c'], unpack: ['lz4', '-q', '-d', '-c'] },
} as const;

export type WayRequest = Pick<
  SyncRequest,
  'source' | 'target' | 'direct' | 'way' | 'bytesPerSecond' | 'parallel'
>;

/**
 * Sees that every program is where a stream will need it. Costs a command for each host that has to be asked.
 * @returns the words of the limiter, where a limit is wanted
 * @throws ZferryError `no-program`, `no-limiter`: nothing has been changed
 */
export async function readyWay(world: World, request: WayRequest): Promise<readonly string[] | undefined> {
  const { source, target, bytesPerSecond, parallel } = request;
  const { compress, filter } = wayBetween(request, request.way);
  await both(
    findPrograms(world, source.host, compress, { words: filter.send, option: '--filter-send' }),
    findPrograms(world, target.host, compress, { words: filter.receive, option: '--filter-receive' }),
  );
  // All streams together keep to the rate, each to its part of it.
  const each = bytesPerSecond === undefined ? undefined : Math.max(Math.floor(bytesPerSecond / parallel), 1);
  return await findLimiter(world, goesDirect(request) ? source.host : '', each);
}

type Filter = { readonly words: readonly string[] | undefined; readonly option: string };

async function findPrograms(
  world: World,
  host: string,
  compress: SyncRequest['way']['compress'],
  { words, option }: Filter,
): Promise<void> {
  const wanted = [
    ...(compress === 'off'
      ? []
      : [
          {
            program: compress,
            argv: [compress, '--version'],
            next: `install it there (apt install ${compress}): both hosts need it; or leave --compress out`,
          },
        ]),
    ...(words?.[0] === undefined
      ? []
      : [
          {
            program: words[0],
            argv: ['sh', '-c', 'command -v "$1"', 'sh', words[0]],
            next: `install it there, or give its full path; or leave ${option} out`,
          },
        ]),
  ];
  if (wanted.length === 0) return;
  const commands = wanted.map(({ argv }) => ({ argv, optional: true as const }));
  const { results } = await world.hosts.run({ host, commands }, { signal: world.signal });
  const missing = wanted.find((_, index) => results[index]?.status !== 0);
  if (missing === undefined) return;
  throw new ZferryError({
    code: 'no-program',
    host,
    message: `There is no ${missing.program} ${onHost(host)}`,
    meaning: 'what is sent was to go through it; nothing was changed',
    next: missing.next,
  });
}

/** What stands between both ends of a pipeline. One that carries nothing but raw streams goes without compression. */
export function stagesBetween(
  { source, target, direct, way }: SyncPlan,
  turns: readonly Turn[],
  limiter: readonly string[] | undefined,
): Stage[] {
  const raw = turns.every(({ dataset }) => dataset.decision.flags.raw);
  const { pack, unpack } = way.compress === 'off' || raw ? {} : compressors[way.compress];
  const stage = (host: string, argv: readonly string[] | undefined): Stage[] =>
    argv === undefined ? [] : [{ host, commands: [{ argv }] }];
  return [
    ...stage(source.host, way.filter.send),
    ...stage(source.host, pack),
    ...stage(direct ? source.host : '', limiter),
    ...stage(target.host, unpack),
    ...stage(target.host, way.filter.receive),
  ];
}
