/**
 * The shell scripts behind a batch and a stage. A script reports each command's status itself, in marker lines that
 * bear a nonce, because ssh cannot be asked: `zfs send -t BAD` exits 255 just as a refused connection does. What a
 * login shell prints before the `begin` marker is its greeting; without the `end` marker the answer is incomplete.
 *
 * A marker is preceded by a newline of its own, so that text without one at its end stays as it was.
 */
import type { Command } from './hosts.ts';
import { quoteArgv } from './quote.ts';

/** Appended, so that what the operator put first stays first; a plain user's PATH lacks the place of `zfs`. */
export const sbin = '/usr/local/sbin:/usr/sbin:/sbin';

const environment = `LC_ALL=C;export LC_ALL;PATH=\${PATH:-/usr/bin:/bin}:${sbin};export PATH`;

export type ScriptTie = {
  /** Words put before each command, so that it ends with its shell: see `tie.ts`. */
  readonly prefix: readonly string[];
  /** The process that the shell must be a child of, else it does nothing. */
  readonly parent?: number | undefined;
};

const untied: ScriptTie = { prefix: [] };

/** Markers on stdout and stderr, so that both can be split by command. The script itself ends with status 0. */
export function batchScript(commands: readonly Command[], nonce: string, tie: ScriptTie = untied): string {
  return [
    ...opening(nonce, tie),
    '_zp(){ printf "$_zf" $1 $2;printf "$_zf" $1 $2 >&2;}',
    '_z(){ _zs=$?;_zp $1 $_zs;case $_zs$2 in 0|*o);;*)_zp end 0;exit 0;;esac;}',
    '_zp begin 0',
    ...commands.flatMap((command, index) => [line(command, tie), mark(command, index)]),
    '_zp end 0',
  ].join('\n');
}

export type StageScript = {
  readonly nonce: string;
  readonly tie?: ScriptTie;
  /** Print the `begin` marker on stdout too, for a filter that drops the greeting before it. */
  readonly beginOnStdout: boolean;
  /** Nobody reads the stdout: what comes there is for people. */
  readonly stdoutToStderr: boolean;
};

/** Markers on stderr alone, since stdout is the stream. The script ends with the status of its last command. */
export function stageScript(commands: readonly Command[], options: StageScript): string {
  const tie = options.tie ?? untied;
  return [
    ...opening(options.nonce, tie),
    '_zp(){ printf "$_zf" $1 $2 >&2;}',
    '_z(){ _zs=$?;_zp $1 $_zs;case $_zs$2 in 0|*o);;*)_zp end 0;exit $_zs;;esac;}',
    ...(options.beginOnStdout ? ['printf "$_zf" begin 0'] : []),
    ...(options.stdoutToStderr ? ['exec >&2'] : []),
    '_zp begin 0',
    ...commands.flatMap((command, index) => [line(command, tie), mark(command, index)]),
    '_zp end 0',
  ].join('\n');
}

function opening(nonce: string, tie: ScriptTie): string[] {
  return [
    ...(tie.parent === undefined ? [] : [`[ $PPID = ${tie.parent} ]||exit 0`]),
    environment,
    `_zf='\\n${nonce} %s %s\\n'`,
  ];
}

function line(command: Command, tie: ScriptTie): string {
  return [...tie.prefix, quoteArgv(command.argv)].join(' ');
}

function mark(command: Command, index: number): string {
  return command.optional === true ? `_z ${index} o` : `_z ${index}`;
}
