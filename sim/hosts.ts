import type {
  Batch,
  BatchResult,
  Command,
  CommandEvent,
  HeldLock,
  HostName,
  Hosts,
  LockAnswer,
  LockEnd,
  LockOptions,
  LockRequest,
  PipeOptions,
  PipeResult,
  RunOptions,
  Stage,
  StageResult,
} from '../src/host/hosts.ts';
import { laneStart, sharesOf } from '../src/host/script.ts';
import { ZferryError } from '../src/zfs/failure.ts';
import { SimError } from './errors.ts';
import type { SimHost } from './host.ts';
import { roomFor } from './properties.ts';
import type { Scheduler } from './scheduler.ts';
import { beginReceive, cutReceive, endReceive, kindOf, type Part, receiveWords, send } from './stream.ts';

/** A point at which the engine touches the world, told before it happens. */
export type Touch = {
  readonly kind: 'run' | 'lock' | 'pipe' | 'data' | 'end';
  readonly host: HostName;
  readonly line: string;
};

/**
 * What chance makes of it. `lost-before`: it never gets there; `lost-during`: half of its commands are done; `lost-after`: it is done, and nobody hears of it;
 * `broken`: the stream breaks off there, and the receive says so.
 */
export type Fate = 'goes' | 'lost-before' | 'lost-during' | 'lost-after' | 'broken';

export type SimWorld = {
  readonly hosts: ReadonlyMap<HostName, SimHost>;
  readonly scheduler: Scheduler;
  /** Called at each touch, before it; it may change hosts. */
  readonly onTouch: (touch: Touch) => Fate;
  /** Milliseconds for which a receive goes on when we are gone. */
  readonly linger: () => number;
  /** Bytes that arrive between two touches of one stream. */
  readonly chunk: number;
};

/** A lock of ours. */
type Held = {
  readonly host: SimHost;
  readonly key: string;
  readonly holder: string;
  readonly losing: AbortController;
};

const never = (): Promise<never> => new Promise(() => undefined);

/**
 * One process of ours on simulated hosts. Killed, it never hears of anything again: what it had under way on hosts is cut off, and its locks are free.
 */
export class SimProcess implements Hosts {
  readonly #world: SimWorld;
  readonly #onCommand: ((event: CommandEvent) => void) | undefined;
  readonly #held = new Set<Held>();
  /** Cuts off what is on its way. */
  readonly #cuts = new Set<() => void>();
  #alive = true;
  /** Sessions that were opened, by verb. */
  readonly count = { run: 0, pipe: 0, lock: 0, follow: 0 };

  constructor(world: SimWorld, onCommand?: (event: CommandEvent) => void) {
    this.#world = world;
    this.#onCommand = onCommand;
  }

  get alive(): boolean {
    return this.#alive;
  }

  kill(): void {
    this.#alive = false;
    for (const { host, key, holder } of this.#held)
      host.locks.set(key, { held: undefined, before: { holder } });
    this.#held.clear();
    // A receive notices only after a while that its sender is gone.
    for (const cut of this.#cuts) void this.#world.scheduler.sleep(this.#world.linger()).then(cut);
    this.#cuts.clear();
  }

  /** The session that holds its locks on a host has ended; another can have them. */
  loseLocks(name: HostName): void {
    for (const mine of [...this.#held].filter(({ host }) => host.name === name)) {
      this.#held.delete(mine);
      mine.host.locks.set(mine.key, { held: undefined, before: { holder: mine.holder } });
      const message = `The session on ${name} that held the lock has ended`;
      mine.losing.abort(new ZferryError({ code: 'lock-lost', host: name, message }));
    }
  }

  connect(): Promise<void> {
    return Promise.resolve();
  }

  async run({ host: name, commands, atOnce }: Batch, { signal }: RunOptions = {}): Promise<BatchResult> {
    this.count.run++;
    const host = this.#host(name);
    const line = commands.map(({ argv }) => argv.join(' ')).join('; ');
    this.#onCommand?.({ kind: 'run', host: name, hosts: [name], line: `ssh ${name} ${line}` });
    const fate = await this.#touch({ kind: 'run', host: name, line }, signal);
    if (fate === 'lost-before') throw lost(name);
    const half = fate === 'lost-during' ? Math.ceil(commands.length / 2) : commands.length;
    const results =
      atOnce === undefined ? runAll(host, commands.slice(0, half)) : runLanes(host, commands, atOnce, half);
    if (fate === 'lost-after' || fate === 'lost-during') throw lost(name);
    return { results };
  }

  async pipe(stages: readonly Stage[], options: PipeOptions = {}): Promise<PipeResult> {
    this.count.pipe++;
    const [first, last] = [stages[0], stages.at(-1)];
    if (first === undefined || last === undefined || stages.length !== 2)
      throw new Error('only a send into a receive is simulated');
    const line = stages.map((one) => one.commands.map(({ argv }) => argv.join(' ')).join(' && ')).join(' | ');
    const hosts = stages.map(({ host }) => host);
    this.#onCommand?.({ kind: 'pipe', host: first.host, hosts, line });
    const fate = await this.#touch({ kind: 'pipe', host: first.host, line }, options.signal);
    if (fate === 'lost-before' || fate === 'lost-during') throw lost(first.host);
    return await this.#train(first, last, options);
  }

  /** Send after send into receive after receive; the first failure ends both. */
  async #train(sending: Stage, receiving: Stage, { signal, mark }: PipeOptions): Promise<PipeResult> {
    const [source, target] = [this.#host(sending.host), this.#host(receiving.host)];
    const [sent, received] = [new Report(sending), new Report(receiving)];
    let turn = 0;
    for (const [index, { argv, optional }] of sending.commands.entries()) {
      source.before?.(argv);
      if (argv[1] !== 'send') {
        const { status, stderr } = source.run(argv);
        sent.note(index, status ?? 0, stderr);
        if (status !== 0 && optional !== true) return this.#ended(sent, received, 0);
        continue;
      }
      const receive = receiving.commands[turn];
      if (receive === undefined) throw new Error('a send without a receive');
      target.before?.(receive.argv);
      let parts: readonly Part[];
      try {
        parts = send(source.pools, argv.slice(2));
      } catch (error) {
        sent.note(index, ...faultOf(error));
        received.note(turn, 1, 'cannot receive: failed to read from stream\n');
        return this.#ended(sent, received, 0);
      }
      const fault = await this.#receiveAll(target, receive.argv, parts, { signal, mark });
      if (fault !== undefined) {
        received.note(turn, fault.status, fault.text);
        sent.note(index, 1, 'warning: cannot send: Broken pipe\n');
        return this.#ended(sent, received, 1);
      }
      target.note(receive.argv);
      sent.note(index, 0, '');
      received.note(turn, 0, '');
      turn++;
    }
    return this.#ended(sent, received, undefined);
  }

  async #receiveAll(
    target: SimHost,
    argv: readonly string[],
    parts: readonly Part[],
    { signal, mark }: Pick<PipeOptions, 'signal' | 'mark'>,
  ): Promise<{ readonly status: number; readonly text: string } | undefined> {
    const words = receiveWords(argv.slice(2));
    let left = target.breaksOff?.(words.target) ?? Number.POSITIVE_INFINITY;
    for (const [i, part] of parts.entries()) {
      const by = { pid: target.newPid(), line: argv.join(' '), mark };
      const given = i === 0 ? words : { ...words, properties: new Map<string, string>() };
      let begun: ReturnType<typeof beginReceive>;
      try {
        begun = beginReceive(target.means, given, part, by);
      } catch (error) {
        const [status, text] = faultOf(error);
        return { status, text };
      }
      let arrived = 0;
      let over = false;
      const cut = (): void => {
        if (!over) cutReceive(given, part, begun, arrived);
        over = true;
        target.receives.delete(by.pid);
      };
      this.#cuts.add(cut);
      target.receives.set(by.pid, cut);
      const touch = async (kind: 'data' | 'end'): Promise<Fate> => {
        try {
          return await this.#touch({ kind, host: target.name, line: by.line }, signal);
        } catch (error) {
          cut();
          throw error;
        }
      };
      while (arrived < part.bytes) {
        arrived = Math.min(arrived + this.#world.chunk, part.bytes, left);
        if (arrived === left && arrived < part.bytes) {
          cut();
          this.#cuts.delete(cut);
          return { status: 1, text: brokenOff(part) };
        }
        const room = roomFor(begun.pool, words.target);
        if (arrived > room.bytes) {
          cut();
          this.#cuts.delete(cut);
          return { status: 1, text: fullText(part, words.target, room.quota) };
        }
        const fate = await touch('data');
        if (fate === 'goes' && !over) continue;
        cut();
        this.#cuts.delete(cut);
        if (fate === 'broken') return { status: 1, text: brokenOff(part) };
        throw lost(target.name);
      }
      const fate = await touch('end');
      this.#cuts.delete(cut);
      if (fate === 'broken' || fate === 'lost-before' || fate === 'lost-during' || over) {
        cut();
        if (fate === 'broken') return { status: 1, text: brokenOff(part) };
        throw lost(target.name);
      }
      over = true;
      target.receives.delete(by.pid);
      try {
        endReceive(target.means, given, part, begun);
      } catch (error) {
        const [status, text] = faultOf(error);
        return { status, text };
      }
      if (fate === 'lost-after') throw lost(target.name);
      left -= part.bytes;
    }
    return undefined;
  }

  #ended(sent: Report, received: Report, cause: 0 | 1 | undefined): PipeResult {
    const stages = [sent.result(this.#world.scheduler.now), received.result(this.#world.scheduler.now)];
    if (cause === undefined) return { ok: true, stages };
    const report = cause === 0 ? sent : received;
    return { ok: false, stages, cause: { stage: cause, ...report.fault() } };
  }

  async *follow(name: HostName, { argv }: Command): AsyncGenerator<string> {
    this.count.follow++;
    const fate = await this.#touch({ kind: 'run', host: name, line: argv.join(' ') }, undefined);
    if (fate !== 'goes') throw lost(name);
    yield* this.#host(name)
      .pools.get(argv.at(-1) ?? '')
      ?.historyLines() ?? [];
  }

  async lock(name: HostName, request: LockRequest, { peek, signal }: LockOptions = {}): Promise<LockAnswer> {
    this.count.lock++;
    const host = this.#host(name);
    const key = `${request.pool} ${request.dataset}`;
    const fate = await this.#touch({ kind: 'lock', host: name, line: `lock ${request.dataset}` }, signal);
    if (fate === 'lost-before' || fate === 'lost-during') throw lost(name);
    const now = host.locks.get(key) ?? { held: undefined, before: 'unknown' as const };
    if (now.held !== undefined) return { kind: 'taken', holder: now.held };
    if (peek === true) return { kind: 'free', before: now.before };
    if (fate === 'lost-after') {
      host.locks.set(key, { held: undefined, before: { holder: request.holder } });
      throw lost(name);
    }
    const losing = new AbortController();
    const mine = { host, key, holder: request.holder, losing };
    host.locks.set(key, { held: request.holder, before: now.before });
    this.#held.add(mine);
    const lock: HeldLock = {
      lost: losing.signal,
      release: (how: LockEnd) => {
        if (!this.#alive) return never();
        // Lost meanwhile, it is not ours to give back.
        if (!this.#held.delete(mine)) return Promise.resolve();
        const before = how === 'clean' ? 'clean' : how === 'undo' ? now.before : { holder: request.holder };
        host.locks.set(key, { held: undefined, before });
        return Promise.resolve();
      },
    };
    return { kind: 'held', lock, before: now.before };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #host(name: HostName): SimHost {
    const host = this.#world.hosts.get(name);
    if (host === undefined) throw new Error(`no simulated host "${name}"`);
    return host;
  }

  /** Its turn has come, and it is known what becomes of it. */
  async #touch(touch: Touch, signal: AbortSignal | undefined): Promise<Fate> {
    await this.#world.scheduler.turn();
    if (!this.#alive) return await never();
    const fate = this.#world.onTouch(touch);
    if (!this.#alive) return await never();
    if (signal?.aborted === true)
      throw new ZferryError({ code: 'cancelled', message: 'Stopped before it was done' });
    return fate;
  }
}

/** What one stage of a train comes to. */
class Report {
  readonly #stage: Stage;
  readonly #statuses: (number | undefined)[];
  readonly #said: string[];
  #fault: { readonly stderr: string; readonly status: number | undefined } = {
    stderr: '',
    status: undefined,
  };

  constructor(stage: Stage) {
    this.#stage = stage;
    this.#statuses = stage.commands.map(() => undefined);
    this.#said = stage.commands.map(() => '');
  }

  note(index: number, status: number, stderr: string): void {
    this.#statuses[index] = status;
    this.#said[index] = stderr;
    if (status !== 0) this.#fault = { stderr, status };
  }

  fault(): { readonly stderr: string; readonly status: number | undefined } {
    return this.#fault;
  }

  result(endedAt: number): StageResult {
    return {
      host: this.#stage.host,
      statuses: this.#statuses,
      exit: { code: this.#fault.status ?? 0 },
      stderr: this.#said.join(''),
      said: this.#said,
      endedAt,
    };
  }
}

function runAll(host: SimHost, commands: readonly Command[]): BatchResult['results'] {
  let stopped = false;
  return commands.map(({ argv, optional }) => {
    if (stopped) return { argv, status: undefined, stdout: '', stderr: '' };
    host.before?.(argv);
    const result = host.run(argv);
    stopped = optional !== true && result.status !== 0;
    return result;
  });
}

/** The last lane comes first: no order is promised. @param most ends all of them after so many commands */
function runLanes(
  host: SimHost,
  commands: readonly Command[],
  lanes: number,
  most: number,
): BatchResult['results'] {
  const start = laneStart(commands);
  const first = runAll(host, commands.slice(0, Math.min(start, most)));
  const goesOn = first.length === start && first.every(({ status }) => status === 0);
  const numbered = commands.map((command, index) => ({ command, index })).slice(start);
  const order = sharesOf(numbered, lanes).toReversed().flat();
  const ran = goesOn ? order.slice(0, Math.max(most - start, 0)) : [];
  const said = new Map(ran.map(({ command, index }) => [index, runAll(host, [command])[0]]));
  const rest = numbered.map(({ command: { argv }, index }) => {
    const { status, stdout, stderr } = said.get(index) ?? { status: undefined, stdout: '', stderr: '' };
    return { argv, status, stdout: '', stderr: `${stdout}${stderr}`.trimEnd() };
  });
  return [...first, ...rest];
}

function faultOf(error: unknown): [status: number, text: string] {
  if (!(error instanceof SimError)) throw error;
  return [error.status, `${error.message}\n`];
}

function fullText(part: Part, name: string, quota: boolean): string {
  return `cannot receive ${kindOf(part)} stream: ${quota ? `destination ${name} space quota exceeded.` : 'out of space'}\n`;
}

function brokenOff(part: Part): string {
  return `cannot receive ${kindOf(part)} stream: checksum mismatch or incomplete stream.\nPartially received snapshot is saved.\n`;
}

function lost(host: HostName): ZferryError {
  return new ZferryError({ code: 'connection-lost', host, message: `The connection to ${host} was lost` });
}
