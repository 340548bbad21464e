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

/**
 * Markers on stdout and stderr, so that both can be split by command. The script itself ends with status 0.
 * @param lanes how many of those from `laneStart` on go on at the same time
 */
export function batchScript(
  commands: readonly Command[],
  nonce: string,
  tie: ScriptTie,
  lanes?: number,
): string {
  const { lines, after } = opening(tie, true);
  const start = lanes === undefined ? commands.length : laneStart(commands);
  return [
    ...lines,
    format(nonce),
    '_zp(){ printf "$_zf" $1 $2;printf "$_zf" $1 $2 >&2;}',
    `_ze(){ _zp end $1;${after}exit $1;}`,
    '_z(){ _zs=$?;_zp $1 $_zs;case $_zs$2 in 0|*o);;*)_ze 0;;esac;}',
    '_zp begin 0',
    ...body(commands.slice(0, start), tie),
    ...(lanes === undefined ? [] : inLanes(commands, start, lanes, tie)),
    '_ze 0',
  ].join('\n');
}

/** The number of the first of the optional ones at the end. */
export function laneStart(commands: readonly Command[]): number {
  return commands.findLastIndex(({ optional }) => optional !== true) + 1;
}

/** One write to a pipe stays whole up to 4096 bytes (PIPE_BUF, pipe(7)). */
const laneBytes = 2000;

/**
 * Each command is told of by one write, so that they do not mix. A lane is a shell that has every so manieth of them, and goes on only as long as
 * the one that started it is there.
 */
function inLanes(commands: readonly Command[], start: number, lanes: number, tie: ScriptTie): string[] {
  const prefix = wordsBefore(tie);
  const numbered = commands.map(({ argv }, index) => ({ argv, index })).slice(start);
  const shares = sharesOf(numbered, lanes).map((share) =>
    share.map(
      ({ argv, index }) => `kill -0 $$||exit;_zo=$(${prefix}${quoteArgv(argv)} 2>&1);_zq $? ${index}`,
    ),
  );
  if (shares.length === 0) return [];
  return [
    `_zq(){ printf "%.${laneBytes}s$_zf" "$_zo" $2 $1;}`,
    ...shares.flatMap((share, lane) => ['(', ...share, `) 2>/dev/null & _z${lane}=$!`]),
    `wait ${shares.map((_, lane) => `$_z${lane}`).join(' ')}`,
  ];
}

/** What each of so many lanes gets of them. */
export function sharesOf<T>(all: readonly T[], lanes: number): T[][] {
  return Array.from({ length: Math.min(lanes, all.length) }, (_, lane) =>
    all.filter((_, index) => index % lanes === lane),
  );
}

export type StageScript = {
  /** One for each stage. */
  readonly nonces: readonly string[];
  readonly tie: ScriptTie;
  /** A stream comes in on stdin. */
  readonly reads: boolean;
  /** Print the `begin` marker of the first stage on stdout too, for a filter that drops the greeting before it. */
  readonly beginOnStdout: boolean;
  readonly mark?: string | undefined;
  /** Nobody reads the stdout: what comes there is for people. */
  readonly stdoutToStderr: boolean;
};

/**
 * A stage, or several joined by pipes. Markers on stderr alone, since stdout is the stream. The script ends with the status of the last
 * command of its last stage.
 *
 * Several stages share one stderr. There each line begins with its stage's nonce, and a loop of the shell writes it as a whole, so that
 * they neither mix nor are taken for each other's (read by `chain-reader.ts`).
 */
export function stageScript(stages: readonly (readonly Command[])[], options: StageScript): string {
  const { nonces, tie, mark, beginOnStdout, stdoutToStderr } = options;
  const { lines, after } = opening(tie, !options.reads);
  const [first = []] = stages;
  const alone = stages.length === 1;
  return [
    ...(mark === undefined ? [] : [`: ${quoteWord(mark)}`]),
    ...lines,
    format(nonces[0]),
    '_zp(){ printf "$_zf" $1 $2 >&2;}',
    `_ze(){ _zp end $1;${alone ? after : ''}exit $1;}`,
    '_z(){ _zs=$?;_zp $1 $_zs;case $_zs$2 in 0|*o);;*)_ze $_zs;;esac;}',
    ...(beginOnStdout ? ['printf "$_zf" begin 0'] : []),
    ...(alone
      ? [...(stdoutToStderr ? ['exec >&2'] : []), ...reporting(first, tie)]
      : [...joined(stages, options), `_zs=$?;${after}exit $_zs`]),
  ].join('\n');
}

/** Passes the lines of one stage on, and ends with the status that its `end` marker bears. */
const tagger =
  '_zt(){ _zr=1;while IFS= read -r _zl||[ -n "$_zl" ];do case $_zl in "$1 end "*)_zr=${_zl##* };;esac;printf "%s %s\\n" $1 "$_zl";done;return $_zr;}';

/** Each stage in a shell of its own, its stream past the loop. Its neighbours see the end of both together. */
function joined(
  stages: readonly (readonly Command[])[],
  { nonces, tie, stdoutToStderr }: StageScript,
): string[] {
  const parts = stages.map((commands, index) => {
    const script = [format(nonces[index]), ...reporting(commands, tie)].join('\n');
    const out = stdoutToStderr && index === stages.length - 1 ? '' : ' >&4';
    return `{ {\n${script}\n} 2>&1${out} 4>&-|_zt ${nonces[index]} >&2 4>&-\n} 4>&1`;
  });
  return [tagger, parts.join('|\n')];
}

function reporting(commands: readonly Command[], tie: ScriptTie): string[] {
  return ['_zp begin 0', ...body(commands, tie), '_ze 0'];
}

function format(nonce = ''): string {
  return `_zf='\\n${nonce} %s %s\\n'`;
}

/** What a script begins with, and `after`: what it does before it ends. */
function opening(
  tie: ScriptTie,
  stdinIsFree: boolean,
): { readonly lines: readonly string[]; readonly after: string } {
  const watched = tie.kind === 'stdin' && stdinIsFree;
  const lines = [
    ...(tie.kind === 'prefix' ? [`[ $PPID = ${tie.parent} ]||exit 0`] : []),
    environment,
    ...(watched
      ? [
          'exec 3<&0 </dev/null',
          '{ read -r _zr <&3;kill -TERM -$$||kill -TERM $$;} >/dev/null 2>&1 &',
          '_zw=$!',
          'exec 3<&-',
        ]
      : []),
  ];
  return { lines, after: watched ? 'kill $_zw;' : '' };
}

function body(commands: readonly Command[], tie: ScriptTie): string[] {
  const prefix = wordsBefore(tie);
  return commands.flatMap(({ argv, optional }, index) => [
    `${prefix}${quoteArgv(argv)}`,
    optional === true ? `_z ${index} o` : `_z ${index}`,
  ]);
}

function wordsBefore(tie: ScriptTie): string {
  return tie.kind === 'prefix' ? `${tie.words.join(' ')} ` : '';
}
