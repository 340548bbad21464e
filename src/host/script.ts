/**
 * The shell scripts behind a batch and a stage. A script reports each command's status itself, in marker lines that
 * bear a nonce, because ssh cannot be asked: `zfs send -t BAD` exits 255 just as a refused connection does. What a
 * login shell prints before the `begin` marker is its greeting; without the `end` marker the answer is incomplete.
 *
 * A marker is preceded by a newline of its own, so that text without one at its end stays as it was.
 */
import type { Command } from './hosts.ts';
import { quoteArgv, quoteWord } from './quote.ts';

/** Appended, so that what the operator put first stays first; a plain user's PATH lacks the place of `zfs`. */
export const sbin = '/usr/local/sbin:/usr/sbin:/sbin';

/** English messages, and `zfs` found by a plain user too. */
export const environment = `LC_ALL=C;export LC_ALL;PATH=\${PATH:-/usr/bin:/bin}:${sbin};export PATH`;

/** How the commands of a script end with whoever wanted them. */
export type ScriptTie =
  /** The process group is ended from outside. */
  | { readonly kind: 'group' }
  /** These words before each command end it with its shell, which must be a child of that process. */
  | { readonly kind: 'prefix'; readonly words: readonly string[]; readonly parent: number }
  /**
   * The end of stdin, where no stream comes in, ends the script's process group. OpenSSH gives each session its own;
   * under a server that does not, a group of the shell's number does not exist, and the shell alone is ended.
   */
  | { readonly kind: 'stdin' };

/** What a script without a stream gets for its stdin: the open end that the tie needs, or nothing. */
export function idleStdin(tie: ScriptTie): 'open' | null {
  return tie.kind === 'stdin' ? 'open' : null;
}

/** Markers on stdout and stderr, so that both can be split by command. The script itself ends with status 0. */
export function batchScript(commands: readonly Command[], nonce: string, tie: ScriptTie): string {
  return [
    ...opening(nonce, tie, true),
    '_zp(){ printf "$_zf" $1 $2;printf "$_zf" $1 $2 >&2;}',
    '_z(){ _zs=$?;_zp $1 $_zs;case $_zs$2 in 0|*o);;*)_ze 0;;esac;}',
    '_zp begin 0',
    ...body(commands, tie),
    '_ze 0',
  ].join('\n');
}

export type StageScript = {
  readonly nonce: string;
  readonly tie: ScriptTie;
  /** A stream comes in on stdin. */
  readonly reads: boolean;
  /** Print the `begin` marker on stdout too, for a filter that drops the greeting before it. */
  readonly beginOnStdout: boolean;
  readonly mark?: string | undefined;
  /** Nobody reads the stdout: what comes there is for people. */
  readonly stdoutToStderr: boolean;
};

/** Markers on stderr alone, since stdout is the stream. The script ends with the status of its last command. */
export function stageScript(commands: readonly Command[], options: StageScript): string {
  return [
    ...(options.mark === undefined ? [] : [`: ${quoteWord(options.mark)}`]),
    ...opening(options.nonce, options.tie, !options.reads),
    '_zp(){ printf "$_zf" $1 $2 >&2;}',
    '_z(){ _zs=$?;_zp $1 $_zs;case $_zs$2 in 0|*o);;*)_ze $_zs;;esac;}',
    ...(options.beginOnStdout ? ['printf "$_zf" begin 0'] : []),
    ...(options.stdoutToStderr ? ['exec >&2'] : []),
    '_zp begin 0',
    ...body(commands, options.tie),
    '_ze 0',
  ].join('\n');
}

function opening(nonce: string, tie: ScriptTie, stdinIsFree: boolean): string[] {
  const watched = tie.kind === 'stdin' && stdinIsFree;
  return [
    ...(tie.kind === 'prefix' ? [`[ $PPID = ${tie.parent} ]||exit 0`] : []),
    environment,
    `_zf='\\n${nonce} %s %s\\n'`,
    ...(watched
      ? [
          'exec 3<&0 </dev/null',
          '{ read -r _zr <&3;kill -TERM -$$||kill -TERM $$;} >/dev/null 2>&1 &',
          '_zw=$!',
          'exec 3<&-',
        ]
      : []),
    `_ze(){ _zp end 0;${watched ? 'kill $_zw;' : ''}exit $1;}`,
  ];
}

function body(commands: readonly Command[], tie: ScriptTie): string[] {
  const prefix = tie.kind === 'prefix' ? `${tie.words.join(' ')} ` : '';
  return commands.flatMap(({ argv, optional }, index) => [
    `${prefix}${quoteArgv(argv)}`,
    optional === true ? `_z ${index} o` : `_z ${index}`,
  ]);
}
