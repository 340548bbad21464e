import { ZferryError } from '../zfs/failure.ts';
import type { HostName } from './hosts.ts';
import type { Machine } from './machine.ts';
import { oneLine } from './one-line.ts';
import { quoteArgv } from './quote.ts';
import { renderLine } from './render.ts';
import { environment } from './script.ts';
import { sshError } from './ssh-errors.ts';
import { sshOptions } from './ssh-options.ts';
import { checkHostName } from './ssh-target.ts';

/** What `from` calls to run a script on a host that it reaches by its own ssh, its keys and its configuration. */
export function farWords(host: HostName, script: string): string[] {
  // Each its own connection: one that others share would not end before they do.
  const alone = ['-o', 'ControlMaster=no', '-o', 'ControlPath=none'];
  return ['ssh', '-T', '-o', 'LogLevel=ERROR', ...alone, ...sshOptions, host, renderLine(script)];
}

/** What is said from the other machine's point of view. */
const reasons: Readonly<Record<string, (from: string, host: string) => string>> = {
  'key-refused': (from, host) => `no key of ${from} is accepted on ${host}`,
  'host-unknown': (from) => `${from} knows no host by that name`,
  'host-key-unknown': (from, host) => `the host key of ${host} is not known on ${from}`,
  'host-key-changed': (from, host) => `${host} shows another host key than ${from} knows`,
};

/**
 * A machine reached from another one and not from here.
 * @throws {ZferryError} `bad-host`
 */
export function farMachine(from: Machine, host: HostName): Machine {
  checkHostName(host);
  return {
    host,
    enter: async (count, signal) => await from.enter(count, signal),
    argv: (script) => from.argv(`${environment}\nexec ${quoteArgv(farWords(host, script))}`),
    tie: { kind: 'stdin' },
    greets: 'unknown',
    explain({ began, words, command }) {
      const said = words.trim();
      if (began) {
        return new ZferryError({
          code: 'connection-lost',
          message: `The connection from ${from.host} to ${host} was lost`,
          host: from.host,
          command,
          meaning: said === '' ? undefined : `It said: ${said}`,
          next: 'Once they reach each other, run the same command again: it goes on from where it was.',
        });
      }
      const { code, message } = sshError({ host, keyName: host }, words);
      return new ZferryError({
        code,
        message: `${from.host} cannot reach ${host} by its own ssh: ${reasons[code]?.(from.host, host) ?? message}`,
        host: from.host,
        command,
        meaning: said === '' ? undefined : `it said: ${oneLine(said)}`,
        next: `Log in to ${from.host} and see that this works there without a question: ssh ${host} true; or leave --direct out, and the data comes through this machine.`,
      });
    },
    close: async () => undefined,
  };
}
