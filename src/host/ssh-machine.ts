import { ZferryError } from '../zfs/failure.ts';
import { cancelled } from './cancelled.ts';
import type { HostName } from './hosts.ts';
import type { Machine, Unfinished } from './machine.ts';
import { renderLine } from './render.ts';
import { sessions } from './sessions.ts';
import { sshWords } from './shell-line.ts';
import { sshError } from './ssh-errors.ts';
import { openMaster, type SshMaster } from './ssh-master.ts';
import { sshOptions } from './ssh-options.ts';
import type { SshProbe } from './ssh-probe.ts';
import { checkHostName, type SshTarget } from './ssh-target.ts';
import type { Tie } from './tie.ts';

/** sshd's MaxSessions is 10 where nobody changed it; two are left for what ends late. */
const maxSessions = 8;

type Connection =
  | { readonly kind: 'closed' }
  | { readonly kind: 'opening'; readonly opened: Promise<SshMaster> }
  | { readonly kind: 'open'; readonly master: SshMaster };

export type SshMachineOptions = {
  readonly host: HostName;
  readonly tie: Tie;
  readonly probe: SshProbe;
  /** A private folder for control sockets. */
  readonly folder: string;
  readonly sshConfig: string | undefined;
};

let sockets = 0;

/**
 * A machine reached by the system's ssh, so that keys, agents, jump hosts and the operator's configuration count. One
 * connection carries all sessions; it is opened when it is first wanted, and anew when it has ended.
 * @throws {ZferryError} `bad-host`
 */
export function sshMachine({ host, tie, probe, folder, sshConfig }: SshMachineOptions): Machine {
  checkHostName(host);
  const config = sshConfig === undefined ? [] : ['-F', sshConfig];
  const free = sessions(maxSessions);
  let target: SshTarget = { host, keyName: host, overrides: [], ciphers: undefined };
  let path = '';
  let connection: Connection = { kind: 'closed' };

  const open = async (): Promise<SshMaster> => {
    const probed = await probe(host);
    target = probed.target;
    path = `${folder}/c${++sockets}`;
    return await openMaster({ tie, target, cipher: probed.cipher, path, config });
  };
  const connect = async (): Promise<void> => {
    if (connection.kind === 'open' && connection.master.alive()) return;
    if (connection.kind !== 'opening') connection = { kind: 'opening', opened: open() };
    const { opened } = connection;
    try {
      const master = await opened;
      if (connection.kind === 'opening' && connection.opened === opened)
        connection = { kind: 'open', master };
    } catch (error) {
      if (connection.kind === 'opening' && connection.opened === opened) connection = { kind: 'closed' };
      throw error;
    }
  };

  return {
    host,
    async enter(count, signal) {
      const release = await free.take(count, signal);
      try {
        await orCancelled(connect(), signal);
      } catch (error) {
        release();
        throw error;
      }
      return release;
    },
    argv(script) {
      const shared = ['ssh', ...config, '-S', path, '-o', 'ControlMaster=no', '-o', 'LogLevel=ERROR', '-T'];
      return [...shared, ...sshOptions, ...target.overrides, host, renderLine(script)];
    },
    tie: { kind: 'stdin' },
    greets: 'unknown',
    explain(end) {
      const words = connection.kind === 'open' ? connection.master.words() : '';
      return unfinished(target, end, words, sshConfig);
    },
    async close() {
      const last = connection;
      connection = { kind: 'closed' };
      if (last.kind === 'open') await last.master.close();
      // Who waits for it is told why it failed; here only its end counts.
      if (last.kind === 'opening')
        await last.opened.then(
          (master) => master.close(),
          () => undefined,
        );
    },
  };
}

function unfinished(
  target: SshTarget,
  { began, exit, words, command }: Unfinished,
  masterWords: string,
  sshConfig: string | undefined,
): ZferryError {
  const { host } = target;
  const said = [words, masterWords].map((text) => text.trim()).filter((text) => text !== '');
  if (!began && exit.code === 255) {
    // Without a session left in the master, ssh connected by itself, and that failed.
    const error = sshError(target, words, sshConfig);
    if (error.code !== 'ssh-failed') return error;
  }
  if (!began && exit.code !== 255 && exit.code !== undefined) {
    return new ZferryError({
      code: 'login-shell',
      message: `${host} let us in but ran no command: its login shell ended with status ${exit.code}`,
      host,
      command,
      meaning: said.length === 0 ? undefined : `It said: ${said.join('\n')}`,
      next: `Give that user a login shell that runs commands (sh, bash, csh, fish), and see: ${sshWords(host, sshConfig)} true`,
    });
  }
  return new ZferryError({
    code: 'connection-lost',
    message: `The connection to ${host} was lost`,
    host,
    command,
    meaning:
      said.length === 0
        ? 'ssh ended before the far side had said how its commands ended.'
        : `ssh said: ${said.join('\n')}`,
    next: 'Once the host answers, run the same command again: it goes on from where it was.',
  });
}

async function orCancelled<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await promise;
  if (signal.aborted) throw cancelled();
  let abort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(cancelled());
    signal.addEventListener('abort', abort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
