import { ZferryError } from '../zfs/failure.ts';
import { chainsOf } from './chain.ts';
import { enterAll } from './enter-all.ts';
import { farMachine } from './far-machine.ts';
import { followCommand } from './follow.ts';
import type {
  Batch,
  BatchResult,
  Command,
  CommandEvent,
  CommandResult,
  HostName,
  Hosts,
  RunOptions,
  Stage,
} from './hosts.ts';
import { localMachine } from './local-machine.ts';
import { lockLine } from './lock-script.ts';
import type { Machine } from './machine.ts';
import { runPipeline } from './pipeline.ts';
import { runBatch } from './run-batch.ts';
import { runInParts } from './run-in-parts.ts';
import { directLine, pipeLine, shellLine } from './shell-line.ts';
import { sshMachine } from './ssh-machine.ts';
import { sshProbe } from './ssh-probe.ts';
import { startDirect } from './start-direct.ts';
import { startJoined } from './start-joined.ts';
import { takeLock } from './take-lock.ts';
import { tempFolder } from './temp-folder.ts';
import { findTie, type Tie } from './tie.ts';

export type HostsOptions = {
  /** The configuration file for `ssh -F`; else the operator's own. */
  readonly sshConfig?: string | undefined;
  /** Told at each start of a shell or an ssh session. */
  readonly onCommand?: ((event: CommandEvent) => void) | undefined;
  /** Milliseconds since 1970. */
  readonly clock?: { now(): number } | undefined;
  /** How long the other stages of a pipeline may go on after one failed (milliseconds). Default: 5000. */
  readonly graceMs?: number | undefined;
  /** How long a lock outlives our last sign of life (milliseconds), where its host can tell. Default: 60000. */
  readonly lockExpiryMs?: number | undefined;
  /** How children are tied to our life, given a private folder. Default: the best way of this machine. */
  readonly tie?: ((folder: string) => Promise<Tie>) | undefined;
};

type Base = {
  readonly tie: Tie;
  readonly folder: string;
  /** `from`: the machine whose own ssh reaches it. */
  readonly machine: (host: HostName, from?: HostName) => Machine;
  /** Ends the connections. */
  readonly disconnect: () => Promise<void>;
  /** Removes what is left in the file system. */
  readonly clean: () => void;
};

/** Real machines: this one, and those that the system's ssh reaches. Nothing is started before it is needed. */
export function openHosts(options: HostsOptions = {}): Hosts {
  const { sshConfig, onCommand } = options;
  const clock = options.clock ?? Date;
  const closing = new AbortController();
  const atWork = new Set<Promise<unknown>>();
  let opened: Promise<Base> | undefined;

  const base = async (): Promise<Base> => await (opened ??= openBase(options));
  const either = (signal: AbortSignal | undefined): AbortSignal =>
    signal === undefined ? closing.signal : AbortSignal.any([closing.signal, signal]);
  const untilDone = async <T>(promise: Promise<T>): Promise<T> => {
    atWork.add(promise);
    try {
      return await promise;
    } finally {
      atWork.delete(promise);
    }
  };

  const run = async (
    machine: Machine,
    tie: Tie,
    commands: readonly Command[],
    limits: RunOptions,
    { from, atOnce }: { readonly from?: HostName | undefined; readonly atOnce?: number | undefined } = {},
  ): Promise<readonly CommandResult[]> =>
    await runInParts(commands, async (part) => {
      const { host } = machine;
      const line = shellLine(host, part, sshConfig, from, atOnce);
      const onStart = (): void => onCommand?.({ kind: 'run', host, hosts: [host], line });
      return await runBatch(machine, part, { ...limits, tie, line, onStart, atOnce });
    });

  const pipe: Hosts['pipe'] = async (stages, pipeOptions = {}) => {
    const { signal: wanted, onStderrLine, mark } = pipeOptions;
    checkStages(stages);
    const signal = either(wanted);
    const { tie, folder, machine } = await base();
    const first = stages[0]?.host ?? '';
    const direct = pipeOptions.direct === true && first !== '' && stages.some(({ host }) => host !== first);
    const placed = stages.map((stage) => ({
      ...stage,
      machine: direct && stage.host !== first ? machine(stage.host, first) : machine(stage.host),
    }));
    for (const { machine: sender } of direct ? [] : placed.slice(0, -1)) {
      // A greeting must not get into the stream, so it is looked for first.
      if (sender.greets === 'unknown') await run(sender, tie, [], { signal });
    }
    const entered = direct ? [machine(first)] : chainsOf(placed).flatMap(([stage]) => stage?.machine ?? []);
    const release = await enterAll(entered, signal);
    const line = direct ? directLine(stages, sshConfig) : pipeLine(stages, sshConfig);
    const now = (): number => clock.now();
    const graceMs = options.graceMs ?? 5000;
    try {
      onCommand?.({ kind: 'pipe', host: first, hosts: stages.map(({ host }) => host), line });
      const start = direct ? startDirect : startJoined;
      return await runPipeline(start, placed, {
        signal,
        onStderrLine,
        mark,
        tie,
        folder,
        line,
        now,
        graceMs,
      });
    } finally {
      release();
    }
  };

  return {
    async connect(host, { signal } = {}) {
      const { machine } = await base();
      (await machine(host).enter(1, either(signal)))();
    },
    async run({ host, commands, from, atOnce }: Batch, { signal, timeoutMs } = {}): Promise<BatchResult> {
      const { tie, machine } = await base();
      const limits = { signal: either(signal), timeoutMs };
      return { results: await untilDone(run(machine(host, from), tie, commands, limits, { from, atOnce })) };
    },
    pipe: async (stages, pipeOptions) => await untilDone(pipe(stages, pipeOptions)),
    async *follow(host, command, { signal } = {}) {
      const { tie, machine } = await base();
      const line = shellLine(host, [command], sshConfig);
      const onStart = (): void => onCommand?.({ kind: 'follow', host, hosts: [host], line });
      yield* followCommand(machine(host), command, { signal: either(signal), tie, line, onStart });
    },
    async lock(host, request, { signal, peek = false } = {}) {
      const { tie, machine } = await base();
      const line = lockLine(host, request, sshConfig);
      const take = takeLock(machine(host), request, {
        signal: either(signal),
        closing: closing.signal,
        tie,
        line,
        expiryMs: options.lockExpiryMs ?? 60_000,
        peek,
        onStart: () => onCommand?.({ kind: 'lock', host, hosts: [host], line }),
        onSession: (ended) => void untilDone(ended),
      });
      return await untilDone(take);
    },
    async close() {
      closing.abort();
      const base = opened === undefined ? undefined : await opened;
      await Promise.all([Promise.allSettled(atWork), base?.disconnect()]);
      base?.clean();
    },
  };
}

async function openBase({ sshConfig, tie: wantedTie }: HostsOptions): Promise<Base> {
  const folder = tempFolder();
  const tie = await (wantedTie ?? findTie)(folder.path);
  const probe = sshProbe(sshConfig === undefined ? [] : ['-F', sshConfig]);
  const machines = new Map<HostName, Machine>([['', localMachine(tie)]]);
  const machine: Base['machine'] = (host, from) => {
    const key = from === undefined ? host : `${host} from ${from}`;
    const known = machines.get(key);
    if (known !== undefined) return known;
    const made =
      from === undefined
        ? sshMachine({ host, tie, probe, folder: folder.path, sshConfig })
        : farMachine(machine(from), host);
    machines.set(key, made);
    return made;
  };
  return {
    tie,
    folder: folder.path,
    machine,
    async disconnect() {
      await Promise.all([...machines.values()].map(async (machine) => await machine.close()));
    },
    clean() {
      tie.close();
      folder.remove();
    },
  };
}

/** @throws {ZferryError} `bad-command` */
function checkStages(stages: readonly Stage[]): void {
  if (stages.length > 0 && stages.every(({ commands }) => commands.length > 0)) return;
  throw new ZferryError({ code: 'bad-command', message: 'Cannot run a pipeline with no command in a stage' });
}
