import { chainsOf } from './chain.ts';
import type { Command, HostName, Stage } from './hosts.ts';
import { quoteArgv, quoteWord } from './quote.ts';
import { laneStart, sharesOf } from './script.ts';

/**
 * Commands as a line that a person can paste into a shell and get what ran, without what carries it (markers,
 * octal, connection sharing).
 * @param sshConfig the file given to `ssh -F`, if any.
 * @param from the host that reaches it by its own ssh, if any.
 */
export function shellLine(
  host: HostName,
  commands: readonly Command[],
  sshConfig?: string,
  from?: HostName,
  atOnce?: number,
): string {
  const line = atOnce === undefined ? inOrderLine(commands) : lanesLine(commands, atOnce);
  if (from !== undefined)
    return `${sshWords(from, sshConfig)} ${quoteWord(shellLine(host, commands, undefined, undefined, atOnce))}`;
  if (host === '') return line;
  return `${sshWords(host, sshConfig)} ${quoteWord(line)}`;
}

function inOrderLine(commands: readonly Command[]): string {
  return commands
    .map((command) => {
      const words = quoteArgv(command.argv);
      return command.optional === true && commands.length > 1 ? `{ ${words} || true; }` : words;
    })
    .join(' && ');
}

function lanesLine(commands: readonly Command[], lanes: number): string {
  const start = laneStart(commands);
  const shares = sharesOf(commands.slice(start), lanes).map(
    (share) => `{ ${share.map(({ argv }) => quoteArgv(argv)).join('; ')}; } &`,
  );
  const first = start === 0 ? '' : `${inOrderLine(commands.slice(0, start))} && `;
  return shares.length === 0 ? inOrderLine(commands) : `${first}{ ${shares.join(' ')} wait; }`;
}

/** A pipeline as such a line. */
export function pipeLine(stages: readonly Stage[], sshConfig?: string): string {
  const here = ({ commands }: Stage): string => {
    const line = shellLine('', commands);
    return commands.length > 1 ? `(${line})` : line;
  };
  return chainsOf(stages)
    .map((chain) => {
      const [only] = chain;
      if (only === undefined || only.host === '') return chain.map(here).join(' | ');
      if (chain.length === 1) return shellLine(only.host, only.commands, sshConfig);
      return `${sshWords(only.host, sshConfig)} ${quoteWord(chain.map(here).join(' | '))}`;
    })
    .join(' | ');
}

/** One that joins two hosts without this machine. */
export function directLine(stages: readonly Stage[], sshConfig?: string): string {
  const from = stages[0]?.host ?? '';
  const line = pipeLine(stages.map((stage) => (stage.host === from ? { ...stage, host: '' } : stage)));
  return `${sshWords(from, sshConfig)} ${quoteWord(line)}`;
}

/** `ssh nas`, as the operator would type it to reach the same machine. */
export function sshWords(host: HostName, sshConfig?: string): string {
  return quoteArgv(['ssh', ...(sshConfig === undefined ? [] : ['-F', sshConfig]), host]);
}
