import type { Batch, CommandResult, Hosts, LockAnswer } from '../host/hosts.ts';
import type { EngineEvent } from './events.ts';
import type { World } from './world.ts';

/** What a host answers to one command; what is left out is empty and went well. */
export type Answer = Partial<Pick<CommandResult, 'status' | 'stdout' | 'stderr'>>;

export type Scripted = {
  readonly world: World;
  readonly events: EngineEvent[];
  /** Each command that was run, as one line. */
  readonly commands: string[];
};

/** A world for tests: hosts that answer by a function, and a clock that only waiting moves. */
export function scriptedWorld(
  script: {
    readonly answer?: (line: string, now: number) => Answer;
    readonly lock?: (now: number) => LockAnswer;
    readonly pipe?: Hosts['pipe'];
  } = {},
): Scripted {
  const events: EngineEvent[] = [];
  const commands: string[] = [];
  let now = Date.UTC(2026, 10, 20, 3);
  const start = now;
  const unexpected = (): never => {
    throw new Error('nobody expected that');
  };
  const hosts: Hosts = {
    run: ({ commands: batch }: Batch) => {
      let stopped = false;
      const results = batch.map(({ argv, optional }): CommandResult => {
        if (stopped) return { argv, status: undefined, stdout: '', stderr: '' };
        const line = argv.join(' ');
        commands.push(line);
        const result = { argv, status: 0, stdout: '', stderr: '', ...script.answer?.(line, now - start) };
        stopped = optional !== true && result.status !== 0;
        return result;
      });
      return Promise.resolve({ results });
    },
    connect: () => Promise.resolve(),
    lock: () => Promise.resolve(script.lock?.(now - start) ?? unexpected()),
    pipe: script.pipe ?? unexpected,
    follow: unexpected,
    close: () => Promise.resolve(),
  };
  const world: World = {
    hosts,
    now: () => now,
    sleep: (ms) => {
      now += ms;
      return Promise.resolve();
    },
    random: () => 0.5,
    who: 'root@web, process 4711',
    report: (event) => void events.push(event),
  };
  return { world, events, commands };
}
