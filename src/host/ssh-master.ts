/**
 * One connection to a host, which its sessions share: a session then costs one round trip instead of a handshake.
 *
 * It is opened explicitly, in the foreground, as our child: so its end is seen as a child's end, its words are read
 * for the reason, and it ends with us. A master that ssh itself leaves in the background (ControlPersist) has none
 * of this. `ssh -O check` would tell no more than that the child runs.
 */
import { existsSync } from 'node:fs';
import { setTimeout as sleep, setImmediate as soon } from 'node:timers/promises';
import { boundedText } from './bounded-text.ts';
import { startChild } from './child.ts';
import { sshError } from './ssh-errors.ts';
import { sshOptions } from './ssh-options.ts';
import type { SshTarget } from './ssh-target.ts';
import { terminate } from './terminate.ts';
import type { Tie } from './tie.ts';

export type SshMaster = {
  readonly alive: () => boolean;
  /** What it has said since it was open: at its end the reason, `Timeout, server nas not responding.` */
  readonly words: () => string;
  close(): Promise<void>;
};

export type SshMasterOptions = {
  readonly tie: Tie;
  readonly target: SshTarget;
  readonly cipher: readonly string[];
  /** Where its control socket is made; below 87 bytes. */
  readonly path: string;
  /** `['-F', file]` or none. */
  readonly config: readonly string[];
};

/** The TCP connect has 10 s (`ConnectTimeout`); the rest of the handshake, jump hosts included, until then. */
const openMs = 60_000;

/**
 * @returns when sessions can be started.
 * @throws {ZferryError} the codes of `ssh-errors.ts`.
 */
export async function openMaster(options: SshMasterOptions): Promise<SshMaster> {
  const { target, path, config } = options;
  const argv = ['ssh', ...config, '-M', '-N', '-T', '-S', path, ...sshOptions, '-o', 'LogLevel=INFO'];
  const child = startChild(options.tie, [...argv, ...options.cipher, ...target.overrides, target.host], {
    stdin: null,
    stdout: null,
  });
  let words = boundedText();
  child.stderr.setEncoding('utf8').on('data', (text: string) => words.add(text));
  const state = { alive: true };
  const watch = async (): Promise<void> => {
    await child.ended;
    state.alive = false;
  };
  const ended = watch();

  const deadline = performance.now() + openMs;
  // ssh gives the socket its name when the server has let us in and it listens.
  for (let wait = 5; state.alive && !existsSync(path); wait = Math.min(wait * 1.5, 100)) {
    if (performance.now() > deadline) {
      words.add(`${target.host} did not finish the ssh handshake within ${openMs / 1000} s\n`);
      await terminate([child]);
    }
    await Promise.race([ended, sleep(wait)]);
  }
  if (!state.alive) {
    const { startError } = await child.closed;
    throw sshError(target, startError ?? words.text(), config[1]);
  }
  // What it said while it opened (the server's banner) explains no later end. What is still to be read of it has been
  // read when the event loop came round once, which the first of two immediates may not wait for.
  await soon();
  await soon();
  words = boundedText();
  return {
    alive: () => state.alive,
    words: () => words.text(),
    close: () => terminate([child]),
  };
}
