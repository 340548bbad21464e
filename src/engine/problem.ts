import type { CommandResult, HostName } from '../host/hosts.ts';
import { quoteArgv } from '../host/quote.ts';
import { onHost } from '../plan/place.ts';
import { explainZfsError } from '../zfs/errors.ts';
import { ZferryError } from '../zfs/failure.ts';
import { isSendTalk } from '../zfs/send-output.ts';

/** A failure as plain data: what failed, on which host, what it means, what to do. */
export type Problem = {
  readonly code: string;
  readonly message: string;
  readonly host: string | undefined;
  readonly command: string | undefined;
  readonly meaning: string | undefined;
  readonly next: string | undefined;
};

export function problemOf(error: ZferryError): Problem {
  const { code, message, host, command, meaning, next } = error;
  return { code, message, host, command, meaning, next };
}

/** The error of a `zfs` or `zpool` command that ended with another status than 0. */
export function commandError(
  host: HostName,
  result: Pick<CommandResult, 'argv' | 'stderr' | 'status'>,
  doing: string,
): ZferryError {
  const lines = saidLines(result.stderr);
  const said = lines.join(' ');
  const known = explainZfsError(lines.join('\n'));
  const where = onHost(host);
  // A shell says "Killed" and the like of what it ran.
  const signal = /^\w*$/.test(said) ? signalOf(result.status) : undefined;
  return new ZferryError({
    code: known?.code ?? (signal === undefined ? 'command-failed' : 'killed'),
    message: `${doing} failed ${where}: ${known?.meaning ?? (signal === undefined && said ? said : endText(result.status))}`,
    host,
    command: quoteArgv(result.argv),
    meaning: known && known.code !== 'no-zfs' && said ? `it said: ${said}` : undefined,
    next:
      known &&
      (host === '' || known.next.startsWith('run the same') ? known.next : `on ${host}: ${known.next}`),
  });
}

/** The error of what a stream goes through between `zfs send` and `zfs receive`. */
export function filterError(
  host: HostName,
  { argv, stderr, status }: Pick<CommandResult, 'argv' | 'stderr' | 'status'>,
  doing: string,
): ZferryError {
  const said = saidText(stderr);
  const signal = /^\w*$/.test(said) ? signalOf(status) : undefined;
  const [program = ''] = argv;
  return new ZferryError({
    code: signal === undefined ? 'filter-failed' : 'killed',
    message: `${doing} failed ${onHost(host)}, in ${program}: ${signal === undefined && said ? said : endText(status)}`,
    host,
    command: quoteArgv(argv),
    meaning: 'what is sent goes through it',
    next: 'see to it there, then run the same command again: it goes on from where it was',
  });
}

/** The signal by which a shell says that a command was ended. */
function signalOf(status: number | undefined): number | undefined {
  return status !== undefined && status > 128 && status < 160 ? status - 128 : undefined;
}

function endText(status: number | undefined): string {
  const signal = signalOf(status);
  return signal === undefined
    ? `exit status ${status ?? 'unknown'}`
    : `it was killed there (signal ${signal})`;
}

/** `zfs receive -s` tells people how to go on by hand; the token is long. */
const tokenAdvice = /^A resuming stream can be generated|^zfs send -t 1-/;

/** What a command printed on stderr, without progress lines, in one line. */
export function saidText(stderr: string): string {
  return saidLines(stderr).join(' ');
}

function saidLines(stderr: string): string[] {
  return stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !isSendTalk(line) && !tokenAdvice.test(line));
}

/** The first result that failed and was not allowed to, if there is one. */
export function firstFailure<R extends Pick<CommandResult, 'status'>>(results: readonly R[]): R | undefined {
  return results.find((result) => result.status !== undefined && result.status !== 0);
}
