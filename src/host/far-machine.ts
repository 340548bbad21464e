import { ZferryError } from '../zfs/failure.ts';
import type { HostName } from './hosts.ts';
import type { Machine } from './machine.ts';
import { quoteArgv } from './quote.ts';
import { renderLine } from './render.ts';
import { environment } from './script.ts';
import { sshError } from './ssh-errors.ts';
import { sshOptions } from './ssh-options.ts';
import { checkHostName } from './ssh-target.ts';

/** What `from` calls to run a script on a host that it reaches by its own ssh, its keys and its configuration. */
export function farWords(host: HostName, script: string): string[] {
  return ['ssh', '-T', '-o', 'LogLevel=ERROR', ...sshOptions, host, renderLine(script)];
}

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
        message: `${from.host} cannot reach ${host} by its own ssh: ${message}`,
        host: from.host,
        command,
        meaning: said === '' ? undefined : `It said: ${said}`,
        next: `Log in to ${from.host} and see that this works there without a question: ssh ${host} true; or leave --direct out, and the data comes through this machine.`,
      });
    },
    close: async () => undefined,
  };
}
