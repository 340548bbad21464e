import type { Side } from '../plan/side.ts';
import {
  endProcessArgs,
  parseReceives,
  processesArgs,
  type ReceiveProcess,
  receiveInto,
} from '../zfs/receive-processes.ts';
import type { World } from './world.ts';

/**
 * The receives that run on a target's host. A token is to be seen while a receive runs just as after it was cut off, so this
 * tells the two apart. Costs a command, and only where something is unfinished; without `ps` there, nobody is
 * seen, and ZFS itself refuses what would disturb a receive.
 */
export async function findReceives(
  world: World,
  side: Side,
  always = false,
): Promise<readonly ReceiveProcess[]> {
  const unfinished = side.datasets.some((one) => one.inconsistent || one.resumeToken !== undefined);
  if (!unfinished && !always) return [];
  const commands = [{ argv: processesArgs(), optional: true as const }];
  const { results } = await world.hosts.run({ host: side.place.host, commands }, { signal: world.signal });
  return parseReceives(results[0]?.stdout ?? '');
}

/** Milliseconds: between two looks, before ours is asked to end, and before it is given up. */
const look = 1000;
const askAfter = 4000;
const giveUpAfter = 12_000;

/**
 * Waits for the receives into a target that a run before this left behind; those are cut off already, and end when they
 * notice. One that does not is asked to end if it bears the mark of the run that had the lock before us and did not let go of
 * it: nobody waits for it any more.
 * @param waitMs how long somebody else's may go on; 0: not at all
 * @returns whether there was anything to wait for: then the target has to be listed again
 */
export async function settleReceives(
  world: World,
  side: Side,
  waitMs: number,
  { deadMark, always }: { readonly deadMark: string | undefined; readonly always: boolean },
): Promise<boolean> {
  const isDead = ({ mark }: ReceiveProcess): boolean => mark !== undefined && mark === deadMark;
  const { host } = side.place;
  const started = world.now();
  const asked = new Set<number>();
  for (let receives = side.receives, waited = false; ; waited = true) {
    const running = side.datasets.flatMap(({ name }) => receiveInto(receives, name) ?? []);
    const spent = world.now() - started;
    const patience = running.every(isDead) ? giveUpAfter : Math.max(askAfter, waitMs);
    if (running.length === 0 || spent >= patience) return waited;
    const late = running.filter((one) => isDead(one) && spent >= askAfter && !asked.has(one.pid));
    for (const { pid, line } of late) {
      asked.add(pid);
      world.report({ kind: 'note', message: `ended a receive that an earlier run left behind: ${line}` });
    }
    const commands = late.map(({ pid }) => ({ argv: endProcessArgs(pid), optional: true as const }));
    if (commands.length > 0) await world.hosts.run({ host, commands }, { signal: world.signal });
    await world.sleep(look, world.signal);
    receives = await findReceives(world, side, always);
  }
}
