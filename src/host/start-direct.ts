import { cancelled } from './cancelled.ts';
import { type Child, startChild } from './child.ts';
import { farWords } from './far-machine.ts';
import { markedReader } from './marked-reader.ts';
import { newNonce } from './nonce.ts';
import type { RunPipeline, Started } from './pipeline.ts';
import { quoteArgv } from './quote.ts';
import { type PlacedStage, type RunningStage, watchStage } from './running-stage.ts';
import { environment, idleStdin, stageScript } from './script.ts';

/**
 * All stages in one shell on the host of the first, joined there by pipes. What the first one writes to its stderr is the stderr of that
 * shell, and what the last one writes to its own is the stdout: each bears the markers of its stage.
 * @throws {ZferryError} `cancelled`, `command-too-long`
 */
export async function startDirect(stages: readonly PlacedStage[], options: RunPipeline): Promise<Started> {
  const { tie, mark, now, signal, onStderrLine } = options;
  const [first, ...rest] = stages;
  const last = rest.at(-1);
  if (first === undefined || last === undefined) throw new Error('a pipeline between hosts has two ends');
  if (signal?.aborted === true) throw cancelled();
  const { machine } = first;
  const scriptOf = (stage: PlacedStage, nonce: string): string =>
    stageScript(stage.commands, {
      nonce,
      tie: stage.machine.tie,
      reads: stage !== first,
      beginOnStdout: false,
      stdoutToStderr: stage === last,
      mark,
    });
  const nonces = { first: newNonce(), last: newNonce() };
  const end = scriptOf(last, nonces.last);
  const parts = [
    `(${scriptOf(first, nonces.first)}\n)`,
    ...rest.slice(0, -1).map(({ commands }) => quoteArgv(commands[0]?.argv ?? [])),
    last.host === first.host ? `(${end}\n) 2>&1` : `${quoteArgv(farWords(last.host, end))} 2>&1`,
  ];
  const child = startChild(tie, machine.argv(`${environment}\n${parts.join('|\n')}`), {
    stdin: idleStdin(machine.tie),
    stdout: 'read',
  });
  const running = stages.map((stage, index): RunningStage => {
    const onLine = (line: string): void => onStderrLine?.(index, line);
    if (stage !== first && stage !== last) return betweenThem(stage, child, now);
    const reader = markedReader(stage === first ? nonces.first : nonces.last, onLine);
    const stream = stage === first ? child.stderr : child.stdout;
    stream.setEncoding('utf8').on('data', (text: string) => reader.feed(text));
    return { ...watchStage({ stage, child, reader, scripted: true, now }), streamAfter: undefined };
  });
  return await Promise.resolve({ running, filters: [] });
}

/** Nothing tells how it ended; the stages beside it notice. */
function betweenThem(
  { host, commands, machine }: PlacedStage,
  child: Child,
  now: () => number,
): RunningStage {
  const finish = async (): Promise<Awaited<RunningStage['ended']>> => {
    await child.closed;
    const statuses = commands.map(() => undefined);
    const said = commands.map(() => '');
    const result = { host, statuses, exit: {}, stderr: '', said, endedAt: now() };
    return { result, words: '', optional: [], lost: false };
  };
  return {
    child,
    streamAfter: undefined,
    ended: finish(),
    explain: (command) => machine.explain({ began: true, exit: {}, words: '', command }),
  };
}
