/**
 * Ties the processes we start to our life. With groups of their own and FIFOs between them, both ends of a
 * replication were seen to run on after their parent was killed hard, still writing to the target.
 *
 * On Linux the kernel does it (`setpriv --pdeathsig`, util-linux 2.33; busybox's setpriv cannot). It signals at the
 * end of the *thread* that started the process, so children are started from the main thread. A setuid program
 * (`sudo`) drops the tie. Elsewhere a shell around each process watches a FIFO whose other end only we hold.
 */
import { spawn } from 'node:child_process';
import { closeSync, constants, openSync } from 'node:fs';
import { makeFifo } from './fifo.ts';
import { localEnv } from './local-env.ts';
import type { ScriptTie } from './script.ts';

export type Tie = {
  readonly kind: 'pdeathsig' | 'watched';
  /** The words that run a program tied to us. */
  wrap(argv: readonly string[]): readonly string[];
  /** Opens what the program finds as its descriptor 3, where it needs one. To be closed after the start. */
  lifeline(): number | undefined;
  /** What a script's shell does so that the commands below it end too. */
  readonly script: ScriptTie;
  close(): void;
};

const setpriv = ['setpriv', '--pdeathsig', 'TERM', '--'] as const;

/** The best tie of this machine. */
export async function findTie(folder: string): Promise<Tie> {
  return (await hasPdeathsig()) ? pdeathsigTie() : watchedTie(folder);
}

export function pdeathsigTie(): Tie {
  return {
    kind: 'pdeathsig',
    wrap: (argv) => [...setpriv, ...argv],
    lifeline: () => undefined,
    // The shell checks its parent, which may have died before the tie was made.
    script: { kind: 'prefix', words: setpriv, parent: process.pid },
    close: () => undefined,
  };
}

/**
 * The program runs in the background of a shell, on the shell's own stdin (which sh would replace by /dev/null). The
 * shell lets go of the stream's ends, else its neighbours would not see them close.
 */
const watcher = `exec 4<&0
"$@" <&4 4<&- 3<&- &
c=$!
exec 4<&- </dev/null >/dev/null
{ read -r _ <&3; kill -TERM 0; } 2>/dev/null &
w=$!
exec 3<&-
wait $c
s=$?
kill $w
exit $s`;

/** @param folder a private folder for the FIFO; it must stay until `close`. */
export async function watchedTie(folder: string): Promise<Tie> {
  const path = `${folder}/life`;
  await makeFifo([path]);
  const life = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  return {
    kind: 'watched',
    wrap: (argv) => ['sh', '-c', watcher, 'zferry', ...argv],
    lifeline: () => openSync(path, constants.O_RDONLY),
    script: { kind: 'group' },
    close: () => closeSync(life),
  };
}

async function hasPdeathsig(): Promise<boolean> {
  const [program, ...args] = [...setpriv, 'true'];
  const child = spawn(program ?? '', args, { stdio: 'ignore', env: localEnv() });
  return await new Promise((resolve) => {
    child.once('error', () => resolve(false));
    child.once('exit', (code) => resolve(code === 0));
  });
}
