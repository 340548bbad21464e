import { cancelled } from './cancelled.ts';
import { chainsOf } from './chain.ts';
import { startChild } from './child.ts';
import { farWords } from './far-machine.ts';
import { newNonce } from './nonce.ts';
import type { RunPipeline, Started } from './pipeline.ts';
import { quoteArgv } from './quote.ts';
import { type PlacedStage, watchChain } from './running-stage.ts';
import { environment, idleStdin, stageScript } from './script.ts';

/**
 * All stages in one session on the host of the first ones, which reaches that of the others by its own ssh. What the first ones write to
 * their stderr is the stderr of that session, and what the others write to theirs is its stdout.
 * @throws {ZferryError} `cancelled`, `command-too-long`
 */
export async function startDirect(stages: readonly PlacedStage[], options: RunPipeline): Promise<Started> {
  const { tie, mark, now, signal, onStderrLine } = options;
  const [near = [], far = [], ...more] = chainsOf(stages);
  const [first, other] = [near[0], far[0]];
  if (first === undefined || other === undefined || more.length > 0)
    throw new Error('a direct pipeline has its stages on two hosts, first those of the one');
  if (signal?.aborted === true) throw cancelled();
  const nonces = { near: near.map(newNonce), far: far.map(newNonce) };
  const scriptOf = (chain: readonly PlacedStage[], own: readonly string[], isFar: boolean): string =>
    stageScript(
      chain.map(({ commands }) => commands),
      {
        nonces: own,
        tie: first.machine.tie,
        reads: isFar,
        beginOnStdout: false,
        stdoutToStderr: isFar,
        mark,
      },
    );
  const end = quoteArgv(farWords(other.host, scriptOf(far, nonces.far, true)));
  const script = `${environment}\n(${scriptOf(near, nonces.near, false)}\n)|\n${end} 2>&1`;
  const child = startChild(tie, first.machine.argv(script), {
    stdin: idleStdin(first.machine.tie),
    stdout: 'read',
  });
  const watch = (chain: readonly PlacedStage[], isFar: boolean) =>
    watchChain(chain, {
      child,
      now,
      stream: isFar ? child.stdout : child.stderr,
      nonces: isFar ? nonces.far : nonces.near,
      onLine: (stage, line) => onStderrLine?.(isFar ? near.length + stage : stage, line),
    });
  return await Promise.resolve({ running: [...watch(near, false), ...watch(far, true)], filters: [] });
}
